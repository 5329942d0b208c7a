import { describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/connectors/connector.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { mailboxOperations } from '../../src/operations/sending/mailboxes.ts';
import type { FlagsRow } from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { approvedLeads, beginData, mailboxOf, record, reserve } from './send_world.ts';

const { db } = await testDatabase();
const BLOCKED: SendOutcome = {
  kind: 'rejected',
  smtp_code: 550,
  enhanced_code: '5.7.1',
  response: '550 5.7.1 you are blocked',
  scope: 'sender',
  stage: 'body',
};
const AWAY: SendOutcome = { kind: 'deferred', unreachable: true, response: 'connect ECONNREFUSED' };

const openFlags = (world: World) =>
  world.rows<FlagsRow>('flags', `kind = 'mailbox_health' AND resolved_at IS NULL`);
const check = (world: World) =>
  runCheck(world.worker_context, world.org_id, FLAG_CHECKS.find(({ name }) => name === 'mailbox_health')!);

async function pauseByHand(world: World): Promise<void> {
  const pause = mailboxOperations.find(({ name }) => name === 'pause_mailbox')!;
  const input = { id: (await mailboxOf(world)).id, reason: 'moving house' };
  await pause.run({ context: world.context, principal: world.person, input } as never);
}

describe('a mailbox that the server refused', () => {
  it('keeps its warning whatever happens to the messages under way', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 3);
    const [first, second, third] = await reserve(world);
    await beginData(world, first!);
    await beginData(world, third!);
    await record(world, first!, BLOCKED);
    await record(world, second!, AWAY);
    await record(world, third!, { kind: 'sent', response: '250 ok' });
    expect(await mailboxOf(world)).toMatchObject({
      paused_by: 'server',
      unreachable_count: 0,
      retry_at: null,
    });
    expect(await openFlags(world)).toMatchObject([{ detail: { cause: 'paused' } }]);
  });

  it('gets a missing warning from the check, once', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [send] = await reserve(world);
    await record(world, send!, BLOCKED);
    await db.query(
      `UPDATE flags SET resolved_at = $2, resolution = 'cause_gone', cause_gone_at = $2 WHERE org_id = $1`,
      [world.org_id, world.clock.now()],
    );
    await Promise.all([check(world), check(world)]);
    expect(await openFlags(world)).toMatchObject([
      { for_role: 'revops', detail: { cause: 'paused', reason: '550 5.7.1 you are blocked' } },
    ]);
  });
});

describe('the check of mailboxes', () => {
  it('ends the warning of a healthy mailbox, and keeps that of an unreachable one', async () => {
    const world = await createWorld(db);
    const set = (count: number) =>
      db.query(
        `UPDATE mailboxes SET unreachable_count = $2::int, retry_at = CASE WHEN $2::int > 0 THEN $3::timestamptz END,
           unreachable_error = CASE WHEN $2::int > 0 THEN 'connect ECONNREFUSED' END WHERE org_id = $1`,
        [world.org_id, count, world.clock.now()],
      );
    await set(2);
    await check(world);
    expect(await openFlags(world)).toEqual([]);
    await set(3);
    await check(world);
    await check(world);
    expect(await openFlags(world)).toMatchObject([
      { detail: { cause: 'unreachable', unreachable_count: 3 } },
    ]);
    await set(0);
    await check(world);
    expect(await openFlags(world)).toEqual([]);
  });

  it('ignores a mailbox that a person paused', async () => {
    const world = await createWorld(db);
    await pauseByHand(world);
    await check(world);
    expect(await openFlags(world)).toEqual([]);
  });
});
