/** Renders a case as the bytes that its mail program sends: quoting, headers, charset, and encoding. */
import { type Case, isHuman, type Language } from './cases.ts';
import { type Layout, layoutOf, PROGRAMS, type Program } from './programs.ts';
import { FOOTER, type SentText, sentText } from './sent_texts.ts';

export type Rendered = {
  program: Program;
  source: Buffer;
  sent: SentText;
  /** The lines of the quote and its introduction. */
  quote: string;
};

const REPLY_PREFIXES: Readonly<Record<Language, readonly string[]>> = {
  en: ['Re: ', 'RE: '],
  de: ['AW: ', 'Re: '],
  fr: ['RE: ', 'TR : Re: '],
  es: ['RE: ', 'RV: '],
  it: ['R: ', 'Re: '],
  pt: ['RES: ', 'Re: '],
  nl: ['Antw: ', 'RE: '],
  sv: ['SV: ', 'Sv: '],
  pl: ['Odp: ', 'RE: '],
};

const AUTOMATIC_SUBJECTS: Readonly<Record<Language, readonly [string, string]>> = {
  en: ['Automatic reply: ', 'Out of office: '],
  de: ['Automatische Antwort: ', 'Abwesenheitsnotiz: '],
  fr: ['Réponse automatique : ', 'Absence du bureau : '],
  es: ['Respuesta automática: ', 'Fuera de la oficina: '],
  it: ['Risposta automatica: ', 'Fuori sede: '],
  pt: ['Resposta automática: ', 'Ausência temporária: '],
  nl: ['Automatisch antwoord: ', 'Afwezig: '],
  sv: ['Automatiskt svar: ', 'Autosvar: '],
  pl: ['Odpowiedź automatyczna: ', 'Poza biurem: '],
};

/** Marks that gateways, ticket systems, and lists also put on what a person wrote. */
const DISGUISES = [
  'Auto-Submitted: auto-generated',
  'Precedence: bulk',
  'X-Auto-Response-Suppress: All',
  'List-Id: <team.buyer.example>\nList-Unsubscribe: <mailto:leave@buyer.example>',
  'Return-Path: <>',
  'X-Autoreply: yes',
];

const MACHINE_MARKS = [
  'Auto-Submitted: auto-replied',
  'Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All',
  'X-Auto-Response-Suppress: DR, OOF, AutoReply',
  'Precedence: auto_reply',
  'X-Autoreply: yes',
];

export function rendered(of: Case): Rendered {
  const [, first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0, seventh = 0] = of.digits;
  const program = PROGRAMS[first % PROGRAMS.length]!;
  const sent = sentText(of.language, second, third);
  const is_human = isHuman(of);
  const layout = layoutOf(program, of.language, `${sent.subject}`, fourth);
  const ours = `${sent.body}\n\n---\n${FOOTER}`;
  const has_quote = is_human || sixth % 3 === 0;
  const place = layout.marked ? (['top', 'top', 'top', 'top', 'bottom'] as const)[fifth % 5]! : 'top';
  const words = { own: of.own, ours: has_quote ? ours : null, layout };
  const is_html = sixth % 2 === 0 && place === 'top';
  const body = is_html ? htmlBody(program, words) : textBody(place, words);
  const headers = [
    `From: Purchasing <purchasing@buyer.example>`,
    `To: Sales at Ours <sales@ours.example>`,
    `Subject: ${encodedWord(subjectOf(of, sent))}`,
    'Date: Mon, 27 Jul 2026 09:12:00 +0200',
    `Message-ID: <${of.language}.${first}${second}${third}${fourth}${fifth}${sixth}@buyer.example>`,
    'In-Reply-To: <0b6f1d2c9a@mail.ours.example>',
    'References: <0b6f1d2c9a@mail.ours.example>',
    ...marksOf(of, seventh),
    'MIME-Version: 1.0',
  ];
  const source = Buffer.concat([
    Buffer.from(`${headers.join('\n')}\n`.replaceAll('\n', '\r\n')),
    encoded(body, is_html ? 'text/html' : 'text/plain', seventh),
  ]);
  const quote = has_quote ? `${layout.attribution}\n${ours}` : '';
  return { program, source, sent, quote };
}

function subjectOf(of: Case, sent: SentText): string {
  const digit = of.digits[8]!;
  if (isHuman(of)) return `${REPLY_PREFIXES[of.language][digit % 2]}${sent.subject}`;
  return `${AUTOMATIC_SUBJECTS[of.language][of.label === 'auto' ? 0 : digit % 2]}${sent.subject}`;
}

function marksOf(of: Case, digit: number): string[] {
  if (!isHuman(of)) return [MACHINE_MARKS[digit % MACHINE_MARKS.length]!];
  const is_disguised = of.is_adversarial && digit % 2 === 0;
  return is_disguised ? [DISGUISES[of.digits[9]! % DISGUISES.length]!] : [];
}

type Words = { own: string; ours: string | null; layout: Layout };

function textBody(place: 'top' | 'bottom', { own, ours, layout }: Words): string {
  const ending = layout.footer === null ? '' : `\n\n${layout.footer}`;
  if (ours === null) return `${own}${ending}`;
  const lines = ours.split('\n').flatMap((line) => wrapped(line));
  const quote = layout.marked ? lines.map((line) => `> ${line}`.trimEnd()).join('\n') : ours;
  const introduced = `${wrapped(layout.attribution).join('\n')}\n\n${quote}`;
  return place === 'top' ? `${own}${ending}\n\n${introduced}` : `${introduced}\n\n${own}`;
}

/** At 76 characters, as programs wrap. */
function wrapped(line: string): string[] {
  if (line.length <= 76 || line.includes('\n')) return [line];
  const cut = line.lastIndexOf(' ', 76);
  return [line.slice(0, cut), ...wrapped(line.slice(cut + 1))];
}

const QUOTE_CLASSES: Partial<Record<Program, string>> = {
  gmail: 'gmail_quote',
  yahoo: 'yahoo_quoted',
  zoho: 'zmail_extra',
  proton: 'protonmail_quote',
};

function htmlBody(program: Program, { own, ours, layout }: Words): string {
  const ending = layout.footer === null ? '' : `<div><br></div><div>${escaped(layout.footer)}</div>`;
  const above = `<div dir="ltr">${escaped(own)}</div>${ending}`;
  if (ours === null) return `<html><body>${above}</body></html>`;
  const quoted = escaped(ours);
  const introduction = program.startsWith('outlook')
    ? `<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><font>${layout.attribution
        .replace(/^_+\n/, '')
        .split('\n')
        .map((line) =>
          escaped(line).replace(/^([^:]+:)/, program === 'outlook_phone' ? '<b>$1</b>' : '<b>$1</b>'),
        )
        .join('<br>')}</font></div>`
    : `<div>${escaped(layout.attribution)}</div>`;
  const body = layout.marked
    ? `<blockquote type="cite"><div>${quoted}</div></blockquote>`
    : `<div>${quoted}</div>`;
  const kind = QUOTE_CLASSES[program];
  return `<html><body>${above}<br><div${kind === undefined ? '' : ` class="${kind}"`}>${introduction}${body}</div></body></html>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '<br>');
}

function encodedWord(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

/** UTF-8 or Latin 1, in 8 bits, Base64, or quoted-printable. */
function encoded(text: string, type: string, digit: number): Buffer {
  const crlf = `${text}\n`.replaceAll('\n', '\r\n');
  const fits = [...crlf].every((letter) => letter.codePointAt(0)! < 256);
  const charset = fits && digit % 3 === 0 ? 'iso-8859-1' : 'utf-8';
  const bytes = charset === 'utf-8' ? Buffer.from(crlf) : Buffer.from(crlf, 'latin1');
  const [encoding, body] =
    digit % 4 === 0
      ? (['base64', Buffer.from(bytes.toString('base64').replace(/.{76}/g, '$&\r\n'))] as const)
      : digit % 4 === 1
        ? (['quoted-printable', quotedPrintable(bytes)] as const)
        : (['8bit', bytes] as const);
  return Buffer.concat([
    Buffer.from(
      `Content-Type: ${type}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
    ),
    body,
  ]);
}

function quotedPrintable(bytes: Buffer): Buffer {
  const lines = bytes.toString('latin1').split('\r\n');
  const hex = (letter: string) => `=${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  const written = lines.map((line) => {
    const letters = [...line].map((letter) => (/[\x21-\x3c\x3e-\x7e ]/.test(letter) ? letter : hex(letter)));
    let length = 0;
    return letters
      .map((letter) => {
        length += letter.length;
        if (length <= 72) return letter;
        length = letter.length;
        return `=\r\n${letter}`;
      })
      .join('');
  });
  return Buffer.from(written.join('\r\n'));
}
