import { describe, expect, it } from 'vitest';
import { definitions, type OperationName } from '../../src/operations/definitions.ts';
import type { Principal } from '../../src/principal.ts';
import type {
  AgentTasksRow,
  CadenceEventLogRow,
  CampaignContactsRow,
  LeadsRow,
  SequenceRequestsRow,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createPlayRunWorld } from '../plays/play_run_world.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { createWorld, DAY_MS, START } from '../world.ts';

/* Fields that the specifications name, as the product writes them. */

const { db } = await testDatabase();
const CLOSE = 'b2bea_membership_close';

describe('an event', () => {
  it('has every standard field, whether the gates pass, hold, block, or queue', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead({ icp_tier: 'T1', sales_signal_at: new Date(START) });
    await world.request(lead_id, 'b2bea_membership');
    await world.request(lead_id, 'b2bea_nurture');
    await world.work();
    await world.approve(lead_id);
    await world.request(lead_id, 'b2bea_world');
    const nurtured = await world.addLead({ abm_active: true });
    await world.request(nurtured, 'b2bea_nurture');
    const gone = await world.addLead({ unsubscribe_flag: true, unsubscribed_at: new Date(START) });
    await world.request(gone, 'dreamborn');
    const written = async (where: string) =>
      (
        await world.rows<CadenceEventLogRow>(
          'cadence_event_log',
          `${where} AND trace IS NOT NULL ORDER BY id`,
        )
      ).map(({ event_type, coordinator_action, suppressed_reason, touch_cap_at_event, compliance_status }) =>
        [event_type, coordinator_action, suppressed_reason, touch_cap_at_event, compliance_status].join(' '),
      );
    const ofLead = await written(`lead_id = '${lead_id}'`);
    expect(ofLead).toContain('enrolled activate  0 clear');
    expect(ofLead).toContain('suppressed queue conflict_resolved_queued 0 clear');
    expect(ofLead).toContain('held hold touch_cap_exceeded 1 clear');
    expect(await written(`lead_id = '${nurtured}'`)).toEqual([
      'suppressed block abm_active_suppression 0 clear',
    ]);
    expect(await written(`lead_id = '${gone}'`)).toEqual([
      'suppressed block compliance_block 0 unsubscribed',
    ]);
    for (const event of await world.rows<CadenceEventLogRow>('cadence_event_log', 'trace IS NOT NULL')) {
      expect(event).toMatchObject({ timestamp: new Date(START), actor_id: 'AGT-302' });
      expect(event.resolution).toMatch(/^[a-z0-9_]+$/);
    }
  });
});

describe('a lead', () => {
  it('has its active sequence, its step, and its last touch', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    const statusOf = async () => (await world.rows<LeadsRow>('leads', `id = '${lead_id}'`))[0]!;
    expect(await statusOf()).toMatchObject({
      active_sequence_id: null,
      current_step: null,
      last_touch_at: null,
    });
    await world.request(lead_id, CLOSE);
    await world.work();
    await world.approve(lead_id);
    const [{ id } = { id: '' }] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(await statusOf()).toMatchObject({
      active_sequence_id: id,
      current_step: 2,
      last_touch_at: new Date(START),
    });
  });
});

describe('a draft', () => {
  it('has channel, recipient, body, and the eight facts of its context', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead({ crm_contact_id: 'rec_7', last_name: 'Lovelace' });
    const exec = await world.addPerson('exec');
    const asked = { lead_id, campaign_slug: CLOSE, goal: 'pipeline', notes: 'Met at the fair.' };
    await world.call('request_sequence', exec, asked);
    await world.work();
    const { draft, item } = await world.draftOf(lead_id);
    expect(draft).toMatchObject({ channel: 'email', to_id: 'lead1@prospect.example' });
    expect(draft.body).toMatch(/\nJustin\n?$/);
    expect(draft.context).toEqual({
      contact_id: 'rec_7',
      contact_name: 'Lead1 Lovelace',
      company: 'Account 1',
      campaign_slug: CLOSE,
      step_number: 1,
      content_type: 'follow_up',
      goal: 'pipeline',
      requires_justin_send: false,
    });
    expect(item).toMatchObject({ contact_id: 'rec_7', client_id: 'b2bea', staged_draft_id: draft.id });
    const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts');
    expect(enrollment).toMatchObject({ contact_id: 'rec_7', client_id: 'b2bea', notes: 'Met at the fair.' });
  });
});

describe('requests', () => {
  it.each(['AGT-203', 'AGT-301', 'AGT-304'])('of %s pass the same gates', async (agent_id) => {
    const world = await taskWorld(db);
    const agent = world.agent(agent_id, 'system');
    const lead_id = await world.addLead({ opt_out_flag: true, opted_out_at: new Date(START) });
    const asked = { lead_id, campaign_slug: 'b2bea_membership' };
    expect(await world.call('request_sequence', agent, asked)).toMatchObject({
      outcome: 'block',
      reason: 'compliance_block',
    });
    const free = { ...asked, lead_id: await world.addLead() };
    expect(await world.call('request_sequence', agent, free)).toMatchObject({ outcome: 'allow' });
    const requests = await world.rows<SequenceRequestsRow>('sequence_requests');
    expect(requests.map(({ requested_by }) => requested_by)).toEqual([agent_id, agent_id]);
  });

  it('of a play are held by the cap like any other', async () => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const lead_id = await world.addLead({ segment });
    await world.request(lead_id, 'b2bea_membership');
    await world.work();
    await world.approveTouch(lead_id);
    const play_id = await world.activePlay(segment);
    await world.work();
    expect(await world.requests(play_id)).toMatchObject([{ status: 'held', reason: 'touch_cap_exceeded' }]);
    expect(await world.enrolled(play_id)).toEqual([]);
    world.clock.advance(DAY_MS);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([lead_id]);
  });
});

describe('an exit', () => {
  it.each(['built_in', 'outside'])(
    'happens at once for a role worked by %s, without a task',
    async (worked_by) => {
      const world = await taskWorld(db);
      await world.call('patch_agent', world.person, { id: 'roles.sales', worked_by });
      const lead_id = await world.addLead();
      await world.request(lead_id, CLOSE);
      const [{ id } = { id: '' }] = await world.rows<CampaignContactsRow>('campaign_contacts');
      await world.call('exit_enrollment', world.brooke, { id, exit_reason: 'converted' });
      expect(await world.rows<CampaignContactsRow>('campaign_contacts', 'true ORDER BY id')).toMatchObject([
        { id, status: 'converted', exited_at: new Date(START), exit_reason: 'converted', next_send_at: null },
        { status: 'active', requested_by: 'roles.sales' },
      ]);
      expect(await world.rows<AgentTasksRow>('agent_tasks')).toEqual([]);
    },
  );
});

describe('AGT-303', () => {
  it('reads the events and the results of a play', async () => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const lead_id = await world.addLead({ segment });
    await world.request(await world.addLead(), 'b2bea_membership');
    const play_id = await world.activePlay(segment);
    await world.work();
    await world.approveTouch(lead_id);
    const { org_id, context } = world;
    const name = 'Cadence Intelligence';
    const principal: Principal = { kind: 'agent', org_id, agent_id: 'AGT-303', agent_kind: 'system', name };
    const read = async (operation: OperationName, input: object) => {
      const found = definitions.find((one) => one.name === operation)!;
      const answer = await found.run({ context, principal, input: found.input.parse(input) as never });
      return (answer as { items: Record<string, unknown>[] }).items;
    };
    const events = await read('list_events', { play_id });
    expect(events.map(({ event_type }) => event_type)).toContain('sent');
    const { originating_proposal_id } = await world.read(play_id);
    for (const event of events) expect(event).toMatchObject({ lead_id, play_id, originating_proposal_id });
    expect(await read('analytics_plays', {})).toMatchObject([{ play_id, enrolled: 1, touches: 1 }]);
  });
});
