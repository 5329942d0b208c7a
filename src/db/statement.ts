import type { Queryable } from './pool.ts';

/** How a parameter is written: `json` and `json[]` need help, because the driver treats arrays as arrays. */
export type ParameterKind = 'plain' | 'json' | 'json[]';

/** A named statement of db/queries, with the types that the server reported for it. */
export type Statement<Params, Row> = {
  /** `<noun>.<statement>`; also a comment in the text, for pg_stat_activity and slow logs. */
  readonly name: string;
  readonly text: string;
  /** Whether connections keep it with its plan. */
  readonly prepared: boolean;
  /** The values for $1, $2, ... */
  values(params: Params): unknown[];
  run(params: Params, db: Queryable): Promise<Row[]>;
  /** The row, or undefined without one. More than one is a bug and throws. */
  one(params: Params, db: Queryable): Promise<Row | undefined>;
  /** The number of affected rows. */
  count(params: Params, db: Queryable): Promise<number>;
};

/**
 * For generated code: `parameters` in the order of $1, $2, ... Each connection keeps a prepared statement with its plan:
 * for lookups by key and bounded reads, where planning takes longer than reading and one plan fits all parameters. Outside
 * a transaction it has that plan from the first call; within one, the server first tries custom plans and keeps the generic
 * one if it seems no more expensive.
 */
export function statement<Params extends object, Row>(
  name: string,
  parameters: Readonly<Record<string, ParameterKind>>,
  sql: string,
  { prepared = false }: { prepared?: boolean } = {},
): Statement<Params, Row> {
  const text = `/* ${name} */ ${sql}`;
  const kinds = Object.entries(parameters);
  const values = (params: Params) =>
    kinds.map(([key, kind]) => encode((params as Record<string, unknown>)[key], kind));
  const kept = prepared ? { name } : undefined;
  const send = (params: Params, db: Queryable) => db.query<Row>(text, values(params), kept);
  return {
    name,
    text,
    prepared,
    values,
    run: async (params, db) => (await send(params, db)).rows,
    one: async (params, db) => {
      const { rows } = await send(params, db);
      if (rows.length > 1) throw new Error(`${name} gave ${rows.length} rows where one was expected`);
      return rows[0];
    },
    count: async (params, db) => (await send(params, db)).rowCount,
  };
}

function encode(value: unknown, kind: ParameterKind): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'json[]') return (value as unknown[]).map((item) => encode(item, 'json'));
  return value;
}
