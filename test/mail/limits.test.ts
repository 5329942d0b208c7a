import { expect, test } from 'vitest';
import { classifyInbound } from '../../src/core/inbound/inbound.ts';
import { replyIntent } from '../../src/core/inbound/intent.ts';
import { splitQuoted } from '../../src/core/inbound/quotes.ts';
import { returnDate } from '../../src/core/inbound/return_date.ts';
import { MAX_MAIL_BYTES, readMail } from '../../src/mail/read_mail.ts';

/* Messages designed to be slow, and texts designed to trap regular expressions. */

const MAX_CPU_MS = 1_000;
const HEAD = 'From: purchasing@buyer.example\r\nSubject: Re: x\r\nDate: Mon, 27 Jul 2026 10:00:00 +0200\r\n';

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function faultOf(source: string | Uint8Array): string | null {
  const mail = readMail(typeof source === 'string' ? Buffer.from(source, 'latin1') : source);
  return 'fault' in mail ? mail.fault : null;
}

const nested = (depth: number) =>
  `${HEAD}${Array.from({ length: depth }, (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`).join('')}\r\nhello`;
const many = (count: number) =>
  `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(count)}--b--\r\n`;

test('a message that is too large, too deep or too long is an error', () => {
  expect(faultOf(Buffer.alloc(MAX_MAIL_BYTES + 1, 97))).toBe('too_large');
  expect(faultOf(nested(100))).toBe(null);
  expect(faultOf(nested(101))).toBe('too_deep');
  expect(faultOf(many(9_999))).toBe(null);
  expect(faultOf(many(10_000))).toBe('too_many_parts');
  expect(faultOf(`${HEAD}${'X-A: b\r\n'.repeat(400_000)}\r\nhello`)).toBe('headers_too_large');
  expect(faultOf('')).toBe(null);
});

const full = (piece: string) => piece.repeat(Math.floor((MAX_MAIL_BYTES - 2_000) / piece.length));
const BOUNDARY = `Content-Type: multipart/mixed; boundary=${'-'.repeat(60)}b\r\n\r\n`;
const HTML = 'Content-Type: text/html; charset=utf-8\r\n\r\n';

const LARGE: readonly (readonly [string, () => string])[] = [
  ['short lines', () => `${HEAD}\r\n${full('a\n')}`],
  ['empty lines', () => `${HEAD}\r\n${full('\n')}`],
  ['almost boundaries', () => `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${full('--c\n')}`],
  ['hyphens', () => `${HEAD}${BOUNDARY}${full('-')}`],
  ['lines of hyphens', () => `${HEAD}${BOUNDARY}${full(`${'-'.repeat(62)}\n`)}`],
  ['one long line', () => `${HEAD}\r\n${full('a')}`],
  ['only a header', () => `Subject: ${full('a b ')}`],
  ['folded header', () => `Subject: x\r\n${full(' y\r\n')}`],
  ['base64', () => `${HEAD}Content-Transfer-Encoding: base64\r\n\r\n${full('QUJD')}`],
  ['quoted-printable', () => `${HEAD}Content-Transfer-Encoding: quoted-printable\r\n\r\n${full('=C3=A9')}`],
  ['open tags', () => `${HEAD}${HTML}${full('<b')}`],
  ['open quotes in tags', () => `${HEAD}${HTML}${full('<a href="')}`],
  ['open comments', () => `${HEAD}${HTML}${full('<!--')}`],
  ['open scripts', () => `${HEAD}${HTML}${full('<script>')}`],
  ['blockquotes', () => `${HEAD}${HTML}${full('<blockquote>a')}`],
  ['entities', () => `${HEAD}${HTML}${full('&#38;')}`],
  ['angle brackets', () => `References: ${full('<')}`],
  ['encoded words', () => `Subject: ${full('=?utf-8?Q?a?=')}`],
];

test.each(LARGE)('25 MB of %s take less than a second', (_name, make) => {
  const bytes = Buffer.from(make(), 'latin1');
  const spent_ms = cpuMs(() => {
    const mail = readMail(bytes);
    if (!('fault' in mail)) classifyInbound(mail);
  });
  expect(spent_ms).toBeLessThan(MAX_CPU_MS);
});

const TEXT_LENGTH = 200_000;
const PIECES = [
  'a',
  ' ',
  '\n',
  '> ',
  '>\n',
  '-',
  '- ',
  '-- \n',
  'on ',
  'on 1 ',
  'wrote:\n',
  'On 1\n',
  'Am 3. ',
  'from: x\n',
  'from: x\nsent: y\n',
  'remove ',
  'remove from ',
  'stop. ',
  'unsubscribe ',
  '1/2',
  '3. ',
  'august 14 ',
  '14 ',
  'until ',
  'the ',
  'until the ',
  'back ',
  '<a@b.example> ',
  'a@b.',
  'a@',
  '5.1.1 ',
  '5.',
  'mailbox ',
  'user ',
  '\u0301',
  'e\u0301\u0323',
  '\u00df',
  '*from:* ',
  '_',
  'message-id: <',
  '?',
  '. ',
  'x.',
  'de el la ',
  'A. ',
  '\t\t',
  '\u200b',
  '"',
  '(',
  'http://',
  'https://a',
  'not interested ',
  'no, ',
];

test.each(PIECES.map((piece) => [JSON.stringify(piece), piece] as const))(
  'no rule takes a second for 200 kB of %s',
  (_shown, piece) => {
    const text = piece.repeat(Math.ceil(TEXT_LENGTH / piece.length)).slice(0, TEXT_LENGTH);
    const sent = 'Mon, 27 Jul 2026 10:00:00 +0200';
    expect(cpuMs(() => splitQuoted(text))).toBeLessThan(MAX_CPU_MS);
    expect(cpuMs(() => replyIntent(text))).toBeLessThan(MAX_CPU_MS);
    expect(cpuMs(() => returnDate(text, '2026-07-27T10:00:00+02:00'))).toBeLessThan(MAX_CPU_MS);
    for (const head of [
      `From: mailer-daemon@mx.example\r\nSubject: failure notice\r\nDate: ${sent}\r\n\r\n`,
      `From: purchasing@buyer.example\r\nAuto-Submitted: auto-replied\r\nDate: ${sent}\r\n\r\n`,
      `From: purchasing@buyer.example\r\nDate: ${sent}\r\nSubject: ${text.slice(0, 20_000).replaceAll('\n', ' ')}\r\n\r\n`,
    ]) {
      const bytes = Buffer.from(head + text);
      const spent_ms = cpuMs(() => {
        const mail = readMail(bytes);
        if (!('fault' in mail)) classifyInbound(mail);
      });
      expect(spent_ms, head).toBeLessThan(MAX_CPU_MS);
    }
  },
);
