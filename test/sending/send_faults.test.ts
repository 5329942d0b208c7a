import { describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/connectors/connector.ts';
import type { Pool } from '../../src/db/pool.ts';
import type { CadenceEventLogRow, SendAttemptsRow } from '../../src/schema.gen.ts';
import { SEND_SETTINGS } from '../../src/worker/send_settings.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { approvedLeads, beginData, deliver, itemOf, reserve, scripted, sweep } from './send_world.ts';

const { db } = await testDatabase();
const MINUTE_MS = 60_000;
const LEASE_MS = SEND_SETTINGS.lease_ms;
const SENT: SendOutcome = { kind: 'sent', response: '250 ok' };

/** Makes the database refuse changes to a row while `run` runs. */
async function withFault(table: string, when: string, code: string, run: () => Promise<void>): Promise<void> {
  await db.query(`
    CREATE FUNCTION test_fault() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF ${when} THEN RAISE EXCEPTION 'a broken row' USING ERRCODE = '${code}'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER test_fault BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION test_fault()`);
  await run().finally(() => db.query('DROP FUNCTION test_fault CASCADE'));
}

describe('a message that fails', () => {
  it('waits with its error, while the rest of the batch is sent', async () => {
    const world = await createWorld(db);
    const [bad, ...good] = await approvedLeads(world, 3);
    const mail = scripted(() => true);
    await withFault('touches', `NEW.lead_id = '${bad}'`, 'XX001', async () => {
      await deliver(world, mail);
      expect(mail.messages).toHaveLength(2);
      for (const lead_id of good) expect((await itemOf(world, lead_id)).status).toBe('sent');
      const item = await itemOf(world, bad!);
      expect(item).toMatchObject({ status: 'approved', attempt_count: 1, error: 'a broken row' });
      expect(item.scheduled_at.getTime()).toBe(world.clock.now_ms() + MINUTE_MS);
      const [event] = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'retried'`);
      expect(event).toMatchObject({ resolution: 'internal_error', lead_id: bad });
      expect(await deliver(world, mail)).toBe(0);
    });
    world.clock.advance(MINUTE_MS);
    await deliver(world, mail);
    expect((await itemOf(world, bad!)).status).toBe('sent');
  });

  it('does not keep the sweep from the others', async () => {
    const world = await createWorld(db);
    const [bad, ...good] = await approvedLeads(world, 3);
    for (const send of await reserve(world)) await beginData(world, send);
    world.clock.advance(LEASE_MS);
    await withFault('touches', `NEW.lead_id = '${bad}'`, 'XX001', async () => {
      expect(await sweep(world)).toBe(3);
      for (const lead_id of good) expect((await itemOf(world, lead_id)).status).toBe('unknown');
      const [open] = await world.rows<SendAttemptsRow>('send_attempts', `stage = 'data'`);
      expect(open).toMatchObject({ response: 'a broken row' });
      expect(await sweep(world)).toBe(0);
      expect(
        await deliver(
          world,
          scripted(() => true),
        ),
      ).toBe(0);
    });
    world.clock.advance(5 * MINUTE_MS);
    expect(await sweep(world)).toBe(1);
    expect((await itemOf(world, bad!)).status).toBe('unknown');
  });

  it('survives a short database outage: a message known as sent is still recorded as sent', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    let broken = 0;
    const failing: Pool = {
      ...db.app,
      checkout: () => {
        if (broken === 0) return db.app.checkout();
        broken -= 1;
        return Promise.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      },
    };
    const mail = scripted(async (_message, hooks) => {
      expect(await hooks.beforeData?.()).toBe(true);
      broken = 2;
      return SENT;
    });
    await deliver({ ...world, worker_context: { ...world.worker_context, db: failing } }, mail);
    expect(broken).toBe(0);
    expect((await itemOf(world, lead_id!)).status).toBe('sent');
  });
});

describe('text of a mail server', () => {
  const TEXT = `550 5.7.1 ${'x'.repeat(989)}\ud83d \0`;
  it.each<[SendOutcome, string, string]>([
    [{ kind: 'deferred', smtp_code: 450, response: TEXT }, 'deferred', 'approved'],
    [{ kind: 'unknown', response: TEXT }, 'unknown', 'unknown'],
    [{ kind: 'rejected', smtp_code: 550, response: TEXT, scope: 'message' }, 'rejected', 'failed'],
    [{ kind: 'rejected', smtp_code: 550, response: TEXT, scope: 'sender' }, 'rejected', 'approved'],
    [{ kind: 'sent', response: TEXT }, 'accepted', 'sent'],
  ])('with half a character and a NUL keeps the outcome: %o', async (outcome, stage, status) => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    await deliver(
      world,
      scripted(async (_message, hooks) => {
        await hooks.beforeData?.();
        return outcome;
      }),
    );
    const [attempt] = await world.rows<SendAttemptsRow>('send_attempts');
    expect(attempt).toMatchObject({ stage, response: TEXT.toWellFormed().replace('\0', '\ufffd') });
    expect((await itemOf(world, lead_id!)).status).toBe(status);
  });

  it('is dropped if the database rejects it; the outcome of the message is kept', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    await withFault('send_attempts', `NEW.response LIKE '%poison%'`, '22P02', async () => {
      await deliver(
        world,
        scripted(async () => ({ kind: 'rejected', smtp_code: 550, response: 'poison', scope: 'message' })),
      );
    });
    const [attempt] = await world.rows<SendAttemptsRow>('send_attempts');
    expect(attempt).toMatchObject({
      stage: 'rejected',
      smtp_code: 550,
      response: 'the server’s response cannot be stored',
    });
    expect((await itemOf(world, lead_id!)).status).toBe('failed');
  });
});
