/**
 * Spaces, controls, and zero-width characters of any script, for the brackets of a regular expression. `has_words` in
 * db/routines/header_text.sql has the same rule; test/plays/documents.test.ts compares the two.
 */
export const BLANK =
  '\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f' +
  '\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb';

/** The same above U+FFFF: variation selectors, tags, and format controls. */
const BLANK_ABOVE = '\\u{13430}-\\u{1345f}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}';

const READABLE = new RegExp(`[^${BLANK}${BLANK_ABOVE}]`, 'u');

/** Whether a text has visible characters. */
export function hasWords(text: string): boolean {
  return READABLE.test(text);
}
