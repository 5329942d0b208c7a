import pg from 'pg';

const { builtins } = pg.types;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;
const DATE_ARRAY = 1182;
const TEXT_ARRAY = 1009;
const parseOtherInstant = pg.types.getTypeParser(builtins.TIMESTAMPTZ);

type Parser = (text: string) => unknown;
export type TypeParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parser;
  /** Reads these array types like text[]. */
  learnArrays(oids: readonly number[]): void;
};

/** The driver's parsers, except where they lose something: digits, days, or the fact of being an array. */
export function typeParsers(): TypeParsers {
  const parseTextArray = pg.types.getTypeParser(TEXT_ARRAY as number) as (text: string) => (string | null)[];
  const own = new Map<number, Parser>([
    [builtins.INT8, parseInt8],
    [builtins.DATE, asText],
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

/** A count or an amount in cents as a number. Throws beyond 2^53, where a number would be another number. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a number exactly`);
  return value;
}

/** Every connection speaks UTC, so all but infinity and years beyond 9999 have one form, which the engine reads fastest. */
function parseInstant(text: string): unknown {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/.test(text)
    ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
    : parseOtherInstant(text);
}

function asText(text: string): string {
  return text;
}
