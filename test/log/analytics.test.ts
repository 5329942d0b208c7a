import { beforeAll, describe, expect, it } from 'vitest';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { analyticsOperations } from '../../src/operations/log/analytics.ts';
import type { CadenceEventLogRow, CampaignContactsRow, SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, HOUR_MS, START, type World } from '../world.ts';

const { db } = await testDatabase();
let world: World;
let events: CadenceEventLogRow[];
const CLOSING = 'b2bea_membership_close';
const NURTURE = 'b2bea_nurture';

/* A week in which leads are blocked, held and contacted; the counts are compared with the log, row by row. */
beforeAll(async () => {
  world = await createWorld(db);
  for (let day = 0; day < 7; day += 1) {
    const lead_id = await world.addLead();
    await world.request(lead_id, CLOSING);
    await world.request(await world.addLead({ abm_active: true }), NURTURE);
    await world.request(
      await world.addLead({ opt_out_flag: true, opted_out_at: world.clock.now() }),
      CLOSING,
    );
    await world.work();
    if (day % 2 === 0) {
      await world.approve(lead_id);
      await world.work();
    }
    world.clock.advance(DAY_MS + HOUR_MS);
    await world.work();
  }
  events = await world.rows<CadenceEventLogRow>('cadence_event_log');
}, 60_000);

type Item = Record<string, unknown> & { start: string; key: string | null; decisions: number; leads: number };

async function operate<Output>(name: string, input: Record<string, unknown> = {}) {
  const operation = analyticsOperations.find((one) => one.name === name)!;
  const call = { context: world.context, principal: world.person, input: operation.input.parse(input) };
  return operation.output.parse(await operation.run(call as never)) as {
    items: Output[];
    is_complete: boolean;
  };
}

describe('suppressions', () => {
  const bucketOf = (at: Date, bucket: string) =>
    `${at.toISOString().slice(0, bucket === 'hour' ? 13 : 10)}${bucket === 'hour' ? '' : 'T00'}:00:00.000Z`;

  async function counted(by: string, bucket: string) {
    const requesters = await world.rows<{ id: string; requested_by: string }>('sequence_requests');
    const enrollments = await world.rows<{ id: string; requested_by: string }>('campaign_contacts');
    const campaigns = await world.rows<{ id: string; slug: string }>('campaigns');
    const requester = ({ enrollment_id, request_id }: CadenceEventLogRow) =>
      enrollments.find(({ id }) => id === enrollment_id)?.requested_by ??
      requesters.find(({ id }) => id === request_id)?.requested_by ??
      null;
    const groups = new Map<string, { decisions: number; leads: Set<string> }>();
    for (const event of events) {
      if (event.suppressed_reason === null) continue;
      const slug = campaigns.find(({ id }) => id === event.campaign_id)?.slug ?? null;
      const key = { reason: event.suppressed_reason, campaign: slug, agent: requester(event) }[by];
      const group = `${bucketOf(event.timestamp, bucket)} ${key}`;
      const of = groups.get(group) ?? { decisions: 0, leads: new Set() };
      of.decisions += 1;
      of.leads.add(event.lead_id);
      groups.set(group, of);
    }
    return [...groups].map(([group, { decisions, leads }]) => [group, decisions, leads.size]).sort();
  }

  it.each([
    ['reason', 'day'],
    ['agent', 'day'],
    ['campaign', 'day'],
    ['reason', 'hour'],
  ])('by %s and %s match the log', async (by, bucket) => {
    // A hundred hours are shorter than the eight days.
    const since =
      bucket === 'hour' ? new Date(world.clock.now_ms() - 99 * HOUR_MS) : new Date(START - DAY_MS);
    const { items, is_complete } = await operate<Item>('analytics_suppressions', {
      by,
      bucket,
      since: since.toISOString(),
      until: new Date(world.clock.now_ms() + 1).toISOString(),
    });
    expect(is_complete).toBe(true);
    const answered = items
      .map(({ start, key, decisions, leads }) => [`${start} ${key}`, decisions, leads])
      .sort();
    const whole = await counted(by, bucket);
    expect(answered).toEqual(whole.filter(([group]) => String(group) >= bucketOf(since, bucket)));
    expect(answered.length).toBeGreaterThan(3);
  });

  it('filter by reason, by campaign, by time', async () => {
    const only = async (input: object) =>
      (await operate<Item>('analytics_suppressions', { until: later(), ...input })).items;
    const reasons = new Set((await only({})).map(({ key }) => key));
    expect(reasons).toEqual(new Set(['compliance_block', 'abm_active_suppression']));
    expect(new Set((await only({ suppressed_reason: 'compliance_block' })).map(({ key }) => key))).toEqual(
      new Set(['compliance_block']),
    );
    expect(new Set((await only({ campaign_slug: NURTURE })).map(({ key }) => key))).toEqual(
      new Set(['abm_active_suppression']),
    );
    expect(await only({ campaign_slug: 'no_such' })).toEqual([]);
    expect(await only({ until: new Date(START).toISOString() })).toEqual([]);
  });

  it('count days in the organization’s time zone', async () => {
    const { org_id } = world;
    await db.query(`UPDATE organizations SET time_zone = 'Pacific/Kiritimati' WHERE org_id = $1`, [org_id]);
    const { items } = await operate<Item>('analytics_suppressions', { until: later() });
    await db.query(`UPDATE organizations SET time_zone = 'Europe/London' WHERE org_id = $1`, [org_id]);
    // Fourteen hours ahead of UTC, days begin at ten.
    expect(new Set(items.map(({ start }) => start.slice(11)))).toEqual(new Set(['10:00:00.000Z']));
  });

  it.each([
    ['range_invalid', { since: '2026-11-24T00:00:00Z', until: '2026-11-24T00:00:00Z' }],
    ['range_too_long', { since: '2026-01-01T00:00:00Z', until: '2026-11-24T00:00:00Z' }],
    ['range_too_long', { since: '2026-11-01T00:00:00Z', until: '2026-11-24T00:00:00Z', bucket: 'hour' }],
  ])('refuse a time with %s', async (code, input) => {
    await expect(operate('analytics_suppressions', input)).rejects.toMatchObject({
      code,
      errors: [{ path: 'since' }],
      hint: expect.any(String),
    });
  });
});

describe('conflicts', () => {
  it('are counted by the rule that settled them, whichever side was stopped', async () => {
    const own = await createWorld(db);
    const asked = new Date(START - DAY_MS);
    const sales_fresher = await own.addLead({ sales_signal_at: asked });
    const marketing_fresher = await own.addLead({ marketing_signal_at: asked });
    for (const lead_id of [sales_fresher, marketing_fresher]) {
      await own.request(lead_id, 'b2bea_nurture');
      await own.request(lead_id, 'b2bea_membership');
    }
    const operation = analyticsOperations.find(({ name }) => name === 'analytics_conflicts')!;
    const until = new Date(START + 1).toISOString();
    const input = operation.input.parse({ until });
    const call = { context: own.context, principal: own.person, input } as never;
    const { items, leads } = operation.output.parse(await operation.run(call)) as unknown as {
      items: Item[];
      leads: number;
    };
    expect(leads).toBe(2);
    expect(items).toEqual([
      { rule: 't2_marketing_fresher', decisions: 1, leads: 1 },
      { rule: 't2_sales_fresher', decisions: 1, leads: 1 },
    ]);
  });
});

describe('the funnel', () => {
  type Step = Record<string, unknown> & { campaign_slug: string; step_number: number };

  it('counts each enrollment once at each stage, by campaign and step', async () => {
    const { items } = await operate<Step>('analytics_funnel', { until: later() });
    const campaigns = await world.rows<{ id: string; slug: string }>('campaigns');
    const open = await world.rows<CampaignContactsRow>('campaign_contacts', `status IN ('active', 'paused')`);
    const items_of_queue = await world.rows<SalesSendQueueRow>('sales_send_queue');
    expect(open.some(({ open_queue_id }) => open_queue_id !== null)).toBe(true);
    const distinct = (step: Step, fits: (event: CadenceEventLogRow) => boolean) => {
      const { id } = campaigns.find(({ slug }) => slug === step.campaign_slug)!;
      const own = events.filter(
        (event) => event.campaign_id === id && (event.step_number ?? 1) === step.step_number && fits(event),
      );
      return new Set(own.map(({ enrollment_id }) => enrollment_id).filter((one) => one !== null)).size;
    };
    expect(items.length).toBeGreaterThan(1);
    for (const step of items) {
      const stage = (...types: string[]) => distinct(step, ({ event_type }) => types.includes(event_type));
      expect(step).toMatchObject({
        enrolled: stage('enrolled'),
        due: distinct(step, ({ moment, event_type }) => moment === 'dispatched' && event_type !== 'exited'),
        drafted: stage('drafted'),
        approved: stage('approved'),
        sent: stage('sent', 'marked_sent'),
        replied: stage('replied'),
        exited: stage('exited'),
        open_now: open.filter(
          ({ current_step, open_queue_id, campaign_id }) =>
            (items_of_queue.find(({ id }) => id === open_queue_id)?.step_number ?? current_step) ===
              step.step_number && campaigns.find(({ id }) => id === campaign_id)?.slug === step.campaign_slug,
        ).length,
        held_now: items_of_queue.filter(
          ({ status, step_number, campaign_id }) =>
            status === 'held' &&
            step_number === step.step_number &&
            campaigns.find(({ id }) => id === campaign_id)?.slug === step.campaign_slug,
        ).length,
      });
    }
    expect(items[0]).toMatchObject({
      campaign_slug: CLOSING,
      step_number: 1,
      enrolled: 7,
      due: 7,
      drafted: 7,
      sent: 4,
    });
  });

  it('reports why enrollments ended, for the requested campaign only', async () => {
    const lead_id = await world.addLead();
    await world.request(lead_id, CLOSING);
    const [row] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
    const input = { id: lead_id, action: 'set' as const };
    await optOutLead.run({ context: world.context, principal: world.person, input });
    const { items } = await operate<Step & { exits: { reason: string; count: number }[] }>(
      'analytics_funnel',
      {
        until: later(),
        campaign_slug: CLOSING,
      },
    );
    expect(row).toBeDefined();
    expect(items.flatMap(({ exits }) => exits)).toEqual([{ reason: 'compliance_block', count: 1 }]);
    expect((await operate('analytics_funnel', { until: later(), campaign_slug: 'no_such' })).items).toEqual(
      [],
    );
  });
});

function later(): string {
  return new Date(world.clock.now_ms() + 1).toISOString();
}
