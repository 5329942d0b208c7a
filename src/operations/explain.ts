import { z } from 'zod';
import { holidayCalendars } from '../coordinator/public_holidays.ts';
import { type OrgPolicy, orgPolicy } from '../coordinator/scope.ts';
import { explainEvent, explainLead } from '../core/explain.ts';
import type { Asker, HistoryEnrollment, HistoryEvent, LeadHistory, Names } from '../core/explain_history.ts';
import { explainText } from '../core/explain_text.ts';
import { HOUR_MS } from '../core/schedule.ts';
import { type Tx, transaction } from '../db/pool.ts';
import {
  agentNames,
  campaignNames,
  leadEnrollments,
  leadEvents,
  leadOpenItems,
  leadTouchesSince,
  leadWaitingRequests,
  peopleNames,
  requestAskers,
} from '../db/queries/explanations.gen.ts';
import { leadSuppressed } from '../db/queries/leads.gen.ts';
import { actorOf } from '../principal.ts';
import { CADENCE_STATE_VALUES, CHANNEL_VALUES, EVENT_TYPE_VALUES, type Json } from '../schema.gen.ts';
import { event, eventKey } from './events.ts';
import { id } from './fields.ts';
import { findLead, leadKey } from './lead_access.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf, readTimeCursor, toPage } from './page.ts';

/** An explanation is read by people: beyond these the older is left out, and the timeline has it. */
const EVENTS_MAX = 500;
const ENROLLMENTS_MAX = 100;
const WAITING_MAX = 100;
/** More touches than this would need a cap in the thousands. */
const TOUCHES_MAX = 2_000;
/** The gate reaches back at least this far, for the day's cap. */
const REACH_HOURS_MIN = 48;

const time = z.string().describe('ISO 8601, UTC');
const happened = z.object({
  at: time,
  text: z.string().describe('in plain words; times in it are in the lead’s zone'),
  event_id: id,
  event_type: z.enum(EVENT_TYPE_VALUES),
});

const explanation = z.object({
  lead: z.object({
    id,
    email: z.string(),
    name: z.string().nullable(),
    company: z.string().nullable(),
    time_zone: z.string(),
    cadence_state: z.enum(CADENCE_STATE_VALUES),
  }),
  as_of: time,
  summary: z.string().describe('the state in a nutshell, and the very next thing'),
  happened: z.array(happened).describe('oldest first, of the newest 500 events'),
  not_sent: z
    .array(
      happened.extend({
        reason: z.string(),
        until: time.nullable().describe('when it was to be asked again'),
        gates: z
          .array(z.object({ gate: z.string(), says: z.string(), text: z.string() }))
          .describe('every gate that was asked, with the facts it saw'),
      }),
    )
    .describe('every touch or sequence that did not go on, and why'),
  next: z
    .array(
      z.object({
        at: time.nullable(),
        text: z.string(),
        waits_for: z.enum(['time', 'person', 'other_sequence', 'abm', 'policy', 'nothing']),
        campaign: z.string().nullable().describe('slug'),
        step_number: z.number().nullable(),
      }),
    )
    .describe('soonest first'),
  window: z.object({
    touches_counted: z.number(),
    cap: z.number(),
    window_hours: z.number(),
    next_free_at: time.nullable().describe('when one more touch fits; null: none may be sent'),
    touches: z.array(
      z.object({
        at: time,
        campaign: z.string(),
        channel: z.enum(CHANNEL_VALUES),
        leaves_window_at: time.nullable().describe('null while it is under way'),
      }),
    ),
  }),
});

const explain = operation({
  name: 'explain_lead',
  summary: 'Says what happened to a lead, what was not sent and why, and what comes next and when.',
  http: { method: 'GET', path: '/leads/{id}/explain' },
  cli: { command: 'explain', args: ['id'] },
  mcp: { tool: 'explain_lead', title: 'Explain a lead' },
  input: z.object({ id: leadKey }),
  output: explanation,
  errors: ['not_found'],
  run: async ({ context, principal, input }) => {
    const now_ms = context.clock.now_ms();
    return transaction(context.db, actorOf(principal), async (tx) =>
      explainLead(await readHistory(tx, principal.org_id, input.id, now_ms)),
    );
  },
  text: explainText,
});

const timeline = operation({
  name: 'timeline_lead',
  summary: 'Lists everything recorded of a lead, newest first, with each event in plain words.',
  http: { method: 'GET', path: '/leads/{id}/timeline' },
  cli: { command: 'timeline', args: ['id'], columns: ['timestamp', 'text'] },
  input: z.object({ id: leadKey, ...pageInput }),
  output: pageOf(event.extend({ text: z.string() })),
  errors: ['not_found', 'cursor_invalid'],
  run: async ({ context, principal, input: { id: key, limit, cursor } }) => {
    const { org_id } = principal;
    const { time: before_time, id: before_id } = readTimeCursor(cursor);
    return transaction(context.db, actorOf(principal), async (tx) => {
      const { id: lead_id, effective_time_zone: time_zone } = await findLead(tx, org_id, key);
      const rows = await leadEvents.run({ org_id, lead_id, before_time, before_id, limit: limit + 1 }, tx);
      const page = toPage(rows, limit, eventKey);
      const askers = await readAskers(tx, org_id, page.items);
      const names = await readNames(tx, org_id, { events: page.items, askers, agents: [] });
      const items = page.items.map((row) => ({
        ...row,
        text: explainEvent(row, { names, time_zone, askers }),
      }));
      return { ...page, items };
    });
  },
});

export const explainOperations = [explain, timeline] as const;

/** Everything that an explanation is made from. Throws `not_found`. */
async function readHistory(tx: Tx, org_id: string, key: string, now_ms: number): Promise<LeadHistory> {
  const found = await findLead(tx, org_id, key);
  const lead_id = found.id;
  // None needs what another finds, so they go out together.
  const [suppression, { version: policy_version, policy }, newest, enrollments, requests, items] =
    await Promise.all([
      leadSuppressed.one({ org_id, id: lead_id }, tx),
      orgPolicy({ tx, org_id }),
      leadEvents.run({ org_id, lead_id, before_time: null, before_id: null, limit: EVENTS_MAX }, tx),
      leadEnrollments.run({ org_id, lead_id, limit: ENROLLMENTS_MAX }, tx),
      leadWaitingRequests.run({ org_id, lead_id, limit: WAITING_MAX }, tx),
      leadOpenItems.run({ org_id, lead_id, limit: WAITING_MAX }, tx),
    ]);
  const events = newest.reverse();
  const since = new Date(now_ms - reachHours(policy) * HOUR_MS);
  const touches = await leadTouchesSince.run({ org_id, lead_id, since, limit: TOUCHES_MAX }, tx);
  const askers = await readAskers(tx, org_id, events);
  const agents = [
    ...requests.map((request) => request.requested_by),
    ...[...enrollments, ...items].map((row) => row.owner_role),
  ];
  const names = await readNames(tx, org_id, { events, askers, agents });
  const { effective_time_zone: time_zone, ...lead } = found;
  const calendarOf = await holidayCalendars(policy.holidays, [lead.effective_country], now_ms);
  return {
    now_ms,
    policy: { ...policy, holidays: calendarOf(lead.effective_country).holidays },
    policy_version,
    lead: { ...lead, time_zone, suppressed_address: suppression?.suppressed ?? false },
    // The query makes each of them an object of step_number and channel.
    enrollments: enrollments as unknown as HistoryEnrollment[],
    requests,
    askers,
    items,
    touches,
    events,
    names,
  };
}

function reachHours({ touch_cap }: OrgPolicy['policy']): number {
  return Math.max(touch_cap.window_hours, REACH_HOURS_MIN);
}

type Reader = Parameters<typeof requestAskers.run>[1];

export async function readAskers(
  db: Reader,
  org_id: string,
  events: readonly Pick<HistoryEvent, 'request_id'>[],
): Promise<Asker[]> {
  const ids = events.flatMap(({ request_id }) => (request_id === null ? [] : [request_id]));
  return ids.length === 0 ? [] : requestAskers.run({ org_id, ids: [...new Set(ids)] }, db);
}

/** The names of everyone and everything that the sentences will speak of. */
export async function readNames(
  db: Reader,
  org_id: string,
  about: { events: readonly HistoryEvent[]; askers: readonly Asker[]; agents: readonly string[] },
): Promise<Names> {
  const { events, askers } = about;
  const people_ids = [
    ...events.flatMap((row) => (row.actor_kind === 'human' ? [row.actor_id] : [])),
    ...askers.flatMap(({ requested_by_user_id }) => requested_by_user_id ?? []),
  ];
  const agent_ids = [
    ...about.agents,
    ...events.flatMap((row) => (row.actor_kind === 'agent' ? [row.actor_id] : [])),
    ...askers.map(({ requested_by }) => requested_by),
  ];
  const slugs = events.flatMap(({ detail }) => successorSlugs(detail));
  const [people, agents, campaigns] = await Promise.all([
    peopleNames.run({ org_id, ids: [...new Set(people_ids)] }, db),
    agentNames.run({ org_id, ids: [...new Set(agent_ids)] }, db),
    campaignNames.run({ org_id, slugs: [...new Set(slugs)] }, db),
  ]);
  return {
    people: Object.fromEntries(people.map((row) => [row.id, row.name])),
    agents: Object.fromEntries(agents.map((row) => [row.id, row.display_name])),
    campaigns: Object.fromEntries(campaigns.map((row) => [row.slug, row.name])),
  };
}

/** The campaigns that an exit led to, or suggested. */
function successorSlugs(detail: Json | null): string[] {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return [];
  const { next } = detail;
  if (typeof next === 'string') return [next];
  if (typeof next !== 'object' || next === null || Array.isArray(next)) return [];
  return typeof next.suggest === 'string' ? [next.suggest] : [];
}
