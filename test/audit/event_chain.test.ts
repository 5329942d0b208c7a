import { afterEach, describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { transaction } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { createWorld } from '../world.ts';
import { batchesOf, chainWorld, insertEvent, keepLogs, tamper, verify } from './chain_world.ts';

/* The hash chain over event log and audit log, as the product writes it. */

const { db, url } = await testDatabase();
const world = await chainWorld(db);
const putBack = await keepLogs(db);
afterEach(putBack);

describe('an unmodified chain', () => {
  it('is whole, holds every row once, and reports its length', async () => {
    const answer = await verify(world);
    expect(answer).toMatchObject({ ok: true, finding: null, progress: 1, as_found_rows: 0 });
    const [events, audit] = [await world.rows('cadence_event_log'), await world.rows('audit_log')];
    expect(events.length).toBeGreaterThan(12);
    expect(audit.length).toBeGreaterThan(20);
    expect(answer.checked_rows).toBe(events.length + audit.length);
    const batches = await batchesOf(world);
    expect(batches.map(({ place }) => Number(place))).toEqual(batches.map((_, at) => at + 1));
    expect(answer.head_hash).toBe(batches.at(-1)!.hash.toString('hex'));
    expect(await batchesOf(world, 'place IS NULL')).toEqual([]);
  });

  it('still matches an earlier hash after new events', async () => {
    const { head_hash } = await verify(world);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const later = await verify(world, head_hash);
    expect(later.ok).toBe(true);
    expect(later.head_hash).not.toBe(head_hash);
    expect(await verify(world, 'f'.repeat(64))).toMatchObject({ ok: false, finding: { what: 'unexpected' } });
  });

  it('is empty and whole for an org without events', async () => {
    const world = await createWorld(db);
    expect(await verify(world)).toMatchObject({ ok: true });
  });

  it('does not depend on the session’s settings', async () => {
    await tamper(db, async (own) => {
      await own.query(`SET LOCAL TimeZone = 'Asia/Kathmandu'`);
      await own.query(`SET LOCAL DateStyle = 'German'`);
      await own.query(`SET LOCAL extra_float_digits = -15`);
      await own.query(`SET LOCAL bytea_output = 'escape'`);
      const { rows } = await own.query(
        `SELECT FROM event_log_batches b JOIN cadence_event_log v ON v.org_id = b.org_id AND v.id = b.row_ids[1]
         WHERE b.org_id = $1 AND b.kind = 'events' AND event_hash_2(v) <> substring(b.row_hashes FROM 1 FOR 32)`,
        [world.org_id],
      );
      expect(rows).toEqual([]);
    });
  });

  it('accepts a statement with many rows, days, and orgs', async () => {
    const worlds = [await createWorld(db), await createWorld(db)];
    for (const world of worlds) await world.addLead();
    await db.query(
      `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id)
       SELECT l.org_id, gen_random_uuid(), '2026-11-24T23:59:00Z'::timestamptz + n * interval '80 ms', 'requested', 'x', 'system',
              'test', l.id
       FROM leads l, generate_series(1, 2600) n WHERE l.org_id = ANY ($1)`,
      [worlds.map(({ org_id }) => org_id)],
    );
    for (const world of worlds) {
      const answer = await verify(world);
      expect(answer.ok).toBe(true);
      const batches = await batchesOf(world, `kind = 'events'`);
      const sizes = batches.map(({ row_ids }) => row_ids.length);
      expect(sizes.reduce((sum, size) => sum + size)).toBe(2600);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
      expect(sizes.length).toBeGreaterThan(3);
    }
  });
});

describe('with the triggers enabled', () => {
  it('the chain cannot be changed, deleted, or truncated by any role', async () => {
    for (const table of ['audit_log', 'event_log_batches', 'event_log_heads']) {
      for (const statement of [
        `UPDATE ${table} SET org_id = org_id`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ]) {
        const code = await db.query(statement).then(() => null, sqlState);
        expect(code, statement).toBe('TL003');
      }
    }
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    const forge = `UPDATE event_log_batches SET place = 900, previous_hash = sha256('x'), hash = sha256('y') WHERE place IS NULL`;
    expect(await db.query(forge).then(() => null, sqlState)).toBe('TL003');
  });

  it('the application’s role cannot write to it directly', async () => {
    const world = await createWorld(db);
    for (const statement of [
      `INSERT INTO audit_log SELECT * FROM audit_log LIMIT 1`,
      `INSERT INTO event_log_batches SELECT * FROM event_log_batches LIMIT 1`,
      `UPDATE event_log_heads SET place = 9`,
      `DELETE FROM audit_log`,
    ]) {
      const run = transaction(db.app, coordinatorActor(world.org_id), (tx) => tx.query(statement));
      await expect(run, statement).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('an org seals its own chain only', async () => {
    const [own, foreign] = [await createWorld(db), await createWorld(db)];
    const other = transaction(db.app, coordinatorActor(own.org_id), (tx) =>
      tx.query('SELECT seal_event_log($1, 100)', [foreign.org_id]),
    );
    await expect(other).rejects.toMatchObject({ code: '42501' });
    expect(await batchesOf(foreign)).toEqual([]);
  });
});

it('concurrent writers and sealers leave no gap and no duplicate, and the chain verifies', {
  timeout: 120_000,
}, async () => {
  const many = await createWorld(db);
  const lead_ids: string[] = [];
  while (lead_ids.length < 8) lead_ids.push(await many.addLead());
  const connections = 64;
  const pool = await openOwnerPool({ url, max: connections });
  const { org_id } = many;
  let writing = true;
  const write = async (nth: number) => {
    for (let round = 0; round < scale(6, 60); round += 1) {
      await transaction(pool, coordinatorActor(org_id), async (tx) => {
        const { text, values } = insertEvent(org_id, lead_ids[nth % 8]!, 1 + ((nth + round) % 3));
        await tx.query(text, values);
        if (round % 3 === 1) await tx.query('SELECT pg_sleep(0.01)');
        if (round % 5 === 4) await tx.query(text, values);
      });
    }
  };
  const sealing = async () => {
    while (writing) {
      await transaction(pool, coordinatorActor(org_id), (tx) =>
        tx.query('SELECT seal_event_log($1, 20)', [org_id]),
      );
    }
  };
  try {
    const sealers = Array.from({ length: 6 }, sealing);
    await Promise.all(Array.from({ length: connections - 6 }, (_, nth) => write(nth)));
    writing = false;
    await Promise.all(sealers);
  } finally {
    await pool.close();
  }
  const answer = await verify(many);
  expect(answer).toMatchObject({ ok: true, finding: null });
  const batches = await batchesOf(many);
  expect(batches.map(({ place }) => Number(place))).toEqual(batches.map((_, at) => at + 1));
  const events = await many.rows('cadence_event_log');
  const audit = await many.rows('audit_log');
  expect(answer.checked_rows).toBe(events.length + audit.length);
  expect(answer.checked_batches).toBe(batches.length);
});
