/** Text in the form that rules compare: people write in nine languages, with and without accents. */

const TYPED: Record<string, string> = {
  '\u00df': 'ss',
  '\u00e6': 'ae',
  '\u0153': 'oe',
  '\u00f8': 'o',
  '\u0142': 'l',
  '\u0111': 'd',
};

/**
 * Lower case, without accents, with plain quotes and spaces: `Désinscrire` and `desinscrire` are one word, and so is one in
 * full-width, circled, or mathematical letters. Reads only the first `max_length` characters.
 */
export function fold(text: string, max_length: number): string {
  return text
    .slice(0, max_length)
    .replace(/[\uff01-\uff5e\u24b6-\u24e9\u{1d400}-\u{1d7ff}]/gu, (letter) => letter.normalize('NFKC'))
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[\u00df\u00e6\u0153\u00f8\u0142\u0111]/g, (letter) => TYPED[letter] ?? letter)
    .replace(/[\u00c0-\u024f\u1e00-\u1eff]/g, (letter) => letter.normalize('NFD').charAt(0))
    .replace(/[\u2018\u2019\u201a\u00b4\u0060]/g, "'")
    .replace(/[\u201c-\u201f\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015]/g, '-')
    .replace(/[\u200b-\u200f\u00ad\u2060]/g, '')
    .replace(/[\u00a0\u2000-\u200a\u202f\u3000\t]/g, ' ')
    .replace(/\r\n?/g, '\n');
}

/** The words of a folded text: `don't` is `dont`, `e-mail` is `email`, and other signs separate words. */
export function plainWords(folded: string): string[] {
  return (
    folded
      .replace(/n't\b/g, 'nt')
      .replace(/\be-?mail/g, 'email')
      .replace(/\be-?post/g, 'epost')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/**
 * One expression for many phrases as whole words. A phrase is written folded; ` ` is any white space, `*` up to three
 * words.
 */
export function phrases(list: readonly string[]): RegExp {
  const alternatives = list.map((phrase) =>
    phrase
      .replace(/[.+?^${}()|[\]\\/]/g, '\\$&')
      .replaceAll(' * ', '\\s+(?:[^\\s.!?]+\\s+){0,3}')
      .replaceAll(' ', '\\s+'),
  );
  return new RegExp(`(?<![\\p{L}\\d])(?:${alternatives.join('|')})(?![\\p{L}\\d])`, 'gu');
}

/** Phrases of a table, with `|` or a line break between them. */
export function listed(table: string): string[] {
  return table.split(/[|\n]/).map((phrase) => phrase.trim());
}

/** Whether the folded text contains one of the phrases. */
export function has(text: string, searched: RegExp): boolean {
  searched.lastIndex = 0;
  return searched.test(text);
}

/** An address in a server's text: lowercase, without surrounding punctuation. Null if there is none. */
export function addressIn(text: string): string | null {
  const match = /[a-z0-9!#$%&*+/=?^_{|}~.-]{1,64}@[a-z0-9.-]{1,253}[a-z0-9]/.exec(
    text.toLowerCase().slice(0, 1_000),
  );
  return match === null ? null : match[0].replace(/^[.=]+/, '');
}
