import { isUtf8 } from 'node:buffer';
import type { RejectionScope, SmtpStage } from './connector.ts';

/** A complete reply. `text` holds all its lines, printable, at most `MAX_TEXT` characters. */
export type SmtpReply = { code: number; enhanced?: string; text: string };

// A reply line may have 512 octets (RFC 5321 section 4.5.3.1.5) and an EHLO reply may have dozens of lines.
const MAX_REPLY_BYTES = 65_536;
const MAX_TEXT = 1_000;

export type ReplyReader = {
  /** Takes bytes from the socket. */
  push(chunk: Buffer): void;
  /** The next complete reply, `null` if incomplete, or what is wrong with it. */
  next(): SmtpReply | null | { malformed: string };
  /** Whether unread bytes are waiting: before a command is written there must be none. */
  pending(): boolean;
};

/**
 * Splits a byte stream into SMTP replies (RFC 5321 section 4.2). Strict where it matters: three digits from 200 to 599, one
 * code for all lines, and no line counts before its end. A truncated `250` is therefore no reply. Tolerant where harmless:
 * bare LF, empty lines, any text.
 */
export function replyReader(): ReplyReader {
  let buffered = '';
  let lines: string[] = [];
  let held = 0;
  return {
    push(chunk) {
      buffered += chunk.toString('latin1');
    },
    pending: () => lines.length > 0 || buffered.trim() !== '',
    next() {
      for (;;) {
        const end = buffered.indexOf('\n');
        if (held + buffered.length > MAX_REPLY_BYTES) return { malformed: 'a reply without end' };
        if (end < 0) return null;
        const line = buffered.slice(0, end).replace(/\r$/, '');
        buffered = buffered.slice(end + 1);
        if (line.trim() === '') continue;
        const match = /^([2-5]\d\d)(?:([ -]).*)?$/s.exec(line);
        if (match === null || (lines.length > 0 && lines[0]?.slice(0, 3) !== match[1])) {
          return { malformed: printable(decode(line)) };
        }
        lines.push(decode(line));
        held += line.length;
        if (match[2] === '-') continue;
        const reply = readReply(lines);
        lines = [];
        held = 0;
        return reply;
      }
    },
  };
}

/** Parses a complete reply in text form (nodemailer's errors contain one); `null` if it is not one. */
export function parseReply(text: string): SmtpReply | null {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return lines.length > 0 && lines.every((line) => /^[2-5]\d\d(?:[ -]|$)/.test(line))
    ? readReply(lines)
    : null;
}

/**
 * Whether a permanent rejection concerns the sender, the recipient, or the message. An enhanced code (RFC 3463)
 * decides, since a bare 550 can mean anything: 5.1.x and 5.2.x the recipient's address, except 5.1.7 and 5.1.8, the
 * sender's; 5.7.x policy, so the mailbox pauses and the lead is not to blame; 5.3.4 and 5.6.x the message. Without one,
 * the command decides. Syntax and sequence errors (500 to 504, 5.5.1 and up) concern the message, never an address.
 * 5.5.0 has no meaning of its own; outlook.com sends it for mailboxes that do not exist.
 */
export function rejectionScope(stage: SmtpStage, reply: SmtpReply): RejectionScope {
  const enhanced = reply.enhanced ?? '';
  const login_needed = [530, 534, 535, 538].includes(reply.code);
  if (stage === 'open' || login_needed || /^5\.(7\.|1\.[78]$)/.test(enhanced)) return 'sender';
  if (/^5\.(6\.|5\.[1-9]|3\.4$)/.test(enhanced)) return 'message';
  if (/^5\.[12]\./.test(enhanced)) return stage === 'mail' ? 'sender' : 'recipient';
  if (stage === 'mail') return 'sender';
  if (reply.code >= 500 && reply.code <= 504) return 'message';
  return stage === 'rcpt' ? 'recipient' : 'message';
}

/**
 * A server's text, safe to store and show: no control characters but line breaks, bounded, and never cut within a
 * character.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  const shown = text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
  return shown.slice(0, MAX_TEXT).toWellFormed();
}

function readReply(lines: string[]): SmtpReply {
  const last = lines.at(-1) ?? '';
  const code = Number(last.slice(0, 3));
  const enhanced = /^([245])\d\d[ -](\1\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(lines[0] ?? '')?.[2];
  const text = printable(lines.join('\n'));
  return enhanced === undefined ? { code, text } : { code, enhanced, text };
}

/** Reply text has no charset (RFC 5321 section 4.2.1): UTF-8 if valid, else byte by byte. */
function decode(line: string): string {
  const bytes = Buffer.from(line, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : line;
}
