import { describe, expect, it } from 'vitest';
import { todayOperations } from '../../src/operations/log/today.ts';
import type { Principal } from '../../src/principal.ts';
import type { AgentTasksRow, CampaignContactsRow, UserRole } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { answer, lastMessage, take, writtenLead } from '../inbound/inbound_world.ts';
import { playsOf } from '../plays/play_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS } from '../world.ts';

/* Work that is pending for people: counted for the first page, and each item as its decision maker sees it. */

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });

const CLOSE = 'b2bea_membership_close';

/** A lead whose enrollment ended in a meeting, with the task for a person. */
async function bookedMeeting(world: TaskWorld): Promise<{ lead_id: string; task_id: string }> {
  const lead_id = await world.addLead({ first_name: 'Ada', last_name: 'Example' });
  await world.request(lead_id, 'b2bea_membership');
  const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts', `lead_id = '${lead_id}'`);
  const ended = { id: enrollment!.id, exit_reason: 'meeting' };
  await world.call('exit_enrollment', world.agent('roles.bdr'), ended);
  const [task] = await world.rows<AgentTasksRow>(
    'agent_tasks',
    `lead_id = '${lead_id}' AND type = 'meeting_booked'`,
  );
  return { lead_id, task_id: task!.id };
}

describe('today', () => {
  it('counts pending work, names the oldest item, and reports what was sent and held', async () => {
    const world = await taskWorld(db);
    const empty = await world.call('get_today', world.person, {});
    expect(empty.drafts).toEqual({ count: 0, is_more: false, first: null });
    expect(empty.last_day.hours).toHaveLength(24);
    const written = await writtenLead(world, { first_name: 'Sent', last_name: 'Already' });
    await take(world, answer(written, 'Well, let me see what the colleagues say.'));
    world.clock.advance(DAY_MS / 24);
    const { lead_id } = await bookedMeeting(world);
    const second = await world.addLead({ first_name: 'First', last_name: 'Waiting' });
    await world.request(second, CLOSE);
    await world.work();
    const barred = await world.addLead({ unsubscribe_flag: true, unsubscribed_at: world.clock.now() });
    await world.request(barred, CLOSE);
    const today = await world.call('get_today', world.person, {});
    expect(today).toMatchObject({
      drafts: {
        count: 1,
        is_more: false,
        first: { lead_id: second, person: 'First Waiting', campaign_name: 'B2BEA membership close' },
      },
      personal_sends: { count: 0, first: null },
      replies: { count: 1, first: { person: 'Sent Already', lead_id: written.lead_id } },
      hand_offs: { count: 1, first: { person: 'Ada Example', lead_id } },
      flags: { count: 1 },
      scope: 'all',
      last_day: {
        sent: 1,
        held: 1,
        held_by_reason: [{ reason: 'compliance_block', count: 1 }],
        is_complete: true,
      },
    });
    const { hours } = today.last_day;
    expect(hours.filter(({ sent, held }: { sent: number; held: number }) => sent + held > 0)).toHaveLength(2);
    expect(new Date(hours[0].starts_at).getTime()).toBe(world.clock.now_ms() - DAY_MS);
    // An owner of every lead counts the same, lead by lead; an owner of none counts nothing.
    const [owner, other_rep] = [await world.addPerson('rep'), await world.addPerson('rep')];
    const scoped = (who: Principal, scope: string) => world.call('get_today', who, { scope });
    const owner_id = owner.kind === 'human' ? owner.user_id : null;
    await db.query('UPDATE accounts SET owner_user_id = $2 WHERE org_id = $1', [world.org_id, owner_id]);
    expect(await scoped(owner, 'mine')).toEqual({ ...(await scoped(owner, 'all')), scope: 'mine' });
    const four = { ...today, scope: 'mine', replies: { ...today.replies, count: 4 } };
    expect(todayOperations[0].text?.(four)).toContain(
      '\n4 replies to handle: touchline inbound --no-handled --scope mine\n',
    );
    expect(await scoped(other_rep, 'mine')).toMatchObject({
      ...{
        drafts: { count: 0, first: null },
        replies: { count: 0 },
        hand_offs: { count: 0 },
        flags: { count: 0 },
      },
      last_day: { sent: 0, held: 0 },
    });
    // Another org has separate counts.
    const other = await taskWorld(db);
    expect((await other.call('get_today', other.person, {})).flags).toEqual({ count: 0, is_more: false });
  });

  it('counts the plays that lack the reader’s approval', async () => {
    const world = await taskWorld(db);
    const { people, propose, playIn, approve } = await playsOf(db, world);
    const waiting = async (who: string, ...roles: UserRole[]): Promise<number> => {
      const asker = { kind: 'human', org_id: world.org_id, user_id: people.get(who)!, email: 'p@p.example' };
      const person = { ...asker, name: who, roles };
      return (await world.call('get_today', person as Principal, {})).plays.count;
    };
    await propose();
    const play_id = await playIn('under_review');
    expect([await waiting('other_slm', 'slm'), await waiting('other_revops', 'revops')]).toEqual([1, 1]);
    expect(await waiting('rep', 'rep', 'admin')).toBe(0);
    await approve(play_id, 'other_revops', 'revops');
    expect(await waiting('other_slm', 'slm')).toBe(1);
    expect(await waiting('revops', 'revops')).toBe(0);
    // A play needs two people, even if one has both roles.
    expect(await waiting('other_revops', 'slm', 'revops')).toBe(0);
  });

  it('prints the next actions on a terminal', async () => {
    const world = await taskWorld(db);
    const [{ text }] = todayOperations;
    const today = await world.call('get_today', world.person, {});
    expect(text!(today)).toContain('Nothing is waiting for you.');
    const full = { ...today, drafts: { count: 1_000, is_more: true, first: null } };
    const one = text!({ ...full, replies: { count: 1, is_more: false, first: null } });
    expect(one).toContain('1 reply to handle: touchline inbound --no-handled');
    expect(text!(full)).toContain('1,000+ drafts to approve: touchline drafts --status drafted');
  });
});

describe('a booked meeting', () => {
  it('is listed with its source and suggestions until a person routes it', async () => {
    const world = await taskWorld(db);
    const { lead_id, task_id } = await bookedMeeting(world);
    await bookedMeeting(world);
    const { items, next_cursor } = await world.call('list_hand_offs', world.person, { limit: 1 });
    expect(items).toMatchObject([
      {
        ...{ id: task_id, lead_id, first_name: 'Ada' },
        from_campaign: { slug: 'b2bea_membership' },
        suggested: { slug: CLOSE },
      },
    ]);
    const rest = await world.call('list_hand_offs', world.person, { cursor: next_cursor });
    expect(rest.items).toHaveLength(1);
    const campaigns = [CLOSE, 'no_such_campaign'];
    const preview = await world.call('preview_hand_off', world.person, { id: task_id, campaigns });
    expect(preview.items).toMatchObject([
      { campaign: CLOSE, outcome: 'allow' },
      { campaign: 'no_such_campaign', outcome: 'closed' },
    ]);
    expect(await world.rows('sequence_requests', `lead_id = '${lead_id}'`)).toHaveLength(1);
    await world.call('route_task', world.person, { id: task_id, campaigns: [CLOSE] });
    await world.work();
    expect((await world.call('list_hand_offs', world.person, {})).items).toHaveLength(1);
    const routed = await world.call('get_hand_off', world.person, { id: task_id });
    expect(routed.routed).toMatchObject({
      declined: false,
      by_name: 'Admin',
      campaigns: [{ campaign: CLOSE, task_status: 'done', outcome: 'allow', error: null }],
    });
    const again = await world.call('preview_hand_off', world.person, { id: task_id, campaigns: [CLOSE] });
    expect(again.items).toMatchObject([{ outcome: 'already_enrolled' }]);
  });

  it('is listed after routing, the latest first, with its destination, router and notes', async () => {
    const world = await taskWorld(db);
    const routed = async (input: object = {}) =>
      world.call('list_hand_offs', world.person, { status: 'routed', ...input });
    const [first, second] = [await bookedMeeting(world), await bookedMeeting(world)];
    expect((await routed()).items).toEqual([]);
    const said = { goal: 'pipeline', notes: 'They begin in spring.' };
    const campaigns = [CLOSE, 'b2bea_nurture'];
    await world.call('route_task', world.person, { id: first.task_id, campaigns, ...said });
    await world.work();
    world.clock.advance(60_000);
    const declined = { decline: true, reason: 'No budget.' };
    await world.call('route_task', world.person, { id: second.task_id, ...declined });
    const latest = await routed({ limit: 1 });
    expect(latest.items).toMatchObject([
      { id: second.task_id, routed: { declined: true, reason: 'No budget.', campaigns: [], notes: null } },
    ]);
    const { items, next_cursor } = await routed({ cursor: latest.next_cursor });
    expect(next_cursor).toBeNull();
    const answers = [
      { campaign: CLOSE, campaign_name: 'B2BEA membership close', task_status: 'done', outcome: 'allow' },
      { campaign: 'b2bea_nurture', task_status: 'done' },
    ];
    expect(items).toMatchObject([
      {
        ...{ id: first.task_id, lead_id: first.lead_id, first_name: 'Ada' },
        routed: { declined: false, by_name: 'Admin', at: expect.anything(), ...said, campaigns: answers },
      },
    ]);
    expect((await world.call('list_hand_offs', world.person, {})).items).toEqual([]);
    const other = await taskWorld(db);
    expect((await other.call('list_hand_offs', other.person, { status: 'routed' })).items).toEqual([]);
  });

  it('without a next campaign gives a reason; other tasks and other orgs are not found', async () => {
    const world = await taskWorld(db);
    const { task_id, lead_id } = await bookedMeeting(world);
    await world.call('route_task', world.person, { id: task_id, decline: true, reason: 'No budget.' });
    const { routed } = await world.call('get_hand_off', world.person, { id: task_id });
    expect(routed).toMatchObject({ declined: true, reason: 'No budget.', campaigns: [] });
    const reply = await world.addTask({ type: 'process_reply', role: 'roles.bdr', lead_id });
    expect((await world.refused('get_hand_off', world.person, { id: reply })).code).toBe('not_found');
    const other = await taskWorld(db);
    for (const name of ['get_hand_off', 'preview_hand_off'] as const) {
      const asked = { id: task_id, ...(name === 'get_hand_off' ? {} : { campaigns: [CLOSE] }) };
      expect((await other.refused(name, other.person, asked)).code).toBe('not_found');
    }
  });
});

describe('a reply', () => {
  it('is shown in full, beside the message it replies to and what followed', async () => {
    const world = await taskWorld(db);
    const written = await writtenLead(world);
    const own = 'Well, let me see what the colleagues say.';
    world.clock.advance(60_000);
    const quoted =
      '\n\nOn Tue, 24 Nov 2026 at 09:00, Justin <justin@sender.example> wrote:\n> Thank you for the conversation.';
    const { id } = await take(world, answer(written, own + quoted));
    const read = await world.call('get_inbound_context', world.person, { id });
    expect(read.answered).toMatchObject({ step_number: 1, campaign_slug: CLOSE, channel: 'email' });
    expect(read.answered.body).toContain('Thank you for the conversation.');
    expect(read.followed.map((event: { event_type: string }) => event.event_type)).toEqual([
      'replied',
      'paused',
    ]);
    expect(read.sequences).toMatchObject([
      { status: 'paused', paused_reason: 'reply', campaign_name: 'B2BEA membership close' },
    ]);
    expect(read.whole).toBeNull();
    const whole = await world.call('get_inbound_context', world.person, { id, whole: 'true' });
    expect(whole.whole).toContain('> Thank you for the conversation.');
    const [listed] = (await world.call('list_inbound', world.person, {})).items;
    expect(listed).toMatchObject({ text: own, first_name: expect.any(String), company: expect.any(String) });
    await world.call('handle_inbound', world.person, { id, intent: 'not_interested' });
    const handled = await world.call('get_inbound_context', world.person, { id });
    expect(handled.followed.map((event: { event_type: string }) => event.event_type)).toContain('exited');
    expect((await world.call('get_inbound', world.person, { id })).handled_by_name).toBe('Admin');
    // Events after the next reply belong to that reply.
    world.clock.advance(60_000);
    const again = await take(world, answer(await lastMessage(world, written.lead_id), 'And one thing more.'));
    const before = await world.call('get_inbound_context', world.person, { id });
    expect(before.followed).toEqual(handled.followed);
    const after = await world.call('get_inbound_context', world.person, { id: again.id });
    expect(after.followed[0].event_type).toBe('replied');
  });
});
