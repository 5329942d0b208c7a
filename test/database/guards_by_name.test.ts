import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { transaction } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { createPlayWorld, LATEST } from '../plays/play_world.ts';

/* No writer can replace what a guard looks up: no table, no function, no path. */

const { db, owner_url } = await testDatabase();
const world = await createPlayWorld(db);

async function refused(writer: string, statements: readonly (string | [string, unknown[]])[]) {
  return transaction(db.app, world.actors[writer]!, async (tx) => {
    for (const one of statements) await (typeof one === 'string' ? tx.query(one) : tx.query(...one));
  }).then(() => null, sqlState);
}

describe('a guard', () => {
  it('means the product’s tables and functions on every search path', async () => {
    const { rows } = await db.query(
      `SELECT p.proname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
       WHERE p.pronamespace = 'public'::regnamespace AND l.lanname = 'plpgsql'
         AND NOT coalesce('search_path=public, pg_temp' = ANY (p.proconfig), false)`,
    );
    expect(rows).toEqual([]);
  });

  it('counts active plays in the library, not in a temporary table of that name', async () => {
    const segment = await world.addSegment();
    for (let n = 0; n < 5; n += 1) await world.playIn('active', { segment });
    const play_id = await world.playIn('under_review', { segment });
    await world.approve(play_id, 'other_revops', 'revops');
    await world.approve(play_id, 'other_slm', 'slm');
    expect(
      await refused('other_slm', [
        'CREATE TEMP TABLE sales_play_library (LIKE public.sales_play_library) ON COMMIT DROP',
        [
          `UPDATE public.sales_play_library SET state = 'active', activated_at = ${LATEST} WHERE play_id = $1`,
          [play_id],
        ],
      ]),
    ).toBe('TL026');
  });

  it('checks roles with its own function, not with one in the schema that the role may write to', async () => {
    const play_id = await world.playIn('draft');
    expect(
      await refused('brain', [
        `CREATE FUNCTION pgboss.require_acting_role(uuid, public.user_role[]) RETURNS void LANGUAGE sql AS 'SELECT'`,
        `CREATE FUNCTION pgboss.require_acting_person(uuid) RETURNS void LANGUAGE sql AS 'SELECT'`,
        'SET LOCAL search_path = pgboss, public',
        [
          `UPDATE sales_play_library SET state = 'under_review', picked_up_by_user_id = $2, picked_up_at = now()
           WHERE play_id = $1`,
          [play_id, world.people.get('slm')],
        ],
      ]),
    ).toBe('TL005');
  });

  it('writes the audit where it is read', async () => {
    const lines = async () =>
      (
        await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM audit_log WHERE org_id = $1`, [
          world.org_id,
        ])
      ).rows[0]!.n;
    const before = await lines();
    await refused('admin', [
      'CREATE TEMP TABLE audit_log (LIKE public.audit_log) ON COMMIT DROP',
      'GRANT ALL ON pg_temp.audit_log TO PUBLIC',
      [`UPDATE users SET name = 'Someone else' WHERE id = $1`, [world.people.get('rep')]],
    ]);
    expect(await lines()).toBe(before + 1);
  });
});

describe('a trigger of the product', () => {
  it('cannot be attached to another owner’s table, nor can any function that acts as the owner', async () => {
    const { rows } = await db.query(
      `SELECT p.proname FROM pg_proc p
       WHERE p.pronamespace = 'public'::regnamespace AND (p.prosecdef OR p.prorettype = 'trigger'::regtype)
         AND (has_function_privilege('public', p.oid, 'EXECUTE')
              OR p.prorettype = 'trigger'::regtype AND has_function_privilege('touchline_app', p.oid, 'EXECUTE'))
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`,
    );
    expect(rows).toEqual([]);
  });

  it.each([
    ['CREATE TEMP TABLE leads', 'AFTER INSERT ON pg_temp.leads FOR EACH ROW', 'audit_change'],
    ['CREATE TABLE pgboss.leads', 'AFTER INSERT ON pgboss.leads FOR EACH ROW', 'audit_change'],
    [
      'CREATE TEMP TABLE leads',
      'AFTER INSERT ON pg_temp.leads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT',
      'tell_of_events',
    ],
  ])('cannot be attached to a table of the role: %s, %s, %s', async (table, when, name) => {
    const forge = [
      `${table} (org_id uuid, id uuid)`,
      `CREATE TRIGGER forged ${when} EXECUTE FUNCTION public.${name}()`,
    ];
    expect(await refused('admin', forge)).toBe('42501');
  });

  it('writes nothing for a table to which it was attached before', async () => {
    const owners = (
      await db.query<{ name: string }>(
        `SELECT proname AS name FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND prosecdef AND prorettype = 'trigger'::regtype`,
      )
    ).rows.map(({ name }) => name);
    expect(owners).toContain('audit_change');
    for (const name of owners) {
      await db.query(`CREATE TABLE pgboss.older (org_id uuid)`);
      await db.query(`ALTER TABLE pgboss.older OWNER TO touchline_app`);
      const by_row = ['audit_change', 'tell_of_dead_end', 'tell_of_play'].includes(name);
      const rows = by_row ? 'FOR EACH ROW' : 'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT';
      await db.query(`CREATE TRIGGER forged AFTER INSERT ON pgboss.older ${rows} EXECUTE FUNCTION ${name}()`);
      expect(await refused('admin', ['INSERT INTO pgboss.older VALUES (NULL)']), name).toBe('42501');
      await db.query('DROP TABLE pgboss.older');
    }
  });

  it('writes to the log of the org that the transaction named, and to no other', async () => {
    const owner = await openOwnerPool({ url: owner_url, max: 1 });
    const forge = `INSERT INTO audit_log (org_id, id, at, actor_kind, actor_id, database_login, subject_table, subject_key,
        action, changes)
      SELECT $1, audit_id(now()), now(), 'human', 'x', 'x', 'leads', 'x', 'update', '{"a": 1}'`;
    const other = '01900000-0000-7000-8000-00000000000a';
    const run = transaction(owner, world.actors.admin!, (tx) => tx.query(forge, [other]));
    expect(await run.then(() => null, sqlState)).toBe('42501');
    await owner.close();
  });
});
