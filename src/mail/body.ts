import { parseStructured, visible } from './headers.ts';
import { htmlText } from './html_text.ts';
import type { MailPart } from './parts.ts';

const MAX_TEXT = 200_000;
/** Per part; base64 takes 4 bytes for 3, quoted-printable up to 3 for 1, and a character may take 4. */
const MAX_ENCODED_BYTES = 2 * 1024 * 1024;
const MAX_HTML = 1024 * 1024;
const MAX_LINKS = 100;
const MAX_FILES = 200;

const SINGLE_BYTE = /^(us-ascii|ascii|iso-?8859-?\d+|windows-125\d|cp125\d|latin-?1)$/;

/**
 * The readable text: all text parts except attachments; of each alternative the plain one, or the HTML as text if the plain
 * one is blank. `links` come from the HTML and from the text.
 */
export function readableText(
  bytes: Uint8Array,
  parts: readonly MailPart[],
): { text: string; links: string[] } {
  const groups = new Map<string, { plain: string[]; html: MailPart[] }>();
  const links: string[] = [];
  let length = 0;
  for (const [index, part] of parts.entries()) {
    const type = part.content_type.value;
    if ((type !== 'text/plain' && type !== 'text/html') || isFile(part)) continue;
    if (length > MAX_TEXT) break;
    const key = part.alternative === null ? `part ${index}` : `alternative ${part.alternative}`;
    const group = groups.get(key) ?? { plain: [], html: [] };
    groups.set(key, group);
    if (type === 'text/html') group.html.push(part);
    else {
      const text = plainText(decodedText(bytes, part));
      length += text.length;
      group.plain.push(text);
    }
  }
  const texts: string[] = [];
  let html_count = 0;
  for (const { plain, html } of groups.values()) {
    const from_html = html.slice(0, Math.max(0, 5 - html_count)).map((part) => {
      html_count += 1;
      return htmlText(decodedText(bytes, part).slice(0, MAX_HTML));
    });
    for (const { links: hrefs } of from_html) links.push(...hrefs);
    const written = plain.join('\n');
    texts.push(written.trim() === '' ? from_html.map(({ text }) => text).join('\n') : written);
  }
  const text = texts.join('\n').slice(0, MAX_TEXT).trimEnd().toWellFormed();
  return { text, links: [...new Set([...links, ...linksIn(text)])].slice(0, MAX_LINKS) };
}

/** All text parts of one type except files, fully decoded and joined; HTML as the sender wrote it. */
export function textOfType(
  bytes: Uint8Array,
  parts: readonly MailPart[],
  type: 'text/plain' | 'text/html',
): string {
  return parts
    .filter((part) => part.content_type.value === type && !isFile(part))
    .map((part) => decodedText(bytes, part, part.end - part.start).replace(/\r\n?/g, '\n'))
    .join('\n');
}

/** The names of the attachments. */
export function fileNames(parts: readonly MailPart[]): string[] {
  return parts
    .filter(isFile)
    .slice(0, MAX_FILES)
    .map((part) =>
      visible(nameOf(part) ?? 'unnamed')
        .slice(0, 255)
        .toWellFormed(),
    );
}

/** A part's body as text, decoded by its transfer encoding and charset. Reads at most `max_bytes`. */
export function decodedText(bytes: Uint8Array, part: MailPart, max_bytes = MAX_ENCODED_BYTES): string {
  const body = bytes.subarray(part.start, Math.min(part.end, part.start + max_bytes));
  const encoding = part.fields.find(({ name }) => name === 'content-transfer-encoding')?.value ?? '';
  return charsetText(transferDecoded(body, encoding.toLowerCase()), part.content_type.params.charset ?? '');
}

function transferDecoded(body: Uint8Array, encoding: string): Uint8Array {
  if (encoding.includes('base64')) return Buffer.from(asLatin1(body), 'base64');
  if (encoding.includes('quoted-printable')) return quotedPrintable(body);
  return body;
}

/** RFC 2045 section 6.7. Invalid escapes stay as they are. */
function quotedPrintable(body: Uint8Array): Uint8Array {
  const decoded = Buffer.alloc(body.length);
  let length = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte !== 61) {
      decoded[length++] = byte;
      continue;
    }
    if (body[at + 1] === 10) at += 1;
    else if (body[at + 1] === 13 && body[at + 2] === 10) at += 2;
    else {
      const value = hexDigit(body[at + 1]) * 16 + hexDigit(body[at + 2]);
      if (value >= 0) at += 2;
      decoded[length++] = value >= 0 ? value : byte;
    }
  }
  return decoded.subarray(0, length);
}

/** Far below zero for other characters, so that a sum with it stays negative. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1_000;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1_000;
}

/**
 * Text in its declared charset, unless it plainly uses another: valid UTF-8 declared as a single-byte charset is UTF-8, and
 * invalid UTF-8 declared as UTF-8 is Windows-1252.
 */
function charsetText(bytes: Uint8Array, declared: string): string {
  const charset = declared.trim().toLowerCase();
  if (charset === '' || charset === 'utf-8' || charset === 'utf8' || SINGLE_BYTE.test(charset)) {
    const text = decoded(bytes, 'utf-8', true);
    if (text !== null) return text;
  }
  const label =
    charset === '' || charset.startsWith('utf8') || charset === 'utf-8' ? 'windows-1252' : charset;
  return decoded(bytes, label, false) ?? decoded(bytes, 'utf-8', true) ?? asLatin1(bytes);
}

/** Null if the charset is unknown or the bytes do not fit it. A character cut off at the end is dropped. */
function decoded(bytes: Uint8Array, charset: string, fatal: boolean): string | null {
  try {
    return new TextDecoder(charset, { fatal }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

function asLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function plainText(text: string): string {
  return visible(text.slice(0, MAX_TEXT * 2).replace(/\r\n?/g, '\n')).slice(0, MAX_TEXT);
}

function isFile(part: MailPart): boolean {
  const type = part.content_type.value;
  const disposition = dispositionOf(part).value;
  if (disposition === 'attachment') return true;
  if (type.startsWith('text/') || type.startsWith('message/'))
    return nameOf(part) !== null && disposition !== 'inline';
  return true;
}

function nameOf(part: MailPart): string | null {
  const name = dispositionOf(part).params.filename ?? part.content_type.params.name ?? '';
  return name === '' ? null : name;
}

function dispositionOf(part: MailPart) {
  return parseStructured(part.fields.find(({ name }) => name === 'content-disposition')?.value ?? '');
}

function linksIn(text: string): string[] {
  const found: string[] = [];
  for (const [link] of text.matchAll(/https?:\/\/[^\s<>"']{4,2000}/g)) {
    if (found.length >= MAX_LINKS) break;
    found.push(link.replace(/[).,;!]{1,5}$/, ''));
  }
  return found;
}
