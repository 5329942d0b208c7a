import { describe, expect, it } from 'vitest';
import type { CadenceEventLogRow, CampaignContactsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { START } from '../world.ts';
import { taskWorld } from './task_calls.ts';

/* An external agent works a role, and writes the drafts that the product then leaves alone. */

const { db } = await testDatabase();
const MINUTE_MS = 60_000;

describe('an external agent that works a role', () => {
  it('gets the touches that the product leaves alone, writes them, and the enrollment continues', async () => {
    const world = await taskWorld(db);
    await world.call('patch_agent', world.person, { id: 'roles.sales', worked_by: 'outside' });
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    expect(await world.rows('staged_drafts')).toEqual([]);
    const { items } = await world.call('claim_tasks', world.brooke, {});
    expect(items).toMatchObject([{ touch: { step_number: 1, channel: 'email', content_type: 'follow_up' } }]);
    const { queue_id, claim_id, id } = items[0];
    const completing = { id, claim_id, result: {} };
    expect((await world.refused('complete_task', world.brooke, completing)).code).toBe('task_type_wrong');
    const text = { queue_id, claim_id, body: 'As you said on Tuesday ...' };
    expect(await world.refused('write_draft', world.brooke, text)).toMatchObject({
      errors: [{ path: 'subject' }],
    });
    const other = world.agent('roles.bdr');
    const first = { ...text, subject: 'What you said' };
    expect((await world.refused('write_draft', other, first)).code).toBe('task_lease_lost');
    world.clock.advance(5 * MINUTE_MS);
    expect((await world.refused('write_draft', world.brooke, first)).code).toBe('task_lease_lost');
    expect(await world.rows('staged_drafts')).toEqual([]);
    const [anew] = (await world.call('claim_tasks', world.brooke, {})).items;
    const whole = { ...first, claim_id: anew.claim_id };
    const draft = await world.call('write_draft', world.brooke, whole);
    expect(draft).toMatchObject({
      ...{ version: 1, status: 'drafted', channel: 'email', to_id: 'lead1@prospect.example' },
      context: {
        contact_name: 'Lead1',
        company: 'Account 1',
        campaign_slug: 'b2bea_membership_close',
        step_number: 1,
        content_type: 'follow_up',
        requires_justin_send: false,
      },
    });
    expect(await world.task(id)).toMatchObject({ status: 'done', result: { draft_id: draft.id } });
    expect(await world.refused('write_draft', world.brooke, whole)).toMatchObject({
      code: 'task_lease_lost',
      hint: expect.stringContaining('lease_seconds'),
    });
    const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(enrollment).toMatchObject({ current_step: 2, next_send_at: new Date(START + 3 * 86_400_000) });
    const events = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'drafted'`);
    expect(events).toMatchObject([{ actor_kind: 'agent', actor_id: 'roles.sales', resolution: 'agent' }]);

    const again = { queue_id, content_hash: draft.content_hash, body: 'Shorter.' };
    expect((await world.refused('write_draft', other, again)).code).toBe('task_of_other_role');
    expect(await world.call('write_draft', world.brooke, again)).toMatchObject({
      ...{ version: 2, status: 'drafted', subject: 'What you said', body: 'Shorter.' },
    });
    expect((await world.refused('write_draft', world.brooke, again)).code).toBe('draft_changed');
    await world.approve(lead_id);
    const { draft: approved } = await world.draftOf(lead_id);
    const late = { ...again, content_hash: approved.content_hash };
    expect((await world.refused('write_draft', world.brooke, late)).code).toBe('illegal_status_move');
    expect(world.sent.map(({ mail }) => mail.subject)).toEqual(['What you said']);
  });

  it('the product drafts as usual for the roles that it works', async () => {
    const world = await taskWorld(db);
    const agents = (await world.call('list_agents', world.person, {})).items;
    expect(agents).toContainEqual({
      ...{
        id: 'roles.sales',
        kind: 'role',
        display_name: 'Brooke',
        topic: '0.0.8796955',
        side: 'sales',
        worked_by: 'built_in',
        last_seen_at: null,
      },
    });
    expect(agents.filter((one: { topic: string | null }) => one.topic !== null)).toHaveLength(1);
    await world.request(await world.addLead(), 'b2bea_membership_close');
    await world.work();
    expect((await world.call('claim_tasks', world.brooke, {})).items).toEqual([]);
    expect(await world.rows('staged_drafts')).toHaveLength(1);
    expect((await world.refused('patch_agent', world.person, { id: 'x', worked_by: 'outside' })).code).toBe(
      'not_found',
    );
  });
});
