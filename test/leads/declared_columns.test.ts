import { beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT_COLUMNS } from '../../src/core/account_columns.ts';
import { type Column, type ColumnKind, type Columns, namesWith } from '../../src/core/columns.ts';
import { LEAD_COLUMNS } from '../../src/core/lead_columns.ts';
import { transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { importFile } from './import_world.ts';

/* Sends every declared column through an import, a patch, the responses, the audit, the search, the export, and an erasure.
   Every failure names its columns. */

const { db } = await testDatabase();
const TABLES: Readonly<Record<string, Columns>> = { leads: LEAD_COLUMNS, accounts: ACCOUNT_COLUMNS };
const LEADS: Columns = LEAD_COLUMNS;

/** Columns of `lead_import_rows` that are not fields of a file. */
const STAGED_KEYS = [
  'account_id',
  'address_hmac',
  'further_addresses',
  'further_hmacs',
  'import_id',
  'kept_line',
  'lead_id',
  'line',
  'org_id',
];

/** By kind: the text in a file and the value in a response, for the first and the second file. */
const VALUES: Readonly<Record<ColumnKind, (name: string, round: number) => [string, unknown]>> = {
  email: () => ['whole.way@columns.example', 'whole.way@columns.example'],
  domain: () => ['columns.example', 'columns.example'],
  name: same,
  text: same,
  time_zone: (_, round) => twice(['Asia/Tokyo', 'Europe/Berlin'][round]!),
  tier: (_, round) => twice(['T1', 'T3'][round]!),
  phone: (_, round) => twice(`+1202555${String(1000 + round)}`),
  linkedin: (_, round) => twice(`https://linkedin.example/in/whole-way-${round}`),
  flag: () => ['yes', true],
  words: (_, round) => [`pricing_page; round_${round}`, ['pricing_page', `round_${round}`]],
  instant: (_, round) => twice(`2026-11-2${round}T08:00:00.000Z`),
  reference: (_, round) => twice(owner_ids[round]!),
  id: same,
  state: same,
  count: same,
  stamp: same,
};
let owner_ids: string[] = [];

function same(name: string, round: number): [string, string] {
  return twice(`${name.replaceAll('_', '')}value${round}`);
}
function twice(value: string): [string, string] {
  return [value, value];
}

let world: TaskWorld;
let lead_id: string;
beforeAll(async () => {
  world = await taskWorld(db);
  const owners = [world.person, await world.addPerson('rep')];
  owner_ids = owners.map((who) => (who.kind === 'human' ? who.user_id : ''));
});

const staged = namesWith(LEAD_COLUMNS, 'synonyms');
/** A hidden field is the account's: test/leads/import_owners.test.ts. */
const imported = staged.filter((name) => !LEADS[name]!.hidden);
const read = () => world.call('get_lead', world.person, { id: lead_id }) as Promise<Record<string, unknown>>;

/** Imports a file with each field under its last synonym. */
async function importAll(round: number) {
  const header = imported.map((name) => LEADS[name]!.synonyms!.at(-1) ?? name);
  const cells = imported.map((name) => VALUES[LEADS[name]!.kind](name, round)[0]);
  return importFile(world, `${header.join(',')}\n${cells.join(',')}\n`);
}

function differing(answer: Record<string, unknown>, names: readonly string[], round: number): string[] {
  return names.filter((name) => {
    const wanted = VALUES[LEADS[name]!.kind](name, round)[1];
    return JSON.stringify(answer[name]) !== JSON.stringify(wanted);
  });
}

describe('the tables', () => {
  it.each(Object.keys(TABLES))('%s has the declared columns only', async (table) => {
    const { rows } = await db.query<{ name: string; is_generated: boolean }>(
      `SELECT attname AS name, attgenerated <> '' AS is_generated FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
      [table],
    );
    const declared = Object.entries(TABLES[table]!).filter(([, column]) => !('elsewhere' in column));
    const kindOf = (is_generated: boolean) => (is_generated ? 'generated' : 'written');
    expect(rows.map(({ name, is_generated }) => `${name}: ${kindOf(is_generated)}`).sort()).toEqual(
      declared.map(([name, column]) => `${name}: ${kindOf('generated' in column)}`).sort(),
    );
  });

  it('stage every field of a file', async () => {
    const { rows } = await db.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = 'lead_import_rows'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual([...STAGED_KEYS, ...staged].sort());
  });

  it('have an index for every search key', async () => {
    const { rows } = await db.query<{ key: string }>(
      `SELECT c.relname || '.' || a.attname AS key FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[1]
       JOIN pg_attribute o ON o.attrelid = c.oid AND o.attnum = i.indkey[0] AND o.attname = 'org_id'
       JOIN pg_collation l ON l.oid = i.indcollation[1] AND l.collname = 'C'`,
    );
    const keys = Object.entries(TABLES).flatMap(([table, columns]) =>
      Object.entries(columns).flatMap(([name, column]) =>
        'generated' in column && column.generated === 'search_key' ? [`${table}.${name}`] : [],
      ),
    );
    expect(keys.filter((key) => !rows.some((row) => row.key === key))).toEqual([]);
    expect(keys.length).toBeGreaterThan(4);
  });
});

describe('a lead with a value in every column', () => {
  it('is imported under a synonym of each, and updated by a second file', async () => {
    expect(await importAll(0)).toMatchObject({ created_count: 1, error_count: 0, ignored_columns: [] });
    lead_id = (await world.rows<{ id: string }>('leads'))[0]!.id;
    expect(differing(await read(), imported, 0)).toEqual([]);
    // A response may take a value from the account, so check the row as well.
    const [row] = await world.rows<Record<string, unknown>>('leads');
    expect(imported.filter((name) => name in row! && row![name] === null)).toEqual([]);
    expect(await importAll(0)).toMatchObject({ unchanged_count: 1 });
    world.clock.advance(1_000);
    // A file moves no lead from one CRM record to another.
    await db.query('UPDATE leads SET crm_contact_id = NULL WHERE id = $1', [lead_id]);
    expect(await importAll(1)).toMatchObject({ updated_count: 1 });
    expect(differing(await read(), imported, 1)).toEqual([]);
  });

  it('is updated by a file with one column, for each column', async () => {
    const silent: string[] = [];
    await db.query('UPDATE leads SET crm_contact_id = NULL WHERE id = $1', [lead_id]);
    for (const name of imported.filter((one) => !['email', 'flag', 'domain'].includes(LEADS[one]!.kind))) {
      // Only a newer signal counts.
      const [cell] =
        LEADS[name]!.kind === 'instant'
          ? twice('2026-11-22T08:00:00.000Z')
          : VALUES[LEADS[name]!.kind](name, 0);
      const file = `email,${name}\nwhole.way@columns.example,${cell}\n`;
      const { updated_count } = await importFile(world, file);
      if (updated_count !== 1) silent.push(name);
    }
    expect(silent).toEqual([]);
  });

  it('is patched, audited, and cleared', async () => {
    const patched = namesWith(LEAD_COLUMNS, 'patched');
    const valuesOf = (round: number) =>
      Object.fromEntries(patched.map((name) => [name, VALUES[LEADS[name]!.kind](name, round)[1]]));
    await world.call('patch_lead', world.person, { id: lead_id, ...valuesOf(0) });
    await world.call('patch_lead', world.person, { id: lead_id, ...valuesOf(1) });
    expect(differing(await read(), patched, 1)).toEqual([]);
    const { rows } = await db.query<{ name: string }>(
      `SELECT DISTINCT jsonb_object_keys(changes) AS name FROM audit_log WHERE subject_table = 'leads' AND subject_key = $1`,
      [lead_id],
    );
    const audited = new Set(rows.map(({ name }) => name));
    expect(patched.filter((name) => !audited.has(name))).toEqual([]);
    await world.call('patch_lead', world.person, {
      id: lead_id,
      ...Object.fromEntries(patched.map((name) => [name, null])),
    });
    const cleared = await read();
    const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
    expect(patched.filter((name) => !isEmpty(cleared[name]))).toEqual([]);
    await world.call('patch_lead', world.person, { id: lead_id, ...valuesOf(1) });
  });

  it('is listed and exported with every column that is not hidden', async () => {
    const shown = Object.keys(LEADS).filter((name) => !LEADS[name]!.hidden);
    const { items } = await world.call('list_leads', world.person, {});
    const { lead } = await world.call('export_lead', world.person, { id: lead_id });
    // The suppression list adds one value.
    expect(Object.keys(items[0])).toEqual([...shown, 'suppressed_address']);
    expect(shown.filter((name) => !(name in lead))).toEqual([]);
    expect(items[0]).toMatchObject(Object.fromEntries(shown.map((name) => [name, lead[name]])));
  });

  it('is found by a prefix of each of its search keys', async () => {
    const [row] = await world.rows<Record<string, string>>('leads');
    const keys = Object.keys(LEADS).filter((name) => 'generated' in LEADS[name]!);
    const lost: string[] = [];
    for (const key of keys) {
      const { items } = await world.call('list_leads', world.person, { q: row![key]!.slice(0, -1) });
      if (!items.some((item: { id: string }) => item.id === lead_id)) lost.push(key);
    }
    expect(lost).toEqual([]);
  });

  it('loses every column declared as erased', async () => {
    await world.call('opt_out_lead', world.person, { id: lead_id, reason: 'asked' });
    const before = (await world.rows<Record<string, unknown>>('leads'))[0]!;
    await world.call('erase_lead', world.person, { id: lead_id, reason: 'asked' });
    const after = (await world.rows<Record<string, unknown>>('leads'))[0]!;
    const written = Object.entries(LEADS).filter(([name]) => name in after);
    const stays = (column: Column) => 'stays' in column;
    const faults = written.flatMap(([name, column]) => {
      const is_same = JSON.stringify(before[name]) === JSON.stringify(after[name]);
      if (stays(column)) return is_same ? [] : [`${name} changed`];
      return 'erased' in column && column.erased === 'NULL' && after[name] !== null
        ? [`${name} is left`]
        : [];
    });
    expect(faults).toEqual([]);
    const left = JSON.stringify(after);
    expect(
      imported.filter(
        (name) =>
          left.includes(String(VALUES[LEADS[name]!.kind](name, 1)[0])) && LEADS[name]!.kind === 'text',
      ),
    ).toEqual([]);
  });

  it('refuses a new value in each erased column of the shell: by the trigger, and by the CHECK without it', async () => {
    const changes = Object.entries(LEADS).flatMap(([name, column]) =>
      'erased' in column && column.kind !== 'reference' && column.kind !== 'flag'
        ? [[name, other(column)] as const]
        : [],
    );
    expect(changes.length).toBeGreaterThan(10);
    const open: string[] = [];
    for (const [name, value] of changes) {
      const statement = `UPDATE leads SET ${name} = ${value} WHERE id = '${lead_id}'`;
      const states = [
        await stateOf(() => transaction(db.app, actorOf(world.person), (tx) => tx.query(statement))),
        await stateOf(() => withoutTriggers(statement)),
      ];
      if (states.join() !== 'TL040,23514') open.push(`${name}: ${states.join()}`);
    }
    expect(open).toEqual([]);
  });
});

function other({ kind }: Column): string {
  if (kind === 'words') return `'{word}'`;
  return kind === 'email' ? `'back@columns.example'` : `'word'`;
}

async function stateOf(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => 'changed',
    (error: { code?: string; cause?: { code?: string } }) => error.code ?? error.cause?.code ?? String(error),
  );
}

async function withoutTriggers(statement: string): Promise<void> {
  const own = await db.checkout();
  try {
    await own.query('BEGIN');
    await own.query('SET LOCAL session_replication_role = replica');
    await own.query(statement);
  } finally {
    await own.query('ROLLBACK');
    own.release();
  }
}
