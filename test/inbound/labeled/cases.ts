/**
 * The labeled set: sentences that people and their machines write in answer to us, in nine languages, each with a person's
 * label. One line of LANGUAGE.txt is one message: `! ` marks it as adversarial, `{...}` holds the day of return or the
 * suggested contact, `⏎` is a line break.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'sv', 'pl'] as const;
export type Language = (typeof LANGUAGES)[number];

export const LABELS = [
  'opt_out',
  'not_interested',
  'meeting',
  'question',
  'not_now',
  'wrong_person',
  'left_company',
  'interested',
  'none',
  'out_of_office',
  'auto',
] as const;
export type Label = (typeof LABELS)[number];

export type Case = {
  language: Language;
  label: Label;
  is_adversarial: boolean;
  /** The day of return (YYYY-MM-DD, or `none`) or the suggested contact. */
  expected: string | null;
  own: string;
  /** Rules are written on half a; half b only measures them. */
  half: 'a' | 'b';
  /** Stable digits that choose mail program, charset, and layout. */
  digits: readonly number[];
};

export const cases: readonly Case[] = LANGUAGES.flatMap(casesOf);

export function isHuman({ label }: Case): boolean {
  return label !== 'out_of_office' && label !== 'auto';
}

function casesOf(language: Language): Case[] {
  const text = readFileSync(new URL(`./${language}.txt`, import.meta.url), 'utf8');
  const found: Case[] = [];
  let label: Label | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    if (line.startsWith('# ')) {
      label = LABELS.find((one) => one === line.slice(2));
      continue;
    }
    const parts = /^(! )?(?:\{([^}]+)\} )?(.+)$/.exec(line);
    if (label === undefined || parts === null) throw new Error(`${language}.txt: ${line}`);
    const [, mark, expected = null, own] = parts;
    const digits = [...createHash('sha256').update(`${language} ${own}`).digest()];
    found.push({
      language,
      label,
      is_adversarial: mark !== undefined,
      expected,
      own: own!.replaceAll('⏎', '\n'),
      half: digits[0]! % 2 === 0 ? 'a' : 'b',
      digits,
    });
  }
  return found;
}
