import { addressParser, decodeWords } from 'postal-mime';
import type { MailIdentity } from './messages.ts';

// Bounds on the cost of malicious headers; honest ones stay far below.
const MAX_FIELDS = 2_000;
const MAX_VALUE = 32_000;
const MAX_ADDRESSES = 50;
const MAX_ADDRESS = 320;
const MAX_SHOWN = 1_000;
const MAX_IDS = 100;
const MAX_ID = 900;

/** `name` is lower-cased; `value` is unfolded, its bytes read as UTF-8 or else Windows-1252, and not decoded further. */
export type HeaderField = { name: string; written_name: string; value: string };

export type StructuredValue = { value: string; params: Record<string, string> };

const utf8 = new TextDecoder('utf-8', { fatal: true });
const windows1252 = new TextDecoder('windows-1252');

/** The fields of a block of header lines. Other lines are skipped. */
export function readFields(block: Uint8Array): HeaderField[] {
  const fields: { written_name: string; lines: string[]; length: number }[] = [];
  for (const line of headerText(block).split('\n')) {
    const open = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      if (open !== undefined && open.length < MAX_VALUE) {
        open.lines.push(line);
        open.length += line.length;
      }
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1 || colon > 200) continue;
    if (fields.length >= MAX_FIELDS) break;
    const value = line.slice(colon + 1, colon + 1 + MAX_VALUE);
    fields.push({ written_name: line.slice(0, colon).trim(), lines: [value], length: value.length });
  }
  return fields.map(({ written_name, lines }) => ({
    name: written_name.toLowerCase(),
    written_name,
    value: lines.join('').slice(0, MAX_VALUE).trim(),
  }));
}

function headerText(block: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(block);
  } catch {
    text = windows1252.decode(block);
  }
  return text.replaceAll('\r', '');
}

/** The first field of this name, decoded (RFC 2047), in one line, cut to 1,000 characters; null if there is none. */
export function fieldText(fields: readonly HeaderField[], name: string): string | null {
  const found = fields.find((field) => field.name === name);
  return found === undefined ? null : shown(decodeWords(found.value), MAX_SHOWN);
}

/** The value of a field as a person reads it: decoded (RFC 2047), in one line, at its whole length. */
export function fieldValue({ value }: HeaderField): string {
  return shown(decodeWords(value), MAX_VALUE);
}

/** Message-IDs of the first field of this name, with their angle brackets: the newest 100. */
export function fieldIds(fields: readonly HeaderField[], name: string): string[] {
  const value = fields.find((field) => field.name === name)?.value ?? '';
  const ids = value.split(/(?=<)/).flatMap((text) => {
    const id = text.slice(0, text.indexOf('>') + 1);
    return id.length <= MAX_ID && /^<[\x21-\x3b=\x3f\x41-\x7e]+@[\x21-\x3b=\x3f\x41-\x7e]+>$/.test(id)
      ? [id]
      : [];
  });
  return ids.slice(-MAX_IDS);
}

/** Everyone named in fields of this name, with groups flattened. */
export function fieldAddresses(fields: readonly HeaderField[], name: string): MailIdentity[] {
  const values = fields.filter((field) => field.name === name).slice(0, 10);
  const found: MailIdentity[] = [];
  for (const { value } of values) {
    for (const { name: written, address } of addressParser(value.slice(0, 8_000), { flatten: true })) {
      if (found.length >= MAX_ADDRESSES) return found;
      found.push({ name: shown(written, 200), address: bareAddress(address ?? '') });
    }
  }
  return found.filter((one) => one.address !== '' || one.name !== '');
}

/** An address for comparison: without surrounding brackets, spaces, and quotes, in lower case. '' if it is none. */
export function bareAddress(text: string): string {
  const bare = text.replace(/^[\s<"']+/, '').slice(0, MAX_ADDRESS);
  const end = bare.search(/[\s<>"',;]/);
  return shown(end < 0 ? bare : bare.slice(0, end), MAX_ADDRESS).toLowerCase();
}

/** Text for one line: no control characters and none that change the reading direction. */
export function shown(text: string, max_length: number): string {
  return visible(text.slice(0, max_length * 2))
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, max_length)
    .toWellFormed();
}

/** Without control characters except line breaks and tabs, and without those that reorder text. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g, '');
}

/** `type/subtype; name=value` (RFC 2045 section 5.1), with the continuations of RFC 2231. */
export function parseContentType(written: string | undefined, otherwise: string): StructuredValue {
  const parsed = parseStructured(written ?? '');
  const value = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(parsed.value) ? parsed.value : otherwise;
  return { value, params: parsed.params };
}

export function parseStructured(written: string): StructuredValue {
  const pieces = splitOutsideQuotes(written.slice(0, 8_000));
  const params: Record<string, string> = Object.create(null);
  for (const piece of pieces.slice(1, 50)) {
    const equals = piece.indexOf('=');
    if (equals < 1) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const key = name.replace(/\*\d*\*?$/, '');
    const text = unquoted(piece.slice(equals + 1).trim());
    const decoded = name.endsWith('*') ? percentDecoded(text) : text;
    if (name === key) params[key] ??= decoded;
    else params[key] = (params[key] ?? '') + decoded;
  }
  return { value: (pieces[0] ?? '').trim().toLowerCase(), params };
}

function splitOutsideQuotes(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let is_quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (is_quoted && char === '\\') at += 1;
    else if (char === '"') is_quoted = !is_quoted;
    else if (char === ';' && !is_quoted) {
      pieces.push(text.slice(start, at));
      start = at + 1;
    }
  }
  pieces.push(text.slice(start));
  return pieces;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text.split(/[\s(]/, 1)[0] ?? '';
  const end = text.lastIndexOf('"');
  return text.slice(1, end > 0 ? end : undefined).replace(/\\(.)/g, '$1');
}

function percentDecoded(text: string): string {
  const value = text.replace(/^[^']{0,40}'[^']{0,40}'/, '');
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
