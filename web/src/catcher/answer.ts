import type { Message } from './message.ts';

/** A reply as the recipient of a caught message would send it: it refers to that message and quotes it. */
export function answerTo(message: Message, text: string, now: Date): string {
  const from = message.to[0] ?? message.envelope.to[0] ?? '';
  const id = `${now.getTime()}.${Math.random().toString(36).slice(2)}@answers.example`;
  const quoted = message.text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
  return [
    `From: ${oneLine(from)}`,
    `To: ${oneLine(message.from)}`,
    `Subject: Re: ${oneLine(message.subject)}`,
    `Date: ${now.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}>`,
    `In-Reply-To: ${oneLine(message.message_id)}`,
    `References: ${oneLine(message.message_id)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    text,
    '',
    `On ${now.toUTCString()}, ${oneLine(message.from)} wrote:`,
    quoted,
    '',
  ].join('\n');
}

/** Keeps a value from starting a header of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
