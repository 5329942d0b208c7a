import { describe, expect, it } from 'vitest';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { todayOperations } from '../../src/operations/log/today.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { SEND_SETTINGS } from '../../src/worker/send_settings.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import {
  approvedLeads,
  beginData,
  deliver,
  itemOf,
  mailboxOf,
  reserve,
  scripted,
  sweep,
} from './send_world.ts';

const { db } = await testDatabase();

async function operate(world: World, name: string, input: Record<string, unknown>) {
  const operation = sendQueueOperations.find((one) => one.name === name)!;
  const call = { context: world.context, principal: world.person, input: operation.input.parse(input) };
  return operation.output.parse(await operation.run(call as never)) as { items: Said[] };
}

type Said = { id: string; why: string | null; what_next: string | null; sending_since: string | null };
const said = async (world: World, status: string) =>
  (await operate(world, 'list_send_queue', { status })).items[0]!;

const refused = (scope: 'sender' | 'message') =>
  scripted(() => ({ kind: 'rejected', smtp_code: 550, response: '550 5.7.1 no', scope, stage: 'rcpt' }));

describe('the queue shows reason and next step', () => {
  it('of approved messages while the mailbox is paused or waits', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    expect(await said(world, 'approved')).toMatchObject({ why: null, what_next: null });
    await deliver(
      world,
      scripted(() => ({ kind: 'deferred', unreachable: true, response: 'connect ECONNREFUSED' })),
    );
    expect((await said(world, 'approved')).why).toMatch(/could not be reached; next attempt at 2026-11-24T/);
    world.clock.advance(3_600_000);
    await deliver(world, refused('sender'));
    const { id } = await mailboxOf(world);
    const { why, what_next } = await said(world, 'approved');
    expect(why).toBe('The mailbox justin@sender.example is paused: 550 5.7.1 no.');
    expect(what_next).toMatch(
      new RegExp(`why the mail server rejected the sender, then: touchline mailbox resume ${id}\\.$`),
    );
  });

  it('of a message under way, until its lease ends or its process has died', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const [send] = await reserve(world);
    const began = world.clock.now().toISOString();
    const ends = send!.lease_until.toISOString();
    const started = await said(world, 'approved');
    expect(started.why).toBe(
      `It is being sent since ${began}; its lease ends at ${ends}, and without an outcome by then it is sent again.`,
    );
    expect(started).toMatchObject({ sending_since: began, sending_until: ends });
    await beginData(world, send!);
    expect((await said(world, 'approved')).why).toMatch(
      /by then its delivery becomes unknown, and it is never/,
    );
    const today = todayOperations[0].run;
    const { context, person: principal } = world;
    expect((await today({ context, principal, input: {} })).sending).toMatchObject({ count: 1 });
    const [item] = await world.rows<SalesSendQueueRow>('sales_send_queue');
    const explained = await explainOperations[0].run({ context, principal, input: { id: item!.lead_id } });
    expect(explained.next[0]!.text).toMatch(/step 1.* is being sent since .*; its lease ends at /i);
    world.clock.advance(SEND_SETTINGS.lease_ms);
    expect((await said(world, 'approved')).why).toMatch(
      /its lease ended at .*, and once a worker runs its delivery/,
    );
    await sweep(world);
    expect((await said(world, 'unknown')).sending_since).toBeNull();
  });

  it('of failed and deferred messages', async () => {
    const world = await createWorld(db);
    const [lead_id] = await approvedLeads(world, 1);
    await deliver(
      world,
      scripted(() => ({ kind: 'deferred', response: '451 4.7.1 greylisted' })),
    );
    expect((await said(world, 'approved')).why).toMatch(/^It leaves at \S+ at the earliest after: 451 4.7.1/);
    world.clock.advance(3_600_000);
    await deliver(world, refused('message'));
    const item = await itemOf(world, lead_id!);
    expect(await said(world, 'failed')).toMatchObject({
      why: '550 5.7.1 no',
      what_next: expect.stringContaining(`touchline edit draft ${item.staged_draft_id}`),
    });
    expect((await said(world, 'failed')).what_next).toContain(`touchline cancel ${item.id} --reason TEXT`);
  });

  it('of a message whose address does not exist: the enrollment has ended, so another text does not help', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 1);
    const rejected = {
      kind: 'rejected',
      smtp_code: 550,
      enhanced_code: '5.1.1',
      scope: 'recipient',
    } as const;
    await deliver(
      world,
      scripted(() => ({ ...rejected, response: '550 5.1.1 no such user' })),
    );
    const { what_next } = await said(world, 'failed');
    expect(what_next).toMatch(
      /^The enrollment has ended, so it sends nothing more. To cancel it: touchline cancel/,
    );
  });

  it('of held messages', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const [, put] = policyOperations;
    const document = { touch_cap: { max_touches_per_window: 0 }, drafts: { undo_seconds: 0 } };
    const input = { document, expected_version: 1 };
    await put.run({ context: world.context, principal: world.person, input });
    await world.approve(lead_id);
    expect(await said(world, 'held')).toMatchObject({
      why: 'Held: the lead has reached the touch cap.',
    });
  });
});

it('a refusal names the possible actions', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  await world.work();
  await world.approve(lead_id);
  const { id, status } = await itemOf(world, lead_id);
  expect(status).toBe('sent');
  for (const [name, input] of [
    ['cancel_queue_item', { id, reason: 'x' }],
    ['resolve_queue_item', { id, went: true }],
  ] as const) {
    await expect(operate(world, name, input)).rejects.toMatchObject({
      code: 'illegal_status_move',
      hint: expect.stringContaining('touchline '),
    });
  }
});
