import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';

/* Every stored time can be shown: no infinity, and a year of four digits, in every table that a migration adds. */

const { db } = await testDatabase();

type Column = { table: string; column: string; type: string; bounded: boolean };

const columns = (
  await db.query<Column>(`
    SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, NULL) AS type,
           EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.conname = c.relname || '_times'
                     AND k.contype = 'c' AND k.convalidated AND a.attnum = ANY (k.conkey)) AS bounded
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND a.atttypid IN (SELECT t.oid FROM pg_type t WHERE t.typcategory IN ('D', 'R'))
      AND NOT c.relispartition
    ORDER BY 1, 2`)
).rows;

it('every time column has bounds', () => {
  expect(columns.length).toBeGreaterThan(80);
  expect(columns.filter(({ bounded }) => !bounded)).toEqual([]);
  // Another type would need bounds of its own.
  expect(new Set(columns.map(({ type }) => type))).toEqual(new Set(['timestamp with time zone', 'date']));
});

describe('the bound', () => {
  const tables = [...new Set(columns.map(({ table }) => table))];

  it.each(tables)('of %s refuses values that cannot be shown, in each column', async (table) => {
    const own = columns.filter((one) => one.table === table);
    const { rows } = await db.query<{ bound: string }>(
      `SELECT pg_get_expr(conbin, conrelid) AS bound FROM pg_constraint
       WHERE conrelid = $1::regclass AND conname = $1 || '_times'`,
      [table],
    );
    const holds = async (at: Column, value: string) => {
      const row = own.map((one) => `${one === at ? `'${value}'` : 'NULL'}::${one.type} AS "${one.column}"`);
      const text = `SELECT (${rows[0]!.bound}) AS holds FROM (SELECT ${row.join(', ')}) made`;
      return (await db.query<{ holds: boolean | null }>(text)).rows[0]!.holds !== false;
    };
    for (const column of own) {
      for (const value of [
        'infinity',
        '-infinity',
        '1969-12-31',
        '0044-03-15 BC',
        '10000-01-01',
        '29000-01-01',
      ])
        expect([column.column, value, await holds(column, value)]).toEqual([column.column, value, false]);
      for (const value of ['1970-01-01', '2026-11-24', '9999-12-31'])
        expect([column.column, value, await holds(column, value)]).toEqual([column.column, value, true]);
    }
  });

  it('is added for a new table, and again for a new column', async () => {
    const routine = await readFile(new URL('../../db/routines/bounded_times.sql', import.meta.url), 'utf8');
    const own = await db.checkout();
    const boundOf = async () =>
      (
        await own.query<{ bound: string }>(
          `SELECT pg_get_constraintdef(oid) AS bound FROM pg_constraint WHERE conname = 'later_times'`,
        )
      ).rows.map(({ bound }) => bound);
    try {
      await own.query('BEGIN; CREATE TABLE later (made_at timestamptz)');
      await own.query(routine);
      expect(await boundOf()).toEqual([expect.stringContaining('LEAST(made_at)')]);
      await own.query('ALTER TABLE later ADD COLUMN until date');
      await own.query(routine);
      expect(await boundOf()).toEqual([expect.stringMatching(/LEAST\(made_at\).*LEAST\(until\)/)]);
    } finally {
      await own.query('ROLLBACK');
      own.release();
    }
  });
});
