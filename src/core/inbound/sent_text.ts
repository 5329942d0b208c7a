/** Removes our own sentences from a reply: what we sent is known, so no mail program's way of quoting can hide it. */
import { fold, plainWords } from './words.ts';

/** A message of ours that the reply may quote. */
export type SentText = { subject: string; body: string };

/** Shorter lines and sentences may be the sender's own. */
const WORDS_MIN = 4;
const READ_MAX = 20_000;

/** `own`: the reply without our sentences. `ours`: those sentences, one a line. */
export function withoutSent(reply: string, sent: readonly SentText[]): { own: string; ours: string } {
  if (sent.length === 0) return { own: reply, ours: '' };
  const known = ` ${sent.map(({ subject, body }) => wordsOf(`${subject}\n${body}`)).join(' | ')} `;
  const isKnown = (text: string) => {
    const words = wordsOf(text);
    return words.split(' ').length >= WORDS_MIN && known.includes(` ${words} `);
  };
  const ours: string[] = [];
  const lines = reply.split('\n').map((line) => {
    if (line.trim() === '') return { text: '', is_ours: false };
    if (isKnown(line)) {
      ours.push(line);
      return { text: line, is_ours: true };
    }
    const kept = line.split(/(?<=[.!?])(?=\s)/).filter((sentence) => {
      if (!isKnown(sentence)) return true;
      ours.push(sentence);
      return false;
    });
    return { text: kept.join('').trim(), is_ours: false };
  });
  if (ours.length === 0) return { own: reply, ours: '' };
  const own = lines.filter((line, at) => !line.is_ours && !isBetween(lines, at, known));
  return { own: joined(own.map(({ text }) => text)), ours: ours.join('\n') };
}

type Line = { text: string; is_ours: boolean };

/** A short line of ours, for example our closing, with our lines on both sides. */
function isBetween(lines: readonly Line[], at: number, known: string): boolean {
  const words = wordsOf(lines[at]!.text);
  if (words === '' || !known.includes(` ${words} `)) return false;
  const before = lines.slice(0, at).findLast(({ text }) => text !== '');
  const after = lines.slice(at + 1).find(({ text }) => text !== '');
  return before?.is_ours === true && (after === undefined || after.is_ours);
}

function wordsOf(text: string): string {
  return plainWords(fold(text, READ_MAX)).join(' ');
}

function joined(lines: readonly string[]): string {
  return lines
    .filter((line, at) => line !== '' || lines[at - 1] !== '')
    .join('\n')
    .trim();
}
