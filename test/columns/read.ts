import { readFileSync } from 'node:fs';
import type { Queryable } from '../../src/db/pool.ts';

/* Reads hand-kept column lists, from the database if it stores them, else from the statement's file. */

export type Read = (db: Queryable) => Promise<ReadonlySet<string>>;

/** A list that is kept by hand, with the columns that it omits and the reason for each. */
export type ColumnList = {
  list: string;
  table: string;
  read: Read;
  without: Readonly<Record<string, string>>;
};

/**
 * The faults of the lists: a column in neither the list nor its exceptions, an exception that the list contains anyway, and
 * an exception that does not exist. One line each, naming list and column.
 */
export async function complaintsOf(db: Queryable, lists: readonly ColumnList[]): Promise<string[]> {
  const complaints: string[] = [];
  for (const { list, table, read, without } of lists) {
    const listed = await read(db);
    const { rows } = await db.query<{ name: string; is_generated: boolean }>(
      `SELECT attname AS name, attgenerated <> '' AS is_generated FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      [table],
    );
    const names = rows.filter((row) => !row.is_generated).map(({ name }) => name);
    for (const name of names) {
      const is_excepted = Object.hasOwn(without, name);
      if (!listed.has(name) && !is_excepted)
        complaints.push(`${list} neither contains nor excludes ${table}.${name}`);
      if (listed.has(name) && is_excepted)
        complaints.push(`${list} has ${table}.${name}, which is also one of its exceptions`);
    }
    for (const name of Object.keys(without)) {
      if (!names.includes(name))
        complaints.push(`${list} has an exception for ${table}.${name}, which there is not`);
    }
  }
  return complaints;
}

/** The columns for which one or several triggers fire (`UPDATE OF`). */
export function triggersOf(...triggers: string[]): Read {
  return async (db) => {
    const { rows } = await db.query<{ name: string }>(
      `SELECT DISTINCT a.attname AS name FROM pg_trigger t
       JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr) WHERE t.tgname = ANY ($1)`,
      [triggers],
    );
    return new Set(rows.map(({ name }) => name));
  };
}

/** The columns that a trigger compares, old with new. */
export function comparedBy(trigger: string): Read {
  return textRead(
    `SELECT pg_get_triggerdef(oid) AS text FROM pg_trigger WHERE tgname = $1`,
    trigger,
    /\bnew\.(\w+)/g,
  );
}

/** The names in a function's text that match `names`. */
export function functionNames(name: string, names: RegExp, part: RegExp = /[\s\S]*/): Read {
  return textRead(
    `SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname = $1 AND pronamespace = 'public'::regnamespace`,
    name,
    names,
    part,
  );
}

function textRead(query: string, name: string, names: RegExp, part: RegExp = /[\s\S]*/): Read {
  return async (db) => {
    const { rows } = await db.query<{ text: string }>(query, [name]);
    return found(rows[0]?.text ?? '', names, part);
  };
}

/** The names in a kept statement; `part` selects the piece of its text to search. */
export function statementNames(file: string, name: string, names: RegExp, part: RegExp = /[\s\S]*/): Read {
  const text = readFileSync(new URL(`../../db/queries/${file}.sql`, import.meta.url), 'utf8');
  const statement = text.split('/* @name ').find((one) => one.startsWith(`${name} `));
  return async () => found(statement ?? '', names, part);
}

function found(text: string, names: RegExp, part: RegExp): ReadonlySet<string> {
  const piece = part.exec(text)?.[0] ?? '';
  return new Set([...piece.matchAll(names)].map((match) => match[1]!));
}

export const all =
  (...reads: Read[]): Read =>
  async (db) =>
    new Set((await Promise.all(reads.map((read) => read(db)))).flatMap((one) => [...one]));
