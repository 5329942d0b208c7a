import { z } from 'zod';
import { holidayCalendars } from '../../coordinator/gate/public_holidays.ts';
import { orgPolicy } from '../../coordinator/gate/scope.ts';
import { HOUR_MS } from '../../core/durations.ts';
import { explainLead } from '../../core/explain/explain.ts';
import type { HistoryEnrollment, LeadHistory } from '../../core/explain/history.ts';
import { explainText } from '../../core/explain/text.ts';
import { EVENT_KINDS, kindOf, typesOf } from '../../core/gate/event_kinds.ts';
import type { Tx } from '../../db/pool.ts';
import { leadEventsOfTypes } from '../../db/queries/events.gen.ts';
import * as explanations from '../../db/queries/explanations.gen.ts';
import { suppressionsOfLead } from '../../db/queries/leads.gen.ts';
import { CADENCE_STATE_VALUES, CHANNEL_VALUES, EVENT_TYPE_VALUES } from '../../schema.gen.ts';
import { gatesInWords, namesOf, sentencesOf } from '../event_words.ts';
import { id, noun } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { event } from '../log/events.ts';
import { operation, transact } from '../operation.ts';
import { byTime, pagedList } from '../page.ts';
import { findLead } from './access.ts';
import { SUPPRESSIONS_MAX } from './suppressions.ts';

/** People read explanations: older events are left out, and the timeline has them. */
const EVENTS_MAX = 500;
const ENROLLMENTS_MAX = 100;
const WAITING_MAX = 100;
/** More touches would need a cap in the thousands. */
const TOUCHES_MAX = 2_000;
/** The gate looks back at least this far, for the daily cap. */
const REACH_HOURS_MIN = 48;

const eventKind = z.enum(EVENT_KINDS).meta({ id: 'EventKind' });
const time = z.string().describe('ISO 8601, UTC');
const happened = noun('ExplainedEvent', {
  at: time,
  text: z.string().describe('in plain words, with times in the lead’s zone'),
  event_id: id,
  event_type: z.enum(EVENT_TYPE_VALUES),
});

const explanation = noun('Explanation', {
  lead: z.object({
    id,
    email: z.string(),
    name: z.string().nullable(),
    company: z.string().nullable(),
    time_zone: z.string(),
    cadence_state: z.enum(CADENCE_STATE_VALUES),
  }),
  as_of: time,
  summary: z.string().describe('the state in one sentence, and the next step'),
  happened: z.array(happened).describe('the newest 500 events, oldest first'),
  not_sent: z
    .array(
      happened.extend({
        reason: z.string(),
        until: time.nullable().describe('when the gate checks again'),
        gates: gatesInWords,
      }),
    )
    .describe('every touch or enrollment not sent or started, and why'),
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
    next_free_at: time.nullable().describe('when the next touch fits; null: no touch may be sent'),
    touches: z.array(
      z.object({
        at: time,
        campaign: z.string(),
        channel: z.enum(CHANNEL_VALUES),
        leaves_window_at: time.nullable().describe('null while it is being sent'),
      }),
    ),
    day: z
      .object({
        date: z.string(),
        starts_at: time,
        ends_at: time,
        touches_counted: z.number(),
        cap: z.number(),
      })
      .describe('the lead’s local day and the daily cap'),
  }),
});

const explain = operation({
  name: 'explain_lead',
  summary: 'Explain what happened to a lead, what was not sent and why, and what comes next and when.',
  http: { method: 'GET', path: '/leads/{id}/explain' },
  cli: { command: 'explain', args: ['id'] },
  mcp: { tool: 'explain_lead', title: 'Explain a lead' },
  input: z.object({ id: leadKey }),
  output: explanation,
  errors: 'not_found',
  run: (call) =>
    transact(call, async ({ tx, org_id, now }) =>
      explainLead(await readHistory(tx, org_id, call.input.id, now.getTime())),
    ),
  text: explainText,
});

const timeline = pagedList({
  name: 'timeline_lead',
  summary: 'List every event of a lead in plain words, newest first.',
  path: '/leads/{id}/timeline',
  cli: { command: 'timeline', args: ['id'], columns: 'timestamp text' },
  filters: { id: leadKey, kind: eventKind.optional() },
  item: noun('TimelineEvent', { ...event.shape, text: z.string(), gates: gatesInWords, kind: eventKind }),
  errors: 'not_found',
  order: byTime('timestamp', 'id'),
  rows: (call) =>
    transact(call, async ({ tx, org_id }) => {
      const { id: key, kind, ...page } = call.page;
      const { id: lead_id, effective_time_zone: time_zone } = await findLead(tx, org_id, key);
      const asked = { ...page, lead_id };
      const events =
        kind === null
          ? await explanations.leadEvents.run(asked, tx)
          : await leadEventsOfTypes.run({ ...asked, event_types: typesOf(kind) }, tx);
      const about = { ...(await namesOf(tx, org_id, events)), time_zone };
      return events.map((row) => ({ ...row, ...sentencesOf(row, about), kind: kindOf(row.event_type) }));
    }),
});

export const explainOperations = [explain, timeline] as const;

/** Throws `not_found`. */
async function readHistory(tx: Tx, org_id: string, key: string, now_ms: number): Promise<LeadHistory> {
  const found = await findLead(tx, org_id, key);
  const lead_id = found.id;
  // These reads are independent.
  const [
    suppressions,
    { version: policy_version, policy },
    newest,
    enrollments,
    requests,
    items,
    meetings,
    failed_tasks,
  ] = await Promise.all([
    suppressionsOfLead.run({ org_id, id: lead_id, limit: SUPPRESSIONS_MAX }, tx),
    orgPolicy({ tx, org_id }),
    explanations.leadEvents.run(
      { org_id, lead_id, before_time: null, before_id: null, limit: EVENTS_MAX },
      tx,
    ),
    explanations.leadEnrollments.run({ org_id, lead_id, limit: ENROLLMENTS_MAX }, tx),
    explanations.leadWaitingRequests.run({ org_id, lead_id, limit: WAITING_MAX }, tx),
    explanations.leadOpenItems.run({ org_id, lead_id, limit: WAITING_MAX }, tx),
    explanations.leadWaitingMeetings.run({ org_id, lead_id, limit: WAITING_MAX }, tx),
    explanations.leadFailedTasks.run({ org_id, lead_id, limit: WAITING_MAX }, tx),
  ]);
  const events = newest.reverse();
  const since = new Date(now_ms - Math.max(policy.touch_cap.window_hours, REACH_HOURS_MIN) * HOUR_MS);
  const owners = [...enrollments, ...items].map((row) => row.owner_role);
  const asking = [...requests, ...meetings].flatMap(({ requested_by }) => requested_by ?? []);
  const agents = [...asking, ...owners];
  const [touches, { names, askers }] = await Promise.all([
    explanations.leadTouchesSince.run({ org_id, lead_id, since, limit: TOUCHES_MAX }, tx),
    namesOf(tx, org_id, events, agents),
  ]);
  const { effective_time_zone: time_zone, ...lead } = found;
  const calendarOf = await holidayCalendars(policy.holidays, [lead.effective_country], now_ms);
  const { public_holidays } = calendarOf(lead.effective_country);
  return {
    now_ms,
    policy,
    policy_version,
    lead: { ...lead, time_zone, public_holidays, suppressions },
    // The query builds objects of step_number and channel.
    enrollments: enrollments as unknown as HistoryEnrollment[],
    requests,
    askers,
    items,
    meetings,
    failed_tasks,
    touches,
    events,
    names,
  };
}
