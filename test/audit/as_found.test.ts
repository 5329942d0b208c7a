import { expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { testDatabase } from '../database.ts';
import { chainWorld, tamper, verify } from './chain_world.ts';

it('a log from before the chain is sealed as found and guarded from then on', async () => {
  const { db, owner_url } = await testDatabase();
  const world = await chainWorld(db);
  const events = await world.rows('cadence_event_log');
  // The state of a database of the previous version.
  await db.query(`
    DROP TABLE audit_log, event_log_batches, event_log_heads CASCADE;
    DROP SEQUENCE audit_log_counter CASCADE;
    DROP FUNCTION event_hash_1(cadence_event_log), event_hash_2(cadence_event_log) CASCADE;
    ALTER TABLE cadence_event_log DROP COLUMN facts;
    DELETE FROM schema_migrations WHERE name LIKE '%_audit.sql' OR name LIKE '%_decision_facts.sql'`);
  const owner = await openOwnerPool({ url: owner_url, max: 2 });
  await migrate(owner).finally(() => owner.close());
  expect(await verify(world)).toMatchObject({
    ok: true,
    checked_rows: events.length,
    as_found_rows: events.length,
  });
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  const later = await verify(world);
  expect(later).toMatchObject({ ok: true, as_found_rows: events.length });
  expect(later.checked_rows).toBeGreaterThan(events.length);
  await tamper(db, async (own) => {
    await own.query(
      `UPDATE cadence_event_log SET resolution = 'kind' WHERE org_id = $1 AND event_type = 'approved'`,
      [world.org_id],
    );
  });
  expect(await verify(world)).toMatchObject({ ok: false, finding: { what: 'changed', log: 'events' } });
  const { rows } = await db.query(
    `SELECT FROM pg_class WHERE relname = 'cadence_event_log' AND relforcerowsecurity`,
  );
  expect(rows).toHaveLength(1);
});
