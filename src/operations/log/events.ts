import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import * as events from '../../db/queries/events.gen.ts';
import * as schema from '../../schema.gen.ts';
import { campaignIdOf } from '../campaigns/output.ts';
import { eventWords, wordsOfEvents } from '../event_words.ts';
import { gateTrace, id, instant, noun, nullableInstant } from '../fields.ts';
import { formerly } from '../former_names.ts';
import { leadFilter, rowsOfPerson } from '../lead_keys.ts';
import { byTime, FIRST_ID, pagedList } from '../page.ts';

/** Before and after everything that the log can hold. */
const BEGINNING = new Date('2000-01-01T00:00:00Z');
const END = new Date('9999-12-31T00:00:00Z');
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** One event as stored. */
export const event = z.object({
  id,
  timestamp: instant,
  event_type: z.enum(schema.EVENT_TYPE_VALUES),
  coordinator_action: z.string().describe('action taken: activate, hold, queue, block, ...'),
  resolution: z.string().nullable().describe('the exact case in one word, such as window_full'),
  suppressed_reason: z.enum(schema.SUPPRESSED_REASON_VALUES).nullable(),
  moment: z.enum(schema.GATE_MOMENT_VALUES).nullable().describe('which of the three gate moments this was'),
  until: nullableInstant.describe('when the gate checks again'),
  touch_cap_at_event: z.number().nullable().describe('touches counted then'),
  compliance_status: z.enum(schema.COMPLIANCE_STATUS_VALUES).nullable(),
  actor_kind: z.enum(schema.ACTOR_KIND_VALUES),
  actor_id: z.string(),
  lead_id: id,
  account_id: id.nullable(),
  campaign_id: id.nullable(),
  campaign_slug: z.string().nullable(),
  request_id: id.nullable(),
  enrollment_id: id.nullable(),
  queue_id: id.nullable(),
  step_number: z.number().nullable(),
  channel: z.enum(schema.CHANNEL_VALUES).nullable(),
  sequence_type: z.enum(schema.SEQUENCE_TYPE_VALUES).nullable(),
  policy_version: z.number().nullable(),
  play_id: id.nullable(),
  originating_proposal_id: id.nullable(),
  trace: z.unknown().pipe(gateTrace.nullable()),
  detail: z.unknown(),
});

const listEvents = pagedList({
  name: 'list_events',
  summary: 'List events, newest first.',
  path: '/events',
  cli: {
    command: 'events',
    empty: 'No events. The first request creates some: touchline request --help',
    columns: 'timestamp event_type suppressed_reason until campaign_slug step_number actor_id lead_id',
  },
  mcp: { tool: 'search_events', title: 'Search the log' },
  filters: {
    lead_id: leadFilter,
    event_type: formerly('type', z.enum(schema.EVENT_TYPE_VALUES).optional()),
    suppressed_reason: formerly('reason', z.enum(schema.SUPPRESSED_REASON_VALUES).optional()),
    play_id: id.optional(),
    campaign_slug: formerly('campaign', z.string().max(64).optional()),
    actor_id: z.string().max(64).optional().describe('only actions of this user or agent'),
    since: z.iso.datetime({ offset: true }).optional().describe('start, inclusive'),
    until: z.iso.datetime({ offset: true }).optional().describe('end, exclusive'),
    words: z.stringbool().default(false).describe('add each event in plain words, with names'),
  },
  item: noun('LogEvent', {
    ...event.shape,
    words: eventWords.nullable().describe('null unless requested'),
  }),
  errors: 'not_found',
  order: byTime('timestamp', 'id'),
  rows: async ({ page, db }) => {
    const { campaign_slug, since, until, words, org_id, limit, lead_id, ...rest } = page;
    const { before_time, before_id, ...narrowed } = rest;
    const filter = { ...narrowed, lead_ids: await rowsOfPerson(db, org_id, lead_id) };
    const campaign_id = campaign_slug && (await campaignIdOf(db, org_id, campaign_slug));
    // A cursor lies before `until` already.
    const end = until === null ? null : { before_time: new Date(until), before_id: FIRST_ID };
    const before = before_time === null && end !== null ? end : { before_time, before_id };
    const between = { org_id, since: since === null ? null : new Date(since), ...before, limit };
    const rows = await eventRows(db, between, filter, campaign_id);
    const told = words ? await wordsOfEvents(db, org_id, rows) : [];
    return rows.map((row, at) => ({ ...row, words: told[at] ?? null }));
  },
});

export const eventOperations = [listEvents] as const;

type Page = Pick<
  Parameters<typeof events.listEvents.run>[0],
  'org_id' | 'since' | 'before_time' | 'before_id' | 'limit'
>;
type Filter = Omit<Parameters<typeof events.listEvents.run>[0], keyof Page | 'campaign_id'>;

/** The most frequent requests, all events and those of one campaign, have statements with a generic plan. */
function eventRows(db: Queryable, page: Page, filter: Filter, campaign_id: string | null) {
  if (Object.values(filter).some((value) => value !== null)) {
    return events.listEvents.run({ ...page, ...filter, campaign_id }, db);
  }
  const between = {
    ...page,
    since: page.since ?? BEGINNING,
    before_time: page.before_time ?? END,
    before_id: page.before_id ?? LAST_ID,
  };
  return campaign_id === null
    ? events.eventsBetween.run(between, db)
    : events.eventsOfCampaign.run({ ...between, campaign_id }, db);
}
