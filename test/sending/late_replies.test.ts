import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { SendOutcome } from '../../src/connectors/connector.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { recordOutcome } from '../../src/coordinator/sending/outcomes.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { transaction } from '../../src/db/pool.ts';
import { getQueueItem } from '../../src/db/queries/send_queue.gen.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { CadenceEventLogRow, FlagsRow } from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { approvedLeads, attempts, deliver, itemOf, scripted, sweep } from './send_world.ts';

/* Server responses that arrive after their attempt was settled. */

const { db } = await testDatabase();

const late = (world: World) =>
  world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'late_reply'`);

/** A message whose sender was stuck at the server until its lease was over; `then` runs before the server's response. */
async function answeredLate(outcome: SendOutcome, then: (world: World, queue_id: string) => Promise<void>) {
  const world = await createWorld(db);
  const logged: string[] = [];
  world.worker_context.log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
  const [lead_id] = await approvedLeads(world, 1);
  const slow = scripted(async (_message, hooks) => {
    await hooks.beforeData?.();
    const [attempt] = await attempts(world);
    world.clock.set(attempt!.lease_until.getTime() + 1);
    expect(await sweep(world)).toBe(1);
    await then(world, attempt!.queue_id);
    return outcome;
  });
  await deliver(world, slow);
  return { world, lead_id: lead_id!, logged: logged.map((line) => JSON.parse(line)) };
}

async function sayItDidNotGo(world: World, id: string): Promise<void> {
  const operation = sendQueueOperations.find(({ name }) => name === 'resolve_queue_item')!;
  const call = { context: world.context, principal: world.person, input: { id, went: false } };
  await operation.run(call as never);
}

it('a late reply is kept as evidence and changes nothing', async () => {
  const accepted = { kind: 'sent', response: '250 2.0.0 queued as 4711' } as const;
  const { world, lead_id, logged } = await answeredLate(accepted, async () => {});
  const item = await itemOf(world, lead_id);
  expect(item.status).toBe('unknown');
  expect(await late(world)).toMatchObject([
    {
      lead_id,
      queue_id: item.id,
      resolution: 'accepted',
      detail: { response: '250 2.0.0 queued as 4711', stage: 'unknown' },
    },
  ]);
  expect(logged.filter(({ reply }) => reply === 'accepted')).toMatchObject([
    { level: 40, queue_id: item.id, stage: 'unknown' },
  ]);
});

it('a late acceptance raises a warning if a person confirmed the message as not sent', async () => {
  const { world, lead_id } = await answeredLate({ kind: 'sent', response: '250 ok' }, sayItDidNotGo);
  const { id, status } = await itemOf(world, lead_id);
  expect(status).toBe('failed');
  const open = () =>
    world.rows<FlagsRow>('flags', `kind = 'send_unknown' AND resolved_at IS NULL AND subject = '${id}'`);
  expect(await open()).toMatchObject([{ detail: { late_reply: 'accepted', response: '250 ok' } }]);
  await runCheck(
    world.worker_context,
    world.org_id,
    FLAG_CHECKS.find(({ name }) => name === 'send_unknown')!,
  );
  expect(await open()).toHaveLength(1);
});

it('a late refusal raises no warning', async () => {
  const refused = { kind: 'rejected', smtp_code: 554, response: '554 no', scope: 'message' } as const;
  const { world } = await answeredLate(refused, sayItDidNotGo);
  expect(await late(world)).toMatchObject([{ resolution: 'rejected' }]);
  expect(await world.rows('flags', `kind = 'send_unknown' AND resolved_at IS NULL`)).toEqual([]);
});

it('a reply is not late without an earlier outcome, or with the same one', async () => {
  const silent = await answeredLate({ kind: 'unknown', response: 'no reply' }, async () => {});
  expect(await late(silent.world)).toEqual([]);
  const world = await createWorld(db);
  await approvedLeads(world, 1);
  const twice = scripted(() => true);
  await deliver(world, twice);
  const [attempt] = await attempts(world);
  const { org_id, clock } = world;
  await transaction(db, coordinatorActor(org_id), async (tx) => {
    const [item] = await getQueueItem.run({ org_id, id: attempt!.queue_id }, tx);
    const outcome = { kind: 'sent', response: '250 ok' } as const;
    const settled = { item: item!, attempt_id: attempt!.id, outcome };
    await recordOutcome({ tx, org_id, clock }, settled);
  });
  expect(await late(world)).toEqual([]);
});

it('the log names a message of unknown outcome, a refused one and a paused mailbox, by ids alone', async () => {
  const { logged } = await answeredLate({ kind: 'unknown', response: 'x' }, async () => {});
  expect(logged).toMatchObject([
    {
      level: 40,
      queue_id: expect.any(String),
      attempt_id: expect.any(String),
      msg: expect.stringContaining('resolve'),
    },
  ]);
  const world = await createWorld(db);
  const lines: string[] = [];
  world.worker_context.log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  await approvedLeads(world, 1);
  const response = '550 5.7.1 lead1@prospect.example is blocked';
  await deliver(
    world,
    scripted(() => ({ kind: 'rejected', smtp_code: 550, response, scope: 'sender', stage: 'rcpt' })),
  );
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
    'a mail server rejected a message',
    'a mailbox was paused; resume it with touchline mailbox resume',
  ]);
  expect(lines.join()).not.toContain('@');
});
