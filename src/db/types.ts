import pg from 'pg';

const { builtins } = pg.types;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;
const DATE_ARRAY = 1182;
const TEXT_ARRAY = 1009;
const DIGIT_0 = 48;
const parseOtherInstant = pg.types.getTypeParser(builtins.TIMESTAMPTZ);

type Parser = (text: string) => unknown;
export type TypeParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parser;
  /** Reads these array types like text[]. */
  learnArrays(oids: readonly number[]): void;
};

/** The driver's parsers, except where they lose digits, days, or the array type. */
export function typeParsers(): TypeParsers {
  const parseTextArray = pg.types.getTypeParser(TEXT_ARRAY as number) as (text: string) => (string | null)[];
  const own = new Map<number, Parser>([
    [builtins.INT8, parseInt8],
    [builtins.DATE, (text) => text],
    [builtins.TIMESTAMPTZ, parseInstant],
    [INT8_ARRAY, (text) => parseTextArray(text).map((item) => (item === null ? null : parseInt8(item)))],
    [DATE_ARRAY, parseTextArray],
    [NUMERIC_ARRAY, parseTextArray],
  ]);
  return {
    getTypeParser: (oid, format = 'text') =>
      (format === 'text' ? own.get(oid) : undefined) ?? pg.types.getTypeParser(oid, format as 'text'),
    learnArrays: (oids) => {
      for (const oid of oids) own.set(oid, parseTextArray);
    },
  };
}

/** A count or an amount in cents as a number. Throws beyond 2^53, where numbers lose precision. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a number exactly`);
  return value;
}

/**
 * Every connection uses UTC, so all instants but infinity and years before 100 or beyond 9999 look like `2026-11-22
 * 09:05:07.123456+00`, with the shortest possible fraction. Read digit by digit, in half of the engine's time: a list page
 * has hundreds of them.
 */
function parseInstant(text: string): unknown {
  const end = text.length - 3;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const is_common = end >= 19 && text[10] === ' ' && text.endsWith('+00') && year >= 100;
  if (!is_common) return parseOtherInstant(text);
  let ms = 0;
  for (let at = 20; at < 23; at += 1) ms = ms * 10 + (at < end ? text.charCodeAt(at) - DIGIT_0 : 0);
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, ms));
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - DIGIT_0) * 10 + text.charCodeAt(at + 1) - DIGIT_0;
}
