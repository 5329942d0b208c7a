import { describe, expect, it } from 'vitest';
import { approveDraft, editDraft, rejectDraft } from '../../src/operations/drafts/decisions.ts';
import { confirmUnsubscribe, showUnsubscribe } from '../../src/operations/leads/unsubscribe.ts';
import type {
  CadenceEventLogRow,
  CampaignContactsRow,
  SalesSendQueueRow,
  StagedDraftsRow,
  TouchesRow,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { replaysEveryDecision } from '../gate/replay.ts';
import { createWorld, DAY_MS, START } from '../world.ts';

const { db } = await testDatabase();

describe('one lead through the eight steps', () => {
  it('is due, drafted, approved and sent as the specification says, and exits after the last step', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    const answer = await world.request(lead_id, 'b2bea_membership_close');
    expect(answer).toMatchObject({ kind: 'answered', decision: { outcome: 'allow' } });
    const days = [0, 3, 7, 10, 14, 21, 35, 56];
    for (const [index, day] of days.entries()) {
      world.clock.set(START + day * DAY_MS);
      await world.work();
      const { item } = await world.draftOf(lead_id);
      expect(item).toMatchObject({ step_number: index + 1, status: 'drafted' });
      const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts');
      const next_day = days[index + 1];
      expect(enrollment!.current_step).toBe(Math.min(index + 2, 8));
      expect(enrollment!.next_send_at?.getTime() ?? null).toBe(
        next_day === undefined ? null : START + next_day * DAY_MS,
      );
      await world.approve(lead_id);
      expect((await world.draftOf(lead_id)).item.status).toBe('sent');
    }
    const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(enrollment).toMatchObject({ status: 'timed_out', exit_reason: 'no_engagement' });
    // Step 4 is LinkedIn and step 7 is a manual send: six are sent by mail, eight count.
    expect(world.sent).toHaveLength(6);
    expect(await world.rows<TouchesRow>('touches')).toHaveLength(8);
    const thread = world.sent.map(({ mail }) => mail);
    expect(thread[0]!.in_reply_to).toBeUndefined();
    expect(thread[5]!.in_reply_to).toBe(thread[4]!.message_id);
    expect(thread[5]!.references).toEqual(thread.slice(0, 5).map((mail) => mail.message_id));
    expect(new Set(thread.map((mail) => mail.message_id)).size).toBe(6);
  });

  it('keeps the designed gap between two steps when one is sent late', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    world.clock.advance(5 * DAY_MS);
    await world.approve(lead_id);
    const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(enrollment!.next_send_at!.getTime()).toBe(START + 8 * DAY_MS);
  });

  it('drops a rejected touch and continues with the next step', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const { draft } = await world.draftOf(lead_id);
    await rejectDraft.run({
      context: world.context,
      principal: world.person,
      input: { id: draft.id, reason: 'too early' },
    });
    world.clock.advance(3 * DAY_MS);
    await world.work();
    expect((await world.draftOf(lead_id)).item.step_number).toBe(2);
    expect(world.sent).toHaveLength(0);
  });
});

describe('approval', () => {
  it('covers one exact text', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const { draft } = await world.draftOf(lead_id);
    const call = { context: world.context, principal: world.person };
    const edited = await editDraft.run({
      ...call,
      input: { id: draft.id, content_hash: draft.content_hash, body: 'Shorter.' },
    });
    expect(edited).toMatchObject({ version: 2, body: 'Shorter.', status: 'drafted' });
    await expect(
      approveDraft.run({ ...call, input: { id: draft.id, content_hash: draft.content_hash } }),
    ).rejects.toMatchObject({
      code: 'draft_changed',
      status: 409,
      message: 'The text changed since you read it.',
    });
    await expect(
      approveDraft.run({ ...call, input: { id: edited.id, content_hash: 'f'.repeat(64) } }),
    ).rejects.toMatchObject({
      code: 'draft_changed',
      message: 'This is not the hash of the current text.',
    });
    await expect(
      approveDraft.run({ ...call, input: { id: edited.id, content_hash: draft.content_hash } }),
    ).rejects.toMatchObject({ code: 'draft_changed' });
    await approveDraft.run({ ...call, input: { id: edited.id, content_hash: edited.content_hash } });
    await world.work();
    expect(world.sent.map(({ mail }) => mail.text)).toEqual(['Shorter.']);
  });

  it('is void after an edit', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const { draft } = await world.draftOf(lead_id);
    const call = { context: world.context, principal: world.person };
    await approveDraft.run({ ...call, input: { id: draft.id, content_hash: draft.content_hash } });
    await editDraft.run({
      ...call,
      input: { id: draft.id, content_hash: draft.content_hash, body: 'Other.' },
    });
    await world.work();
    expect(world.sent).toHaveLength(0);
    expect((await world.draftOf(lead_id)).item.status).toBe('drafted');
  });

  it('requires a second person after an edit if the policy says so', async () => {
    const world = await createWorld(db, { policy: { four_eyes: true } });
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const { draft } = await world.draftOf(lead_id);
    const call = { context: world.context, principal: world.person };
    const edited = await editDraft.run({
      ...call,
      input: { id: draft.id, content_hash: draft.content_hash, body: 'Mine.' },
    });
    await expect(
      approveDraft.run({ ...call, input: { id: edited.id, content_hash: edited.content_hash } }),
    ).rejects.toMatchObject({ code: 'TL010' });
  });
});

describe('caps', () => {
  it('hold a second touch of the day until the next local day, and release it automatically', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ time_zone: 'Asia/Kolkata' });
    await world.request(lead_id, 'b2bea_membership');
    await world.request(lead_id, 'b2bea_world');
    await world.work();
    const drafts = await world.rows<StagedDraftsRow>('staged_drafts');
    expect(drafts).toHaveLength(2);
    for (const draft of drafts) {
      await approveDraft.run({
        context: world.context,
        principal: world.person,
        input: { id: draft.id, content_hash: draft.content_hash },
      });
    }
    await world.work();
    expect(world.sent).toHaveLength(1);
    const [held] = await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'held'`);
    expect(held!.held_reason).toBe('touch_cap_exceeded');
    const midnight_in_kolkata = Date.parse('2026-11-24T18:30:00Z');
    expect(held!.held_until!.getTime()).toBe(midnight_in_kolkata);
    world.clock.set(midnight_in_kolkata - 1);
    await world.work();
    expect(world.sent).toHaveLength(1);
    world.clock.set(midnight_in_kolkata);
    await world.work();
    expect(world.sent).toHaveLength(2);
  });
});

describe('unsubscribing', () => {
  it('changes nothing when the page is opened, and stops everything on the click', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await world.approve(lead_id);
    world.clock.advance(3 * DAY_MS);
    await world.work();
    const { draft } = await world.draftOf(lead_id);
    await approveDraft.run({
      context: world.context,
      principal: world.person,
      input: { id: draft.id, content_hash: draft.content_hash },
    });
    const token = world.sent[0]!.mail.list_unsubscribe_url!.split('/u/')[1]!;
    expect(await showUnsubscribe(world.worker_context, token)).toMatchObject({ is_unsubscribed: false });
    expect(await world.rows('leads', 'unsubscribe_flag')).toHaveLength(0);
    expect(await confirmUnsubscribe(world.worker_context, token)).toMatchObject({ is_unsubscribed: true });
    expect(await confirmUnsubscribe(world.worker_context, token)).toMatchObject({ is_unsubscribed: true });
    world.clock.advance(60 * DAY_MS);
    await world.work();
    expect(world.sent).toHaveLength(1);
    const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(enrollment).toMatchObject({ status: 'rejected', exit_reason: 'compliance_block' });
    const events = await world.rows<CadenceEventLogRow>(
      'cadence_event_log',
      `suppressed_reason = 'compliance_block'`,
    );
    expect(events.length).toBeGreaterThan(0);
    const forged = `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    expect(await showUnsubscribe(world.worker_context, forged)).toBeNull();
    expect(await world.request(lead_id, 'dreamborn')).toMatchObject({
      decision: { outcome: 'block', reason: 'compliance_block' },
    });
  });
});

replaysEveryDecision(db, ['requested', 'dispatched', 'sent']);
