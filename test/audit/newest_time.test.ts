import { expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { latestTime } from '../../src/db/queries/events.gen.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START } from '../world.ts';

const { db } = await testDatabase();

it('the clock continues from the newest time even when only the audit recorded it', async () => {
  const world = await createWorld(db);
  const { org_id } = world;
  await world.request(await world.addLead(), 'b2bea_membership_close');
  const newest = () =>
    transaction(db.app, { org_id, kind: 'system', id: null }, (tx) => latestTime.one({ org_id }, tx));
  const at = new Date(START + 44 * DAY_MS);
  await transaction(db.app, actorOf(world.person), async (tx) => {
    await tx.query(`SELECT set_config('touchline.origin', $1, true)`, [JSON.stringify({ at })]);
    await tx.query(`UPDATE organizations SET name = 'Own'`);
  });
  expect(await newest()).toEqual({ latest: at });
  const { rows } = await db.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT a.at FROM audit_log a WHERE a.org_id = '${org_id}' ORDER BY a.id DESC LIMIT 1`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(
    'Index Scan Backward using audit_log_pkey',
  );
});
