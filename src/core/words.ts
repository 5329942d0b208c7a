/**
 * Spaces, controls and what has no width, of whatever script, as they stand between the brackets of a regular expression.
 * `has_words` in db/routines/play_documents.sql says the same, and test/plays/play_words.test.ts compares the two.
 */
export const BLANK =
  '\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f' +
  '\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb';

const READABLE = new RegExp(`[^${BLANK}]`);

/** Whether there is something to read in a text. */
export function hasWords(text: string): boolean {
  return READABLE.test(text);
}
