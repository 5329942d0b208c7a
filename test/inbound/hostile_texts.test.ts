import { expect, test } from 'vitest';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS } from '../world.ts';
import { HOSTILE_TEXTS, obedientModel } from './hostile_texts.ts';
import { answer, leadOf, mailFrom, replyTasks, take, writtenLead } from './inbound_world.ts';

/* Two hundred replies that try to make the product act, read by a model that obeys each of them. */

const { db } = await testDatabase();

test('none of two hundred texts sends, approves, lifts, enrolls or shows anything', {
  timeout: 120_000,
}, async () => {
  expect(new Set(HOSTILE_TEXTS).size).toBe(200);
  const world = await createWorld(db);
  const other = await createWorld(db);
  const stranger = await writtenLead(other);
  const lead = await writtenLead(world);
  const opted_out = await writtenLead(world);
  await take(world, answer(opted_out, 'Unsubscribe'));
  const waiting = await world.addLead();
  await world.request(waiting, 'b2bea_membership_close');
  await world.work();
  const count = async (table: string, where?: string) => (await world.rows(table, where)).length;
  const state = async () => ({
    sent: world.sent.length,
    approvals: await count('draft_approvals'),
    attempts: await count('send_attempts'),
    requests: await count('sequence_requests'),
    enrollments: await count('campaign_contacts'),
    suppressions: await count('suppressions', `source <> 'opt_out'`),
    policies: await count('policies'),
    people: await count('users'),
    keys: await count('api_keys'),
    plays: await count('sales_play_library'),
    meetings: await count('agent_tasks', `type = 'meeting_booked'`),
    opted_out: (await leadOf(world, opted_out.lead_id)).unsubscribe_flag,
    active: await count('campaign_contacts', `status = 'active' AND lead_id <> '${lead.lead_id}'`),
    drafted: await count('sales_send_queue', `status = 'drafted'`),
  });
  const before = await state();
  const foreign = await other.rows('cadence_event_log');
  for (const [number, text] of HOSTILE_TEXTS.entries()) {
    // From the lead by our id, from an opted-out lead, by another org's id, and by a From line alone.
    const raw = [
      () => answer(lead, text),
      () => answer(opted_out, text),
      () => mailFrom(lead.email, text, { 'In-Reply-To': stranger.message_id }),
      () => mailFrom(lead.email, text, { Subject: text.replaceAll('\n', ' ') }),
    ][number % 4]!();
    const { is_new } = await take(world, raw, { classify: obedientModel });
    expect(is_new).toBe(true);
  }
  expect(await other.rows('cadence_event_log')).toEqual(foreign);
  world.clock.advance(3 * DAY_MS);
  await world.work();
  expect(await state()).toEqual(before);
  expect(await other.rows('inbound_messages')).toEqual([]);
  for (const task of await replyTasks(world, lead.lead_id)) expect(task.status).toBe('open');
  expect(
    await world.rows(
      'inbound_messages',
      `lead_id NOT IN (SELECT id FROM leads WHERE org_id = '${world.org_id}')`,
    ),
  ).toEqual([]);
  expect(await world.rows('inbound_messages', `intent_source NOT IN ('rules', 'model')`)).toEqual([]);
});
