import { afterAll, describe, expect, it } from 'vitest';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { editDraft } from '../../src/operations/drafts/decisions.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { mailboxOperations } from '../../src/operations/sending/mailboxes.ts';
import type { AgentTasksRow, FlagsRow } from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import {
  approve,
  approvedLeads,
  attempts,
  beginData,
  deliver,
  itemOf,
  mailboxOf,
  record,
  reserve,
} from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';
import { startSink } from './smtp_sink.ts';

/* Header text that is invalid but stored by an older version: it fails with its own code before any server is contacted. */

const { db } = await testDatabase();
const sink = await startSink();
const mail = smtpSender({ url: sink.url, connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 });
afterAll(async () => {
  await mail.close();
  await sink.close();
});

const CAMPAIGN = 'b2bea_membership_close';

/** Writes what an older version accepted, bypassing the triggers. */
async function asBefore(statement: string): Promise<void> {
  await db.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`);
}

async function draftedLead(world: World): Promise<string> {
  await db.query(`UPDATE campaigns SET send_rule = 'approve_each' WHERE org_id = $1`, [world.org_id]);
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  await world.work();
  return lead_id;
}

async function approvedWith(world: World, subject: string): Promise<string> {
  const lead_id = await draftedLead(world);
  const { draft } = await world.draftOf(lead_id);
  await asBefore(`UPDATE staged_drafts SET subject = E'${subject}' WHERE id = '${draft.id}'`);
  await approve(world, lead_id);
  return lead_id;
}

const flagsOf = (world: World, kind: FlagsRow['kind']) =>
  world.rows<FlagsRow>('flags', `kind = '${kind}' AND resolved_at IS NULL`);
const check = (world: World) =>
  runCheck(world.worker_context, world.org_id, FLAG_CHECKS.find(({ name }) => name === 'message_invalid')!);
const call = (world: World) => ({ context: world.context, principal: world.person });
const operationOf = <Operation extends { name: string }>(list: readonly Operation[], name: string) =>
  list.find((one) => one.name === name)!;

describe('a subject that no header can hold', () => {
  it('fails with its own code, pauses its enrollment, and names the step, without contacting a server', async () => {
    const world = await createWorld(db);
    const lead_id = await approvedWith(world, 'Hello\\x1b you');
    await deliver(world, mail);
    const response =
      'The message cannot be sent: subject has a control character (U+001B, escape) at position 6.';
    expect(sink.received).toEqual([]);
    expect(await attempts(world)).toMatchObject([
      { stage: 'rejected', failure: 'message_invalid', smtp_code: null, response },
    ]);
    expect(await itemOf(world, lead_id)).toMatchObject({ status: 'failed', error: response });
    expect(await world.rows('campaign_contacts')).toMatchObject([
      { status: 'paused', paused_reason: 'message_invalid', wake: 'never' },
    ]);
    const detail = { campaign: CAMPAIGN, step_number: 1, response };
    expect(await flagsOf(world, 'message_invalid')).toMatchObject([{ lead_id, detail }]);
    expect(await world.rows('cadence_event_log', `event_type = 'failed'`)).toMatchObject([
      { resolution: 'message_invalid' },
    ]);
    // Nothing more happens to it, however long it waits.
    world.clock.advance(40 * 24 * 3_600_000);
    await world.work();
    expect(await world.rows('sales_send_queue')).toHaveLength(1);
    const explain = operationOf(explainOperations, 'explain_lead');
    const told = await explain.run({ ...call(world), input: { id: lead_id } } as never);
    expect(JSON.stringify(told)).toContain('no mail server was contacted');
  });

  it('leaves once its text was edited and approved and its enrollment resumed', async () => {
    const world = await createWorld(db);
    const lead_id = await approvedWith(world, 'Hello\\u200e');
    await deliver(world, mail);
    await check(world);
    expect(await flagsOf(world, 'message_invalid')).toHaveLength(1);
    const { draft, item } = await world.draftOf(lead_id);
    const input = { id: draft.id, content_hash: draft.content_hash, subject: 'Hello' };
    await editDraft.run({ ...call(world), input });
    await approve(world, lead_id);
    const resume = operationOf(enrollmentOperations, 'resume_enrollment');
    await resume.run({ ...call(world), input: { id: item.enrollment_id } } as never);
    const before = sink.received.length;
    await deliver(world, mail);
    expect(sink.received.slice(before)).toMatchObject([{ subject: 'Hello' }]);
    await check(world);
    expect(await flagsOf(world, 'message_invalid')).toEqual([]);
  });
});

it('a mailbox name that no header can hold pauses the mailbox, and the message leaves once the name is changed', async () => {
  const world = await createWorld(db);
  const [lead_id] = await approvedLeads(world, 1);
  const { id } = await mailboxOf(world);
  await asBefore(`UPDATE mailboxes SET display_name = E'Jo\\x1b' WHERE id = '${id}'`);
  await deliver(world, mail);
  const reason = 'The message cannot be sent: from has a control character (U+001B, escape) at position 3.';
  expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved' });
  expect(await attempts(world)).toMatchObject([{ stage: 'abandoned', failure: 'message_invalid' }]);
  expect(await mailboxOf(world)).toMatchObject({ paused_by: 'server', paused_reason: reason });
  expect(await flagsOf(world, 'mailbox_health')).toMatchObject([
    { subject: id, detail: { address: 'justin@sender.example', reason } },
  ]);
  const patch = operationOf(mailboxOperations, 'patch_mailbox');
  const resume = operationOf(mailboxOperations, 'resume_mailbox');
  await patch.run({ ...call(world), input: { id, display_name: 'Jo' } } as never);
  await resume.run({ ...call(world), input: { id } } as never);
  const before = sink.received.length;
  await deliver(world, mail);
  expect(sink.received.slice(before)).toMatchObject([{ from: { name: 'Jo' } }]);
  expect((await itemOf(world, lead_id!)).status).toBe('sent');
});

describe('a mailbox whose every message fails', () => {
  const invalid = { kind: 'invalid', cause: 'message', response: 'cannot be built' } as const;

  it('is paused after five leads in a row, and named', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 6);
    const sends = await reserve(world);
    for (const send of sends.slice(0, 4)) await record(world, send, invalid);
    expect(await mailboxOf(world)).toMatchObject({ paused_at: null });
    const refused = { kind: 'rejected', smtp_code: 554, scope: 'message', response: '554 no' } as const;
    await record(world, sends[4]!, refused);
    const reason = 'the last 5 messages all failed, the latest with: 554 no';
    expect(await mailboxOf(world)).toMatchObject({ paused_by: 'server', paused_reason: reason });
    expect(await flagsOf(world, 'mailbox_health')).toMatchObject([{ detail: { reason } }]);
  });

  it('is not paused when one message in between left', async () => {
    const world = await createWorld(db);
    await approvedLeads(world, 6);
    const sends = await reserve(world);
    for (const [at, send] of sends.entries()) {
      world.clock.advance(1_000);
      if (at !== 3) await record(world, send, invalid);
      else {
        await beginData(world, send);
        await record(world, send, { kind: 'sent', response: '250 ok' });
      }
    }
    expect(await mailboxOf(world)).toMatchObject({ paused_at: null });
  });
});

it('a lead’s name that no header can hold blocks the draft, and is named', async () => {
  const world = await createWorld(db);
  await db.query(`UPDATE campaigns SET send_rule = 'approve_each' WHERE org_id = $1`, [world.org_id]);
  await db.query(
    `UPDATE campaign_sequences s SET subject_template = 'A question, {{ lead.first_name }}' FROM campaigns c
     WHERE c.org_id = $1 AND c.slug = $2 AND s.org_id = c.org_id AND s.campaign_id = c.id AND s.step_number = 1`,
    [world.org_id, CAMPAIGN],
  );
  const lead_id = await world.addLead({ first_name: 'A\u001bda' });
  const spaced = await world.addLead({ first_name: 'Ada\tMaria' });
  await world.request(lead_id, CAMPAIGN);
  await world.request(spaced, CAMPAIGN);
  await world.work();
  expect((await world.draftOf(spaced)).draft.subject).toBe('A question, Ada Maria');
  const [task] = await world.rows<AgentTasksRow>('agent_tasks', `lead_id = '${lead_id}'`);
  expect(task).toMatchObject({
    status: 'failed',
    error: 'the subject has a control character (U+001B, escape) at position 14, from lead.first_name',
  });
  // The touch waits for the step: the enrollment does not continue without it.
  expect(await world.rows('sales_send_queue', `lead_id = '${lead_id}'`)).toMatchObject([
    { status: 'pending', step_number: 1 },
  ]);
});

describe('the database refuses invalid header text from every writer', async () => {
  const world = await createWorld(db);
  const { org_id, person } = world;
  const user_id = person.kind === 'human' ? person.user_id : '';
  const lead_id = await draftedLead(world);
  const { draft } = await world.draftOf(lead_id);
  const actors: Actor[] = [
    { org_id, kind: 'human', id: user_id },
    { org_id, kind: 'coordinator', id: 'coordinator' },
    { org_id, kind: 'system', id: 'setup' },
  ];
  const attack = (actor: Actor, text: string, values: unknown[]) =>
    transaction(db.app, actor, (tx) => tx.query(text, values)).then(() => null, sqlState);
  const SET = [
    ['clients', 'name'],
    ['campaigns', 'name'],
    ['mailboxes', 'display_name'],
    ['organizations', 'name'],
    ['organizations', 'sender_name'],
    ['campaign_sequences', 'subject_template'],
  ] as const;

  it.each(actors)('$kind', async (actor) => {
    for (const bad of [
      'a\tb',
      'a\u001bb',
      'a\u0085b',
      'a\u2028b',
      'a\u200eb',
      ' a',
      '=?utf-8?q?a?=',
      'x'.repeat(2_001),
    ]) {
      for (const [table, column] of SET) {
        // Only an admin may change an organization.
        const refusal = table === 'organizations' && actor.kind === 'coordinator' ? 'TL019' : 'TL063';
        const text = `UPDATE ${table} SET ${column} = $2 WHERE org_id = $1`;
        expect(await attack(actor, text, [org_id, bad]), `${table}.${column} ${JSON.stringify(bad)}`).toBe(
          refusal,
        );
      }
      const version = `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, written_by_user_id)
        SELECT org_id, gen_random_uuid(), queue_id, version + 1, channel, to_id, $3, body, context, $4 FROM staged_drafts
        WHERE org_id = $1 AND id = $2`;
      expect(await attack(actor, version, [org_id, draft.id, bad, user_id])).toBe('TL063');
    }
  });
});
