import { expect, it } from 'vitest';
import { headerFault, headerText, isHeaderText } from '../../src/core/header_text.ts';
import { testDatabase } from '../database.ts';

const { db } = await testDatabase();

/** Every character that PostgreSQL can hold: all code points but U+0000 and the halves of surrogate pairs. */
const STORABLE = Array.from({ length: 0x110000 }, (_, at) => at).filter(
  (at) => at !== 0 && (at < 0xd800 || at > 0xdfff),
);

it('the database and the product allow the same characters, over all of Unicode', async () => {
  const { true: fit = [], false: unfit = [] } = Object.groupBy(STORABLE, (at) =>
    isHeaderText(`a${String.fromCodePoint(at)}b`) ? 'true' : 'false',
  );
  // Most of Unicode is allowed: everything but private use, invisible characters, and spaces other than U+0020.
  expect(fit.length).toBeGreaterThan(970_000);
  // Allowed characters, many in each text, since one forbidden character would refuse it.
  const { rows: refused } = await db.query(
    `SELECT min(u.at) FROM unnest($1::int[]) WITH ORDINALITY u(at, n)
     GROUP BY u.n / 800 HAVING NOT is_header_text('a' || string_agg(chr(u.at), '' ORDER BY u.n) || 'b')`,
    [fit],
  );
  expect(refused).toEqual([]);
  const { rows: taken } = await db.query(
    `SELECT u.at FROM unnest($1::int[]) u(at) WHERE is_header_text('a' || chr(u.at) || 'b') LIMIT 10`,
    [unfit],
  );
  expect(taken).toEqual([]);
});

it('no control, separator, surrogate, or direction mark is allowed', () => {
  const refused = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Bidi_Control}\p{Noncharacter_Code_Point}]/u;
  for (let at = 0; at <= 0x10ffff; at += 1) {
    const character = String.fromCodePoint(at);
    if (refused.test(character) && isHeaderText(`a${character}b`)) expect.fail(at.toString(16));
  }
});

const CASES: readonly [given: string, normal: string | null, what: string][] = [
  ['Hello', 'Hello', 'plain'],
  [' \t Hello\u00a0\u3000 there \r\n', 'Hello there', 'spaces of every kind'],
  ['\ufeffHello', 'Hello', 'the mark that files begin with'],
  ['A\u030angstr\u00f6m \ufa19', 'A\u030angstr\u00f6m \ufa19', 'letters as they are written'],
  ['👩‍👩‍👧 ❤️', '👩‍👩‍👧 ❤️', 'joined emoji'],
  ['می‌خواهم', 'می‌خواهم', 'Persian with its non-joiner'],
  ['Hello\r\nBcc: evil@z.example', null, 'a line break'],
  ['a\u001b[31mb', null, 'escape'],
  ['a\u0085b', null, 'next line'],
  ['a\u2028b', null, 'line separator'],
  ['a\u202eb', null, 'direction override'],
  ['a\u{e0061}b', null, 'tag character'],
  ['a\ud83db', null, 'half an emoji'],
  ['=?utf-8?q?Pay_here?=', null, 'an encoded word'],
  ['\u200d', null, 'nothing to read'],
  ['\u{e0100}', null, 'a variation selector alone'],
  ['a\u{13430}b', null, 'a format control of hieroglyphs'],
  ['x'.repeat(901), null, 'too long'],
];

it.each(CASES.map(([given, normal, what]) => ({ given, normal, what })))(
  '$what',
  async ({ given, normal }) => {
    const text = headerText(given);
    expect(isHeaderText(text) ? text : null).toBe(normal);
    expect(headerText(text)).toBe(text);
    if (!text.isWellFormed()) return;
    const { rows } = await db.query<{ fits: boolean }>('SELECT is_header_text($1) AS fits', [text]);
    expect(rows[0]!.fits).toBe(normal !== null);
  },
);

it('a fault reports its place in the given text, in characters', () => {
  expect(headerFault('  👋 a\u001bb')).toEqual({ position: 6, what: 'a control character (U+001B, escape)' });
  expect(headerFault('a\u200f')).toEqual({ position: 2, what: 'a direction mark (U+200F)' });
  expect(headerFault('a \ud800')).toEqual({ position: 3, what: 'an unpaired surrogate (U+D800)' });
  expect(headerFault('to =?utf-8?B?YQ==?=')).toEqual({ position: 4, what: 'an encoded word (=?…?=)' });
});
