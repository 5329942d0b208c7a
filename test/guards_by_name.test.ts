import { describe, expect, it } from 'vitest';
import { sqlState } from '../src/db/errors.ts';
import { transaction } from '../src/db/pool.ts';
import { testDatabase } from './database.ts';
import { createPlayWorld, LATEST } from './plays/play_world.ts';

/* Whoever writes cannot put something else in the place of what a guard asks: no table, no function, no path. */

const { db } = await testDatabase();
const world = await createPlayWorld(db);

async function refused(writer: string, statements: readonly (string | [string, unknown[]])[]) {
  return transaction(db.app, world.actors[writer]!, async (tx) => {
    for (const one of statements) await (typeof one === 'string' ? tx.query(one) : tx.query(...one));
  }).then(() => null, sqlState);
}

describe('a guard', () => {
  it('means the product’s tables and functions, on whatever path it is called', async () => {
    const { rows } = await db.query(
      `SELECT p.proname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
       WHERE p.pronamespace = 'public'::regnamespace AND l.lanname = 'plpgsql'
         AND NOT coalesce('search_path=public, pg_temp' = ANY (p.proconfig), false)`,
    );
    expect(rows).toEqual([]);
  });

  it('counts active plays in the library, not in a temporary table of its name', async () => {
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

  it('asks for roles by its own function, not by one of the schema that the role may write to', async () => {
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
