import { describe, expect, it } from 'vitest';
import { coordinatorActor, type Scope } from '../../src/coordinator/gate/scope.ts';
import { settleExpiredAttempts } from '../../src/coordinator/sending/attempts.ts';
import { recordOutcome } from '../../src/coordinator/sending/outcomes.ts';
import {
  claimForSending,
  mayBeginData,
  type ReservedSend,
  reserveItems,
  reserveSends,
} from '../../src/coordinator/sending/sending.ts';
import { type Queryable, type Tx, transaction } from '../../src/db/pool.ts';
import { lockLeads } from '../../src/db/queries/facts.gen.ts';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import type { SalesSendQueueRow, SendAttemptsRow } from '../../src/schema.gen.ts';
import { untilAsleep } from '../blocked.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

const { db } = await testDatabase();
const MINUTE_MS = 60_000;
const BATCH = { limit: 100, set_aside: [], claimed: () => {}, report: () => {} };

/** A lead with one approved message that no worker has reserved. */
async function approvedMessage(): Promise<{ world: World; lead_id: string }> {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  const input = { id: draft.id, content_hash: draft.content_hash };
  await approveDraft.run({ context: world.context, principal: world.person, input });
  return { world, lead_id };
}

function inScope<T>(world: World, run: (scope: Scope) => Promise<T>): Promise<T> {
  const { org_id, clock } = world;
  return transaction(db, coordinatorActor(org_id), (tx) => run({ tx, org_id, clock }));
}

const OPTIONS = { limit: 10, secret: 'secret', lease_ms: 15 * MINUTE_MS, speed: 1 };

const reserve = (scope: Scope): Promise<ReservedSend[]> => reserveSends(scope, OPTIONS);

/** The same transaction; its claim of sendable messages takes its snapshot, then half a second to reach the rows. */
function slowClaim(tx: Tx): Tx {
  const query: Queryable['query'] = (text, values) =>
    tx.query(
      text.includes('send_claims.claimSendableItems')
        ? text.replace('FROM sales_send_queue q', 'FROM (SELECT pg_sleep(0.5)) slow, sales_send_queue q')
        : text,
      values,
    );
  return { query } as Tx;
}

describe('two workers and one message', () => {
  it('a slow claim keeps its mailbox, and other workers find nothing left', async () => {
    const { world } = await approvedMessage();
    const slow = inScope(world, (scope) => reserve({ ...scope, tx: slowClaim(scope.tx) }));
    await untilAsleep(db);
    expect(await inScope(world, reserve)).toEqual([]);
    const [send] = await slow;
    expect(await inScope(world, (scope) => mayBeginData(scope, send!))).toBe(true);
  });

  it('a claimed message that another worker has reserved is skipped', async () => {
    const { world } = await approvedMessage();
    const [stale] = await inScope(world, (scope) => claimForSending(scope, OPTIONS));
    expect(stale!.items).toHaveLength(1);
    const [send] = await inScope(world, reserve);
    expect(await inScope(world, (scope) => reserveItems(scope, stale!, OPTIONS))).toEqual([]);
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue')).toMatchObject([{ status: 'approved' }]);
    expect(await inScope(world, (scope) => mayBeginData(scope, send!))).toBe(true);
  });

  it('a hand-over that starts at the end of its lease gets a full lease', async () => {
    const { world } = await approvedMessage();
    const [send] = await inScope(world, reserve);
    const [attempt] = await world.rows<SendAttemptsRow>('send_attempts');
    world.clock.set(attempt!.lease_until.getTime() - 1);
    expect(await inScope(world, (scope) => mayBeginData(scope, send!))).toBe(true);
    world.clock.advance(5 * MINUTE_MS);
    expect(await inScope(world, (scope) => settleExpiredAttempts(scope, BATCH))).toBe(0);
    const { item, attempt_id } = send!;
    const outcome = { kind: 'sent', response: '250 ok' } as const;
    await inScope(world, (scope) => recordOutcome(scope, { item, attempt_id, outcome }));
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue')).toMatchObject([{ status: 'sent' }]);
  });

  it('an expired lease is settled only by the process that holds the lead, so no two wait for each other', async () => {
    const { world, lead_id } = await approvedMessage();
    const [send] = await inScope(world, reserve);
    expect(await inScope(world, (scope) => mayBeginData(scope, send!))).toBe(true);
    const [attempt] = await world.rows<SendAttemptsRow>('send_attempts');
    world.clock.set(attempt!.lease_until.getTime() + 1);
    await inScope(world, async (scope) => {
      await lockLeads.run({ org_id: world.org_id, lead_ids: [lead_id] }, scope.tx);
      expect(await inScope(world, (other) => settleExpiredAttempts(other, BATCH))).toBe(0);
      const { item, attempt_id } = send!;
      const outcome = { kind: 'sent', response: '250 ok' } as const;
      await recordOutcome(scope, { item, attempt_id, outcome });
    });
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue')).toMatchObject([{ status: 'sent' }]);
  });
});
