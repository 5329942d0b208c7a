/**
 * The one rule for text that ends, or may end, in a message header: subjects, and the displayed names of senders, brands,
 * and leads. White space becomes single spaces, because no reader sees the difference; a character that cannot appear in a
 * header, or that no reader sees, is refused with its position. Everything else arrives as written. Letters are not
 * composed (NFC), because that changes how some names are written: U+FA19 would become U+795E.
 *
 * `is_header_text` in db/routines/header_text.sql has the same characters; test/header_text/characters.test.ts compares
 * them.
 */
import { hasWords } from './words.ts';

/** `what` is in words: `a control character (U+001B, escape)`. `position` counts code points from 1 in the given text. */
export type HeaderFault = { position: number; what: string };

/** RFC 5322 section 2.1.1 allows 998 bytes per line, and a header of plain ASCII can only be folded at a space. */
export const HEADER_CHARS_MAX = 900;

/**
 * Characters that header text must not contain, as first and last of each range. Joiners (U+200C, U+200D) and variation
 * selectors are allowed: emoji and several scripts need them.
 */
const REFUSED: readonly (readonly [first: number, last: number, name: string])[] = [
  [0x0000, 0x001f, 'control character'],
  [0x007f, 0x009f, 'control character'],
  [0x00ad, 0x00ad, 'soft hyphen'],
  [0x034f, 0x034f, 'invisible character'],
  [0x061c, 0x061c, 'direction mark'],
  [0x115f, 0x1160, 'invisible character'],
  [0x17b4, 0x17b5, 'invisible character'],
  [0x180e, 0x180e, 'invisible character'],
  [0x200b, 0x200b, 'zero width space'],
  [0x200e, 0x200f, 'direction mark'],
  [0x2028, 0x2028, 'line separator'],
  [0x2029, 0x2029, 'paragraph separator'],
  [0x202a, 0x202e, 'direction mark'],
  [0x2060, 0x2065, 'invisible character'],
  [0x2066, 0x2069, 'direction mark'],
  [0x206a, 0x206f, 'invisible character'],
  [0x3164, 0x3164, 'invisible character'],
  [0xd800, 0xdfff, 'unpaired surrogate'],
  [0xe000, 0xf8ff, 'private use character'],
  [0xfdd0, 0xfdef, 'noncharacter'],
  [0xfeff, 0xfeff, 'zero width no-break space'],
  [0xffa0, 0xffa0, 'invisible character'],
  [0xfff0, 0xfffb, 'invisible character'],
  [0xfffe, 0xffff, 'noncharacter'],
  [0x13430, 0x1345f, 'invisible character'],
  [0x1bca0, 0x1bca3, 'invisible character'],
  [0x1d173, 0x1d17a, 'invisible character'],
  ...planes(0x1, 0xd),
  [0xe0000, 0xe00ff, 'tag character'],
  [0xe01f0, 0xe0fff, 'invisible character'],
  ...planes(0xe, 0xe),
  [0xf0000, 0x10ffff, 'private use character'],
];

const NAMES: Readonly<Record<number, string>> = {
  0: 'null',
  8: 'backspace',
  10: 'line feed',
  11: 'vertical tab',
  12: 'form feed',
  13: 'carriage return',
  27: 'escape',
  127: 'delete',
  133: 'next line',
};

/** All white space that separates words, and the tab. Line breaks are excluded: they may hide a second header. */
const SPACES = /[\t\p{Zs}]+/gu;

/**
 * Text that mail programs decode as an encoded word (RFC 2047): its reader would see a different text from the approved
 * one.
 */
const ENCODED_WORD = '=\\?[^?]*\\?[bqBQ]\\?';

const FAULT = new RegExp(`[${REFUSED.map(rangeText).join('')}]|${ENCODED_WORD}`, 'u');

/** The normal form: trimmed, with single spaces. Total and idempotent. */
export function headerText(text: string): string {
  return text.trim().replace(SPACES, ' ');
}

/** The first fault of a text as header text, or null. White space at both ends is harmless. */
export function headerFault(text: string): HeaderFault | null {
  const inner = text.trim().replace(SPACES, (spaces) => ' '.repeat(spaces.length));
  const at = inner.search(FAULT);
  if (at < 0) return null;
  const before = text.length - text.trimStart().length + at;
  return { position: [...text.slice(0, before)].length + 1, what: whatIs(inner.codePointAt(at)!) };
}

/** `has a control character (U+001B, escape) at position 5`, to follow the name of the field. */
export function headerFaultWords({ position, what }: HeaderFault): string {
  return `has ${what} at position ${position}`;
}

/** Whether a text is in normal form, has visible characters, fits, and contains no refused character. */
export function isHeaderText(text: string, chars_max = HEADER_CHARS_MAX): boolean {
  return text === headerText(text) && hasWords(text) && [...text].length <= chars_max && !FAULT.test(text);
}

function whatIs(code_point: number): string {
  const name = REFUSED.find(([first, last]) => code_point >= first && code_point <= last)?.[2];
  if (name === undefined) return 'an encoded word (=?…?=)';
  const hex = code_point.toString(16).toUpperCase().padStart(4, '0');
  const own = NAMES[code_point];
  return `${/^[iu]/.test(name) ? 'an' : 'a'} ${name} (U+${hex}${own === undefined ? '' : `, ${own}`})`;
}

/** The last two characters of each plane are noncharacters. */
function planes(first: number, last: number): [number, number, string][] {
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const plane = (first + at) * 0x10000;
    return [plane + 0xfffe, plane + 0xffff, 'noncharacter'];
  });
}

function rangeText([first, last]: (typeof REFUSED)[number]): string {
  return `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`;
}
