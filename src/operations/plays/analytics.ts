/** Results of brains and plays: they calibrate brains and show which plays to retire. */
import { z } from 'zod';
import { brainAnalytics, cohortAnalytics, playAnalytics } from '../../db/queries/play_analytics.gen.ts';
import { PLAY_STATE_VALUES } from '../../schema.gen.ts';
import { id, instant, noun, nullableInstant } from '../fields.ts';
import { operation } from '../operation.ts';
import { byTime, pagedList } from '../page.ts';
import { successCriteria } from './documents.ts';
import { outcomes, visibleTo } from './output.ts';
import { segmentName } from './plays.ts';

/** More than a century of quarters for a few brains. */
const ROWS_MAX = 1_000;

/** Five years: older quarters are rarely useful, and each one is read in full. */
const QUARTERS_MAX = 20;

const lift = z
  .number()
  .nullable()
  .describe('rate divided by the rate without a brain in the same quarter; null: no comparison');

const brains = operation({
  name: 'analytics_brains',
  summary: 'Count the results of each brain’s drafts by quarter. A brain sees its own.',
  http: { method: 'GET', path: '/analytics/brains' },
  cli: {
    command: 'analytics brains',
    empty: 'No brain has drafted a play yet.',
    columns: 'agent_id quarter drafted picked_up activated rejected promotion_rate met measured',
  },
  mcp: { tool: 'analytics_brains', title: 'Count the results of drafted plays' },
  output: z.object({
    items: z.array(
      noun('BrainResults', {
        agent_id: z.string(),
        quarter: z.string().describe('quarter of the drafts, such as 2026-Q4'),
        drafted: z.int(),
        waiting: z.int().describe('drafts not yet picked up or rejected'),
        picked_up: z.int(),
        activated: z.int(),
        rejected: z.int(),
        promotion_rate: z
          .number()
          .describe('activated plays per drafted play; the specification’s target is 0.3 or more'),
        edits_per_review: z
          .number()
          .nullable()
          .describe(
            'mean number of edits by people to a play under review; few edits mean a calibrated brain',
          ),
        measured: z.int().describe('plays with recorded results'),
        met: z.int().describe('measured plays that met all their success criteria'),
      }),
    ),
  }),
  run: async ({ context, principal }) => {
    const { only_writer: agent_id } = visibleTo(principal);
    return {
      items: await brainAnalytics.run({ org_id: principal.org_id, agent_id, limit: ROWS_MAX }, context.db),
    };
  },
});

const plays = pagedList({
  name: 'analytics_plays',
  summary: 'Compare the results of each play that ran with its success criteria. A brain sees its own.',
  path: '/analytics/plays',
  cli: {
    command: 'analytics plays',
    empty: 'No play has run yet. List drafts: touchline plays',
    columns: `
      play_id name state segment enrolled touches meetings meeting_rate target_meeting_rate converted`,
  },
  mcp: { tool: 'analytics_plays', title: 'Compare plays with their criteria' },
  item: noun('PlayMeasurement', {
    play_id: id,
    name: z.string(),
    state: z.enum(PLAY_STATE_VALUES),
    segment: z.string().nullable(),
    account_id: id.nullable(),
    writer_agent_id: z.string(),
    activated_at: instant,
    retired_at: nullableInstant,
    success_criteria: z.unknown().pipe(successCriteria),
    retrospective_outcomes: z.unknown().pipe(outcomes.nullable()),
    enrolled: z.int(),
    touches: z.int(),
    meetings: z.int(),
    converted: z.int(),
    meeting_rate: z.number().nullable().describe('meetings per enrolled lead so far'),
    target_meeting_rate: z.number().nullable().describe('the success criterion; null: none'),
  }),
  order: byTime('activated_at', 'play_id'),
  rows: async ({ page, db, principal }) => {
    const { only_writer: agent_id } = visibleTo(principal);
    const rows = await playAnalytics.run({ ...page, agent_id }, db);
    return rows.map((row) => {
      const { meeting_rate = null } = row.success_criteria as { meeting_rate?: number };
      return { ...row, target_meeting_rate: meeting_rate };
    });
  },
});

const cohorts = operation({
  name: 'analytics_cohorts',
  summary:
    'Compare enrollments of plays that brains drafted with enrollments without a brain, by the quarter of their start.',
  http: { method: 'GET', path: '/analytics/cohorts' },
  cli: {
    command: 'analytics cohorts',
    empty: 'No enrollments began in this period.',
    columns:
      'quarter agent_id plays enrolled touched meetings converted meeting_rate meeting_lift conversion_rate conversion_lift',
    nulls: { agent_id: 'without a brain' },
  },
  mcp: { tool: 'analytics_cohorts', title: 'Compare enrollments with and without a brain' },
  input: z.object({
    quarters: z
      .int()
      .min(1)
      .max(QUARTERS_MAX)
      .default(4)
      .describe('number of quarters, including the current one'),
    segment: segmentName.optional().describe('only leads of this segment'),
  }),
  output: z.object({
    items: z.array(
      noun('PlayCohort', {
        quarter: z.string().describe('quarter in which the enrollments began, such as 2026-Q4'),
        agent_id: z.string().nullable().describe('the brain that drafted the plays; null: without a brain'),
        plays: z.int(),
        enrolled: z.int(),
        touched: z.int().describe('enrollments with at least one touch sent'),
        meetings: z.int(),
        converted: z.int(),
        meeting_rate: z.number().describe('meetings per enrollment'),
        conversion_rate: z.number(),
        meeting_lift: lift,
        conversion_lift: lift,
      }),
    ),
  }),
  run: async ({ context, principal, input }) => {
    const { only_writer: agent_id } = visibleTo(principal);
    const asked = { org_id: principal.org_id, now: context.clock.now(), agent_id, limit: ROWS_MAX };
    const rows = await cohortAnalytics.run(
      { ...asked, quarters: input.quarters, segment: input.segment ?? null },
      context.db,
    );
    return { items: rows.map((row) => withLift(row, rows)) };
  },
});

export const playAnalyticsOperations = [brains, plays, cohorts] as const;

type Rates = { meeting_rate: number; conversion_rate: number };

/** Compared with the enrollments without a brain in the same quarter. */
function withLift<Row extends Rates & { quarter: string; agent_id: string | null }>(row: Row, rows: Row[]) {
  const base = rows.find((one) => one.quarter === row.quarter && one.agent_id === null);
  const over = (rate: keyof Rates) =>
    row.agent_id === null || base === undefined || base[rate] === 0 ? null : row[rate] / base[rate];
  return { ...row, meeting_lift: over('meeting_rate'), conversion_lift: over('conversion_rate') };
}
