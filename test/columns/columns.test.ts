import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { registry } from '../../src/operations/registry.ts';
import { testDatabase } from '../database.ts';
import { LISTS } from './lists.ts';
import { complaintsOf } from './read.ts';
import { TABLE_LISTS, tableComplaintsOf } from './tables.ts';

/* Columns and tables that are listed by hand. Each list must contain all of them or give a reason for each exception. A new
   column or table fails this test until every list covers it. */

const { db } = await testDatabase();

describe('every list', () => {
  it('has every column of its table or a reason to omit it', async () => {
    expect(await complaintsOf(db, LISTS)).toEqual([]);
  });

  it('has every table or a reason to omit it', async () => {
    expect(await tableComplaintsOf(db, TABLE_LISTS)).toEqual([]);
  });

  it('names every kind of row that the export of a lead reads', () => {
    const sql = readFileSync(new URL('../../db/queries/erasures.sql', import.meta.url), 'utf8');
    const statement = sql.split('/* @name ').find((one) => one.startsWith('exportLead '))!;
    const kinds = [...statement.matchAll(/SELECT \d+(?: AS place)?, '(\w+)'/g)].map(([, kind]) => kind);
    const { output } = registry.find(({ name }) => name === 'export_lead')!;
    const { exported_at, lead, truncated, ...shown } = (output as z.ZodObject).shape;
    expect(kinds.length).toBeGreaterThan(15);
    expect(Object.keys(shown).sort()).toEqual(kinds.sort());
  });

  it('names a new column and a new table that it lacks', async () => {
    const { db: scratch, close } = await testDatabase();
    try {
      const tables = [...new Set(LISTS.map(({ table }) => table))];
      for (const table of tables) await scratch.query(`ALTER TABLE ${table} ADD COLUMN shoe_size text`);
      expect(await complaintsOf(scratch, LISTS)).toEqual(
        LISTS.map(({ list, table }) => `${list} neither contains nor excludes ${table}.shoe_size`),
      );
      await scratch.query('CREATE TABLE shoes (org_id uuid, id uuid, lead_id uuid, kept_name text)');
      expect(await tableComplaintsOf(scratch, TABLE_LISTS)).toEqual(
        TABLE_LISTS.map(({ list }) => `${list} neither contains nor excludes shoes`),
      );
    } finally {
      await close();
    }
  });
});
