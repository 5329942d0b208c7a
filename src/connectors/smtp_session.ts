import type { SendHooks, SendOutcome, SmtpStage } from './connector.ts';
import type { Answer, SmtpLine } from './smtp_line.ts';
import { rejectionScope, type SmtpReply } from './smtp_reply.ts';

/** `stale`: an idle session was dead at its first command; nothing was started on it. */
export type Delivery = { outcome: SendOutcome; stale: boolean };

/**
 * One message, one recipient, over an open session: MAIL, RCPT, the hook, DATA, the message (RFC 5321 section 3.3). Each
 * command waits for the previous reply, even if the server offers PIPELINING: DATA must not be written before the hook has
 * answered.
 *
 * The session stays open only after `sent`; otherwise it is closed, since a new session is cheaper than doubt about its
 * state. Takes at most four reply timeouts plus the hook.
 */
export async function deliver(
  line: SmtpLine,
  envelope: { from: string; to: string },
  mime: Buffer,
  hooks: SendHooks = {},
): Promise<Delivery> {
  const mail = await line.ask(`MAIL FROM:<${envelope.from}>`);
  if (positive(mail) === null) return { outcome: beforeTheData(line, 'mail', mail), stale: isGone(mail) };

  const rcpt = await line.ask(`RCPT TO:<${envelope.to}>`);
  if (positive(rcpt) === null) return { outcome: beforeTheData(line, 'rcpt', rcpt), stale: false };

  if (!(await mayGo(line, hooks))) return { outcome: { kind: 'canceled' }, stale: false };

  const data = await line.ask('DATA');
  // Only 354. nodemailer also accepts a 250, but such a server is not reading a message.
  if (data.kind !== 'reply' || data.reply.code !== 354) {
    return { outcome: beforeTheData(line, 'data', data), stale: false };
  }
  return { outcome: afterTheData(line, await line.askBody(mime)), stale: false };
}

async function mayGo(line: SmtpLine, hooks: SendHooks): Promise<boolean> {
  if (hooks.beforeData === undefined) return true;
  try {
    const go = await hooks.beforeData();
    if (!go) line.quit();
    return go;
  } catch (error) {
    line.quit();
    throw error;
  }
}

/** No `354` yet: the server has no message. */
function beforeTheData(line: SmtpLine, stage: SmtpStage, answer: Answer): SendOutcome {
  if (answer.kind === 'reply' && refused(answer.reply)) {
    line.quit();
    return refusal(stage, answer.reply);
  }
  line.drop();
  return { kind: 'deferred', response: account(answer) };
}

/** The server sent `354`. Only a final reply settles the outcome. */
function afterTheData(line: SmtpLine, answer: Answer): SendOutcome {
  const accepted = positive(answer);
  if (accepted !== null) return { kind: 'sent', response: accepted.text };
  // A rejection may arrive before the end of the message: our remaining bytes must not be read as commands.
  line.drop();
  if (answer.kind === 'reply' && refused(answer.reply)) return refusal('body', answer.reply);
  return { kind: 'unknown', response: account(answer) };
}

/** A 4xx or 5xx as an outcome. `stage` and the reply decide the subject of a 5xx. */
export function refusal(stage: SmtpStage, reply: SmtpReply): SendOutcome {
  if (reply.code < 500) return { kind: 'deferred', smtp_code: reply.code, response: reply.text };
  const scope = rejectionScope(stage, reply);
  const { code: smtp_code, enhanced: enhanced_code, text: response } = reply;
  const rejected = { kind: 'rejected', smtp_code, response, scope, stage } as const;
  return enhanced_code === undefined ? rejected : { ...rejected, enhanced_code };
}

export function refused(reply: SmtpReply): boolean {
  return reply.code >= 400;
}

function positive(answer: Answer): SmtpReply | null {
  return answer.kind === 'reply' && answer.reply.code >= 200 && answer.reply.code < 300 ? answer.reply : null;
}

/** Lost silently, or with the 421 that announces it (RFC 5321 section 4.2.3). */
function isGone(answer: Answer): boolean {
  return answer.kind === 'lost' || (answer.kind === 'reply' && answer.reply.code === 421);
}

function account(answer: Answer): string {
  if (answer.kind === 'lost') return answer.why;
  if (answer.kind === 'malformed') return `not an SMTP reply: ${answer.text}`;
  return `unexpected reply: ${answer.reply.text}`;
}
