/** How well brains draft, and what plays bring: what calibrates the brains and tells people which plays to retire. */
import { z } from 'zod';
import { brainAnalytics, playAnalytics } from '../db/queries/play_analytics.gen.ts';
import { PLAY_STATE_VALUES } from '../schema.gen.ts';
import { id, instant, nullableInstant } from './fields.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf, readTimeCursor, toPage } from './page.ts';
import { successCriteria } from './play_documents.ts';
import { outcomes, visibleTo } from './play_output.ts';

/** Quarters of a few brains: more than a century. */
const ROWS_MAX = 1_000;

const brains = operation({
  name: 'analytics_brains',
  summary: 'Counts what became of the drafts of each brain, by quarter. A brain sees its own.',
  http: { method: 'GET', path: '/analytics/brains' },
  cli: {
    command: 'analytics brains',
    columns: [
      'agent_id',
      'quarter',
      'drafted',
      'picked_up',
      'activated',
      'rejected',
      'promotion_rate',
      'met',
      'measured',
    ],
  },
  mcp: { tool: 'analytics_brains', title: 'Count what became of drafted plays' },
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        agent_id: z.string(),
        quarter: z.string().describe('in which it drafted them, such as 2026-Q4'),
        drafted: z.int(),
        waiting: z.int().describe('drafts that nobody has picked up or rejected yet'),
        picked_up: z.int(),
        activated: z.int(),
        rejected: z.int(),
        promotion_rate: z.number().describe('activated of drafted; the specification aims at 0.3 or more'),
        edits_per_review: z
          .number()
          .nullable()
          .describe(
            'changes that people made to a play under review, on average; few: the brain is calibrated',
          ),
        measured: z.int().describe('plays whose outcomes were written down'),
        met: z.int().describe('those that met all of their success criteria'),
      }),
    ),
  }),
  errors: [],
  run: async ({ context, principal }) => {
    const { only_writer: agent_id } = visibleTo(principal);
    return {
      items: await brainAnalytics.run({ org_id: principal.org_id, agent_id, limit: ROWS_MAX }, context.db),
    };
  },
});

const plays = operation({
  name: 'analytics_plays',
  summary: 'Shows what each play that ran brought, beside what it was to bring. A brain sees its own.',
  http: { method: 'GET', path: '/analytics/plays' },
  cli: {
    command: 'analytics plays',
    columns: [
      'play_id',
      'name',
      'state',
      'segment',
      'enrolled',
      'touches',
      'meetings',
      'meeting_rate',
      'converted',
    ],
  },
  mcp: { tool: 'analytics_plays', title: 'Compare plays with their criteria' },
  input: z.object(pageInput),
  output: pageOf(
    z.object({
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
      meeting_rate: z.number().nullable().describe('meetings for each lead enrolled so far'),
    }),
  ),
  errors: ['cursor_invalid'],
  run: async ({ context, principal, input: { limit, cursor } }) => {
    const { time: before_time, id: before_id } = readTimeCursor(cursor);
    const { only_writer: agent_id } = visibleTo(principal);
    const asked = { org_id: principal.org_id, agent_id, before_time, before_id, limit: limit + 1 };
    const rows = await playAnalytics.run(asked, context.db);
    return toPage(rows, limit, (row) => [row.activated_at.toISOString(), row.play_id]);
  },
});

export const playAnalyticsOperations = [brains, plays] as const;
