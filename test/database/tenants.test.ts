import { beforeAll, describe, expect, it } from 'vitest';
import { systemDb } from '../../src/db/acting.ts';
import { startTemporary } from '../../src/db/embedded_temporary.ts';
import { sqlState } from '../../src/db/errors.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { type Actor, type Queryable, transaction } from '../../src/db/pool.ts';
import { APP_ROLE, openAppPool } from '../../src/db/roles.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

/* Direct SQL as the application's role: other orgs do not exist for any statement. */

const { db } = await testDatabase();
let own: World;
let foreign: World;
let tables: string[] = [];

beforeAll(async () => {
  own = await lively();
  foreign = await lively();
  const { rows } = await db.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  tables = rows.map(({ name }) => name);
});

/** An org with rows in as many tables as a short run fills. */
async function lively(): Promise<World> {
  const world = await createWorld(db);
  for (const columns of [{}, { unsubscribe_flag: true, unsubscribed_at: new Date(0) }, { icp_tier: 'T3' }]) {
    const lead_id = await world.addLead(columns);
    await world.request(lead_id, 'b2bea_membership_close');
  }
  await world.work();
  const [waiting] = await world.rows<{ lead_id: string }>('sales_send_queue', `status = 'drafted'`);
  await world.approve(waiting!.lead_id);
  return world;
}

function asApp<T>(fn: (tx: Queryable) => Promise<T>, actor: Partial<Actor> = {}): Promise<T> {
  return transaction(db.app, { org_id: own.org_id, kind: 'coordinator', id: 'AGT-302', ...actor }, fn);
}

async function refusal(run: () => Promise<unknown>): Promise<string | null> {
  return run().then(
    () => null,
    (error) => sqlState(error) ?? String(error),
  );
}

describe('the application’s role', () => {
  it('sees the rows of the org that its transaction names, in every table', async () => {
    expect(tables.length).toBeGreaterThan(20);
    const filled: string[] = [];
    for (const table of tables) {
      const all = await count(db, table, foreign.org_id);
      if (all > 0) filled.push(table);
      expect(await asApp((tx) => count(tx, table, foreign.org_id)), table).toBe(0);
      expect(await asApp((tx) => count(tx, table, own.org_id)), table).toBe(
        await count(db, table, own.org_id),
      );
    }
    expect(filled).toEqual(
      expect.arrayContaining(['leads', 'cadence_event_log', 'touches', 'users', 'mailboxes']),
    );
    expect(filled.length).toBeGreaterThan(16);
  });

  it('is refused before a transaction names its actor, instead of finding no rows', async () => {
    const bare = await db.app.checkout();
    const refused = (statement: string) => refusal(() => bare.query(statement));
    try {
      for (const table of tables) {
        if ((await count(db, table, own.org_id)) > 0) {
          expect(await refused(`SELECT FROM ${table}`), table).toBe('42501');
          expect(await refused(`DELETE FROM ${table}`), table).toBe('42501');
        }
      }
      await bare.query(`BEGIN; SELECT set_config('touchline.org', '${own.org_id}', true)`);
      expect(await refused('SELECT FROM leads')).toBe('42501');
      await bare.query('ROLLBACK');
    } finally {
      bare.release();
    }
  });

  it('sees only the list of orgs as the system before a transaction names an org', async () => {
    for (const table of tables.filter((name) => name !== 'organizations')) {
      expect((await systemDb(db.app).query(`SELECT FROM ${table} LIMIT 1`)).rows, table).toEqual([]);
    }
  });

  it('cannot change, delete, or insert rows of another org', async () => {
    for (const table of tables) {
      for (const statement of [
        `UPDATE ${table} SET org_id = org_id WHERE org_id = '${foreign.org_id}'`,
        `DELETE FROM ${table} WHERE org_id = '${foreign.org_id}'`,
      ]) {
        const touched = await asApp((tx) => tx.query(statement)).then(
          ({ rowCount }) => rowCount,
          (error) => sqlState(error),
        );
        expect([0, '42501'], statement).toContain(touched);
      }
      const copy = `INSERT INTO ${table} SELECT (jsonb_populate_record(t, jsonb_build_object('org_id', '${foreign.org_id}'))).*
                    FROM ${table} t LIMIT 1`;
      if ((await count(db, table, own.org_id)) === 0) continue;
      // A refusal by a generated column or an earlier trigger is equally valid: no row exists afterward.
      expect(await refusal(() => asApp((tx) => tx.query(copy))), table).not.toBeNull();
    }
    const { rows } = await db.query(`SELECT FROM leads WHERE org_id = $1`, [foreign.org_id]);
    expect(rows).toHaveLength(3);
  });

  it('may not move a row into another org', async () => {
    const move = `UPDATE leads SET org_id = '${foreign.org_id}'`;
    expect(await refusal(() => asApp((tx) => tx.query(move)))).not.toBeNull();
  });

  it.each([
    'SELECT FROM cadence_event_log_2026_11',
    'TRUNCATE leads',
    'ALTER TABLE leads DISABLE ROW LEVEL SECURITY',
    'ALTER TABLE leads NO FORCE ROW LEVEL SECURITY',
    'DROP POLICY own_org ON leads',
    'CREATE TABLE public.mine (id int)',
    'SET ROLE postgres',
    'SET SESSION AUTHORIZATION postgres',
    'UPDATE cadence_event_log SET resolution = NULL',
    'ALTER TABLE leads DISABLE TRIGGER ALL',
    'SET session_replication_role = replica',
  ])('is refused: %s', async (statement) => {
    expect(await refusal(() => asApp((tx) => tx.query(statement)))).toBe('42501');
  });

  it('finds a key, link, or session only by presenting it', async () => {
    await db.query(
      `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id)
       SELECT org_id, gen_random_uuid(), 'k', 'tl_', sha256('shown'), id FROM users WHERE org_id = $1`,
      [foreign.org_id],
    );
    const look = (presented?: string) =>
      asApp((tx) => tx.query('SELECT org_id FROM api_keys'), {
        org_id: null,
        kind: 'system',
        ...(presented === undefined ? {} : { presented }),
      });
    const { rows } = await db.query<{ hash: string }>(`SELECT encode(sha256('shown'), 'hex') AS hash`);
    expect((await look()).rows).toEqual([]);
    expect((await look('00'.repeat(32))).rows).toEqual([]);
    expect((await look(rows[0]!.hash)).rows).toEqual([{ org_id: foreign.org_id }]);
  });

  it('lists orgs only as the system, and reads nothing else about them', async () => {
    const orgs = (kind: Actor['kind']) =>
      asApp((tx) => tx.query('SELECT org_id FROM organizations'), { org_id: null, kind });
    expect((await orgs('system')).rows).toHaveLength(2);
    expect((await orgs('human')).rows).toEqual([]);
  });
});

describe('the schema', () => {
  it('forces row-level security on every table and partition with rows of orgs', async () => {
    const { rows } = await db.query(
      `SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });

  it('has no view that reads with its owner’s rights', async () => {
    const { rows } = await db.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
         AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)`,
    );
    expect(rows).toEqual([]);
  });
});

it('startup is refused when row-level security does not bind the role', { timeout: 60_000 }, async () => {
  const server = await startTemporary();
  const admin_url = server.admin_url.replace(/postgres$/, 'touchline');
  const admin = await openOwnerPool({ url: admin_url, max: 1 });
  const owner = await openOwnerPool({ url: server.url, max: 2 });
  try {
    await migrate(owner);
    for (const url of [server.app_url, server.url]) {
      const app = await openAppPool({ url, max: 1 });
      expect(await refusal(() => systemDb(app).query('CREATE TEMP TABLE leads (org_id uuid)'))).toBe('42501');
      expect(await refusal(() => systemDb(app).query('CREATE TABLE public.leads_too (org_id uuid)'))).toBe(
        '42501',
      );
      await app.close();
    }
    for (const [weaken, mend] of [
      [`ALTER ROLE ${APP_ROLE} BYPASSRLS`, `ALTER ROLE ${APP_ROLE} NOBYPASSRLS`],
      [`ALTER ROLE ${APP_ROLE} SUPERUSER`, `ALTER ROLE ${APP_ROLE} NOSUPERUSER`],
      ['ALTER TABLE leads NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE leads FORCE ROW LEVEL SECURITY'],
      ['ALTER TABLE leads DISABLE ROW LEVEL SECURITY', 'ALTER TABLE leads ENABLE ROW LEVEL SECURITY'],
      [`ALTER TABLE touches OWNER TO ${APP_ROLE}`, 'ALTER TABLE touches OWNER TO touchline'],
    ] as const) {
      await admin.query(weaken);
      await expect(openAppPool({ url: server.app_url, max: 1 }), weaken).rejects.toMatchObject({
        code: 'database_role_unsafe',
      });
      await admin.query(mend);
    }
    await (await openAppPool({ url: server.app_url, max: 1 })).close();
  } finally {
    await admin.close();
    await owner.close();
    await server.stop();
  }
});

async function count(on: Queryable, table: string, org_id: string): Promise<number> {
  const { rows } = await on.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table} WHERE org_id = $1`,
    [org_id],
  );
  return rows[0]!.count;
}
