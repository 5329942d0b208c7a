import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../src/worker/loop.ts';
import { testDatabase } from '../database.ts';
import type { FakeModel } from '../mail/fake_model.ts';
import { GOOD, modelWorld, startFakeModel } from './model_world.ts';

const { db } = await testDatabase();
let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
});
afterAll(() => fake.close());

describe('while the model writes', () => {
  it('no transaction stays open and no row is locked', async () => {
    const world = await modelWorld(db, fake);
    const [lead_id = ''] = await world.dueLeads(1);
    let open: unknown[] = [];
    let locked: unknown[] = [];
    fake.reply = async () => {
      const text = `SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
          AND backend_type = 'client backend'`;
      open = (await db.query(text)).rows;
      locked = (await db.query('SELECT id FROM leads WHERE id = $1 FOR UPDATE NOWAIT', [lead_id])).rows;
      return { object: GOOD };
    };
    await world.draftAll();
    expect([open, locked]).toEqual([[], [{ id: lead_id }]]);
  });

  it('an answer after the lease is discarded, even if no other worker has finished', async () => {
    const world = await modelWorld(db, fake);
    const [lead_id = ''] = await world.dueLeads(1);
    const other = { ...GOOD, body: 'The second worker has the claim.' };
    const first_is_over = Promise.withResolvers<void>();
    let second: Promise<number> | undefined;
    fake.reply = async () => {
      if (fake.requests.length > 1) {
        await first_is_over.promise;
        return { object: other };
      }
      world.clock.advance(6 * 60_000);
      second = world.write();
      while (fake.requests.length < 2) await sleep(5);
      return { object: GOOD };
    };
    await world.write();
    expect(await world.rows('staged_drafts')).toEqual([]);
    first_is_over.resolve();
    expect(await second).toBe(1);
    const drafts = await world.rows('staged_drafts');
    expect(drafts).toMatchObject([{ ...other, version: 1 }]);
    expect((await world.draftOf(lead_id)).draft.id).toBe(drafts[0]!.id);
    expect(await world.rows('cadence_event_log', `event_type = 'drafted'`)).toHaveLength(1);
    expect(await world.rows('model_calls', `outcome = 'answered'`)).toHaveLength(2);
  });

  it('an answer is not stored when no worker has the task: the text is requested again', async () => {
    const world = await modelWorld(db, fake);
    await world.dueLeads(1);
    fake.reply = async () => {
      if (fake.requests.length === 1) world.clock.advance(5 * 60_000);
      return { object: GOOD };
    };
    await world.write();
    expect(await world.rows('staged_drafts')).toEqual([]);
    await world.write();
    expect(await world.rows('staged_drafts')).toMatchObject([{ ...GOOD, version: 1 }]);
    expect(await world.rows('agent_tasks')).toMatchObject([{ status: 'done', attempt_count: 2 }]);
  });

  it('a canceled touch gets no text, and a rewritten step is requested again', async () => {
    const world = await modelWorld(db, fake);
    await world.dueLeads(1);
    fake.reply = async () => {
      if (fake.requests.length === 1) {
        await db.query(
          `UPDATE campaign_sequences SET template_instructions = 'Say less.' WHERE org_id = $1`,
          [world.org_id],
        );
      } else
        await db.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE org_id = $1`, [world.org_id]);
      return { object: GOOD };
    };
    await world.write();
    expect(await world.rows('agent_tasks')).toMatchObject([{ status: 'open', error: 'step_changed' }]);
    world.clock.advance(60_000);
    await world.write();
    expect(world.lastRequest().system).toContain('Say less.');
    expect(await world.rows('staged_drafts')).toEqual([]);
  });

  it('a worker that stops releases its work', async () => {
    const world = await modelWorld(db, fake);
    await world.dueLeads(1);
    fake.reply = () => ({ hang: true });
    const worker = startWorker(world.worker_context, world.mail);
    while (fake.requests.length === 0) await sleep(10);
    const began_ms = performance.now();
    await worker.stop();
    expect(performance.now() - began_ms).toBeLessThan(5_000);
    expect(await world.rows('agent_tasks')).toMatchObject([{ status: 'open', error: 'stopped' }]);
    expect(await world.rows('staged_drafts')).toEqual([]);
  });
});
