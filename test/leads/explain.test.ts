import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Explanation } from '../../src/core/explain/history.ts';
import { enrollmentOperations } from '../../src/operations/campaigns/enrollments.ts';
import { approveDraft, rejectDraft } from '../../src/operations/drafts/decisions.ts';
import { explainOperations } from '../../src/operations/leads/explain.ts';
import { eventOperations } from '../../src/operations/log/events.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START, type World } from '../world.ts';
import { readOf, recordMany } from './explain_world.ts';

const { db } = await testDatabase();
const [explain_lead, timeline_lead] = explainOperations;
const [list_events] = eventOperations;

const explain = (world: World, id: string): Promise<Explanation> => readOf(world, explain_lead, { id });
const timeline = (world: World, input: object): Promise<z.output<typeof timeline_lead.output>> =>
  readOf(world, timeline_lead, input);
const events = (world: World, input: object): Promise<z.output<typeof list_events.output>> =>
  readOf(world, list_events, input);

/** Runs an action on the newest draft of a lead, as the person of the world. */
async function onDraft(world: World, lead_id: string, act: 'approve' | 'reject'): Promise<void> {
  const [item] = await world.rows<{ staged_draft_id: string }>(
    'sales_send_queue',
    `lead_id = '${lead_id}' AND status = 'drafted'`,
  );
  const [draft] = await world.rows<{ id: string; content_hash: string }>(
    'staged_drafts',
    `id = '${item!.staged_draft_id}'`,
  );
  const { id, content_hash } = draft!;
  const { context, person: principal } = world;
  if (act === 'approve') await approveDraft.run({ context, principal, input: { id, content_hash } });
  else await rejectDraft.run({ context, principal, input: { id, content_hash, reason: 'not now' } });
  await world.work();
}

describe('explaining a lead', () => {
  it('works before anything has happened', async () => {
    const world = await createWorld(db);
    const answer = await explain(world, await world.addLead({ last_name: 'Lovelace' }));
    expect(answer).toMatchObject({ happened: [], not_sent: [], as_of: new Date(START).toISOString() });
    expect(answer.summary).toMatch(/^Lead1 Lovelace of Account 1 is idle: in no campaign; no activity yet\./);
  });

  it('covers the request up to the sent mail, with the next step and its time in the lead’s zone', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ time_zone: 'America/New_York' });
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    const drafted = await explain(world, lead_id);
    expect(drafted.next.map(({ waits_for, step_number }) => [waits_for, step_number])).toEqual([
      ['person', 1],
      ['time', 2],
    ]);
    expect(drafted.summary).toContain('“B2BEA membership close” (step 1 of 8)');
    expect(drafted.next[0]!.text).toBe(
      'A person reviews the draft of step 1 of “B2BEA membership close” (an email) and approves, edits, or rejects it.',
    );
    await onDraft(world, lead_id, 'approve');
    const { happened, not_sent, next, window, summary, lead } = await explain(world, lead_id);
    expect(lead).toMatchObject({
      time_zone: 'America/New_York',
      cadence_state: 'closing',
      company: 'Account 1',
    });
    expect(happened.map(({ event_type }) => event_type)).toEqual([
      'enrolled',
      'dispatched',
      'drafted',
      'approved',
      'sent',
    ]);
    expect(happened[0]!.text).toBe(
      'The lead was enrolled in “B2BEA membership close”: Admin requested it, and every gate passed.',
    );
    expect(happened[3]!.text).toBe(
      'Admin approved the draft of step 1 of “B2BEA membership close” (an email).',
    );
    expect(not_sent).toEqual([]);
    expect(next).toEqual([
      {
        at: new Date(START + 3 * DAY_MS).toISOString(),
        text:
          'Step 2 of 8 of “B2BEA membership close” (an email) is due on Fri, Nov 27, 2026, 7:00 AM EST: ' +
          'then the gates run, and it is drafted if every gate passes.',
        waits_for: 'time',
        campaign: 'b2bea_membership_close',
        step_number: 2,
      },
    ]);
    expect(window).toMatchObject({
      touches_counted: 1,
      cap: 3,
      touches: [{ campaign: 'B2BEA membership close' }],
    });
    // One a day: the next one fits when the lead's day in New York is over.
    expect(window.next_free_at).toBe('2026-11-25T05:00:00.000Z');
    expect(summary).toContain('is in closing: in “B2BEA membership close” (step 2 of 8).');
  });

  it('names every gate of a held touch, and its release', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    for (const slug of ['b2bea_membership', 'dreamborn']) await world.request(lead_id, slug);
    await world.work();
    await onDraft(world, lead_id, 'approve');
    await onDraft(world, lead_id, 'approve');
    const held = await explain(world, lead_id);
    const [stop] = held.not_sent;
    expect(stop).toMatchObject({ reason: 'touch_cap_exceeded', until: '2026-11-25T00:00:00.000Z' });
    expect(stop!.text).toContain(
      'was held until Wed, Nov 25, 2026, 12:00 AM GMT. 1 of at most 3 touches in the last 7 days, 1 of at most 1',
    );
    const [last, ...before] = stop!.gates.toReversed();
    expect(last).toMatchObject({ gate: 'touch_cap', says: 'hold' });
    expect(before.map(({ gate, says }) => `${gate} ${says}`)).toContain('compliance pass');
    expect(new Set(before.map(({ says }) => says))).toEqual(new Set(['pass']));
    expect(held.next.find(({ at }) => at === stop!.until)).toMatchObject({ waits_for: 'time' });
    world.clock.advance(DAY_MS);
    await world.work();
    expect(world.sent).toHaveLength(2);
    const after = await explain(world, lead_id);
    expect(after.happened.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Step 1 of .* was released: every gate passed/),
    );
  });

  it('covers an account in ABM and a rejected draft', async () => {
    const world = await createWorld(db);
    const abm = await world.addLead({ abm_active: true });
    await world.request(abm, 'b2bea_nurture');
    const blocked = await explain(world, abm);
    expect(blocked.not_sent).toMatchObject([{ reason: 'abm_active_suppression', until: null }]);
    expect(blocked.not_sent[0]!.text).toBe(
      'The request for “B2BEA vendor nurture” by Marketing Nurture (AGT-304) was blocked. ' +
        'The account is in ABM, and accounts in ABM get no nurture.',
    );
    expect(blocked.summary).toContain('Nothing is planned. The request for');
    const lead_id = await world.addLead();
    await world.request(lead_id, 'dreamborn');
    await world.work();
    await onDraft(world, lead_id, 'reject');
    const { not_sent } = await explain(world, lead_id);
    expect(not_sent.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^Admin rejected the draft .*“not now”/),
    );
  });

  it('says after an opt-out that no message will be sent', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'dreamborn');
    await db.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = $1 WHERE id = $2`, [
      new Date(START),
      lead_id,
    ]);
    await world.work();
    const { next, not_sent, summary } = await explain(world, lead_id);
    expect(next).toMatchObject([{ at: null, waits_for: 'nothing' }]);
    expect(summary).toContain('Nothing may be sent: the lead opted out.');
    expect(not_sent[0]).toMatchObject({
      reason: 'compliance_block',
      gates: [{ gate: 'compliance', says: 'block' }],
    });
    expect(not_sent.at(-1)!.text).toBe(
      '“DreamBorn platform outreach” ended because the lead may not be contacted.',
    );
  });

  it('finds the lead by address or id, and only in its own org', async () => {
    const [world, other] = [await createWorld(db), await createWorld(db)];
    const lead_id = await world.addLead();
    expect((await explain(world, 'LEAD1@prospect.example')).lead.id).toBe(lead_id);
    for (const id of [lead_id, 'lead1@prospect.example', '%', "'"]) {
      await expect(explain(other, id)).rejects.toMatchObject({ code: 'not_found', status: 404 });
    }
    await expect(timeline(other, { id: lead_id })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is bounded: the newest 500 events, oldest first', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await recordMany(world, lead_id, 600);
    const { happened } = await explain(world, lead_id);
    expect(happened).toHaveLength(500);
    expect(happened[0]!.at < happened[499]!.at).toBe(true);
    expect(happened[499]!.at).toBe(new Date(START + 599).toISOString());
  });

  it('has a page of text for terminals', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'dreamborn');
    const text = explain_lead.text!(await explain(world, lead_id));
    expect(text).toContain('WHAT COMES NEXT');
    expect(text).toContain('(roles.bdr) requested it');
  });
});

describe('the log', () => {
  it('is paged newest first, each event with its words', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, 'dreamborn');
    await world.work();
    const first = await timeline(world, { id: lead_id, limit: 2 });
    const second = await timeline(world, { id: lead_id, limit: 2, cursor: first.next_cursor! });
    expect([...first.items, ...second.items].map((row) => row.event_type)).toEqual([
      'drafted',
      'dispatched',
      'enrolled',
    ]);
    expect(second.next_cursor).toBeNull();
    expect(first.items[0]!.text).toBe(
      'Step 1 of “DreamBorn platform outreach” (an email) was drafted from its template.',
    );
    await expect(timeline(world, { id: lead_id, cursor: 'x' })).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
    const forged = Buffer.from(JSON.stringify(['soon', 'x'])).toString('base64url');
    await expect(events(world, { cursor: forged })).rejects.toMatchObject({ code: 'cursor_invalid' });
  });

  it('is filtered by lead, type, reason and time', async () => {
    const world = await createWorld(db);
    const [one, two] = [await world.addLead({ abm_active: true }), await world.addLead()];
    await world.request(one, 'b2bea_nurture');
    world.clock.advance(DAY_MS);
    await world.request(two, 'b2bea_nurture');
    const leads = async (input: object) => (await events(world, input)).items.map((row) => row.lead_id);
    expect(await leads({})).toEqual([two, one]);
    expect(await leads({ lead_id: one })).toEqual([one]);
    expect(await leads({ event_type: 'enrolled' })).toEqual([two]);
    expect(await leads({ suppressed_reason: 'abm_active_suppression' })).toEqual([one]);
    expect(await leads({ since: new Date(START + 1).toISOString() })).toEqual([two]);
    expect(await leads({ play_id: one })).toEqual([]);
    expect((await events(await createWorld(db), {})).items).toEqual([]);
  });

  it('is filtered by campaign, by actor and by its end, with words if requested', async () => {
    const [world, other] = [await createWorld(db), await createWorld(db)];
    const [one, two] = [await world.addLead(), await world.addLead(UNSUBSCRIBED)];
    await world.request(one, 'dreamborn');
    world.clock.advance(DAY_MS);
    await world.request(two, 'b2bea_membership');
    await pauseSequence(world, one);
    const leads = async (input: object) => (await events(world, input)).items.map((row) => row.lead_id);
    expect(new Set(await leads({ campaign_slug: 'dreamborn' }))).toEqual(new Set([one]));
    expect(await leads({ actor_id: userOf(world) })).toEqual([one]);
    expect(await leads({ actor_id: 'AGT-302' })).toEqual([]);
    expect(await leads({ until: new Date(START + 1).toISOString() })).toEqual([one]);
    expect(
      await leads({ until: new Date(START + 1).toISOString(), campaign_slug: 'b2bea_membership' }),
    ).toEqual([]);
    await expect(events(other, { campaign_slug: 'no_such' })).rejects.toMatchObject({ code: 'not_found' });
    expect((await events(world, {})).items[0]!.words).toBeNull();
    const [stop] = (await events(world, { suppressed_reason: 'compliance_block', words: 'true' })).items;
    expect(stop!.words).toMatchObject({
      text: expect.stringContaining('The lead unsubscribed'),
      gates: [{ gate: 'compliance', says: 'block' }],
      lead_name: 'Lead2',
      company: 'Account 2',
      campaign_name: 'B2BEA vendor membership outreach',
      asked_by: 'Tara (roles.bdr)',
    });
  });
});

const UNSUBSCRIBED = { unsubscribe_flag: true, unsubscribed_at: new Date(START) };

function userOf({ person }: World): string {
  return person.kind === 'human' ? person.user_id : '';
}

/** A person pauses the lead's enrollment. */
async function pauseSequence(world: World, lead_id: string): Promise<void> {
  const [row] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
  const pause = enrollmentOperations.find(({ name }) => name === 'pause_enrollment');
  await readOf(world, pause, { id: row!.id, reason: 'test' });
}
