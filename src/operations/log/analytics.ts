import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { DAY_MS, HOUR_MS } from '../../core/durations.ts';
import * as analytics from '../../db/queries/analytics.gen.ts';
import { AppError } from '../../errors.ts';
import { SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { instant, noun } from '../fields.ts';
import { formerly } from '../former_names.ts';
import { operation } from '../operation.ts';

const DEFAULT_MS = 30 * DAY_MS;
/** Scanning a quarter of the log takes a moment; scanning years would block other requests. */
const RANGE_MAX_DAYS = 100;
const BUCKET_MS = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };
/** More buckets than a chart can show. */
const BUCKETS_MAX = 100;
const ROWS_MAX = 5_000;

const range = {
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('start, inclusive; default: 30 days before until'),
  until: z.iso.datetime({ offset: true }).optional().describe('end, exclusive; default: now'),
};
const campaign_slug = formerly('campaign', z.string().max(100).optional());
const is_complete = z.boolean().describe(`false: more than ${ROWS_MAX} rows; narrow the filter`);

const suppressions = operation({
  name: 'analytics_suppressions',
  summary: 'Count what the gate held or blocked, by time and by reason, requesting agent, or campaign.',
  http: { method: 'GET', path: '/analytics/suppressions' },
  cli: { command: 'analytics suppressions', columns: 'start key decisions leads' },
  mcp: { tool: 'analytics_suppressions', title: 'Count what was not sent' },
  input: z.object({
    ...range,
    bucket: z.enum(['hour', 'day', 'week']).default('day').describe('in the time zone of the organization'),
    by: z.enum(['reason', 'agent', 'campaign']).default('reason').describe('agent: the requesting agent'),
    suppressed_reason: formerly('reason', z.enum(SUPPRESSED_REASON_VALUES).optional()),
    campaign_slug,
  }),
  output: z.object({
    items: z.array(
      noun('SuppressionCount', {
        start: instant.describe('start of the bucket'),
        key: z.string().nullable().describe('the reason, agent, or campaign; null: unknown'),
        decisions: z.int().describe('gate decisions that did not pass; retries count again'),
        leads: z.int().describe('distinct leads'),
      }),
    ),
    is_complete,
  }),
  errors: 'range_invalid range_too_long',
  run: async ({ context, principal: { org_id }, input }) => {
    const { bucket, by } = input;
    const { since, until } = rangeOf(input, context.clock);
    if (until.getTime() - since.getTime() > BUCKETS_MAX * BUCKET_MS[bucket]) {
      throw tooLong(`${BUCKETS_MAX} buckets`, 'Use longer buckets or a shorter period.');
    }
    const reasons =
      input.suppressed_reason === undefined ? [...SUPPRESSED_REASON_VALUES] : [input.suppressed_reason];
    const asked = { org_id, since, until, bucket, by, reasons, campaign: input.campaign_slug ?? null };
    return complete(await analytics.countSuppressions.run({ ...asked, limit: ROWS_MAX + 1 }, context.db));
  },
});

const conflicts = operation({
  name: 'analytics_conflicts',
  summary: 'Count how conflicts between sales and marketing were settled, by the rule of the matrix.',
  http: { method: 'GET', path: '/analytics/conflicts' },
  cli: { command: 'analytics conflicts', columns: 'rule decisions leads' },
  input: z.object(range),
  output: z.object({
    items: z.array(
      noun('ConflictCount', {
        rule: z.string().describe('tier and side of the newer signal: t2_sales_fresher; t3_sales: refused'),
        decisions: z
          .int()
          .describe('waits because of this rule; an answer without news does not count again'),
        leads: z.int().describe('distinct leads'),
      }),
    ),
    leads: z.int().describe('distinct leads in conflict, under any rule'),
    is_complete,
  }),
  errors: 'range_invalid range_too_long',
  run: async ({ context, principal: { org_id }, input }) => {
    const asked = { org_id, ...rangeOf(input, context.clock), limit: ROWS_MAX + 2 };
    const [all, ...rules] = await analytics.countConflicts.run(asked, context.db);
    const items = rules.map(({ rule, ...counts }) => ({ rule: rule!, ...counts }));
    return { ...complete(items), leads: all!.leads };
  },
});

const funnelStep = noun('FunnelStep', {
  campaign_slug: z.string(),
  step_number: z.int(),
  enrolled: z.int().describe('enrolled at this step'),
  due: z.int().describe('the step became due and reached the gate'),
  drafted: z.int(),
  approved: z.int(),
  sent: z.int().describe('sent by Touchline or by a person'),
  replied: z.int().describe('replied to the touch of this step'),
  open_now: z.int().describe('enrollments now at this step, whenever they began'),
  held_now: z.int().describe('touches held now, whenever they became due'),
  exited: z.int().describe('ended at this step'),
  exits: z.array(z.object({ reason: z.string(), count: z.int() })),
});

const funnel = operation({
  name: 'analytics_funnel',
  summary: 'Count how far enrollments got in a period, by campaign and step, and what is held now.',
  http: { method: 'GET', path: '/analytics/funnel' },
  cli: {
    command: 'analytics funnel',
    columns: 'campaign_slug step_number enrolled due drafted approved sent replied held_now open_now exited',
  },
  mcp: { tool: 'analytics_funnel', title: 'Count enrollments by step' },
  input: z.object({ ...range, campaign_slug }),
  output: z.object({
    items: z.array(funnelStep),
    is_complete,
  }),
  errors: 'range_invalid range_too_long',
  run: async ({ context, principal: { org_id }, input }) => {
    const { since, until } = rangeOf(input, context.clock);
    const asked = { org_id, campaign: input.campaign_slug ?? null, limit: ROWS_MAX + 1 };
    const counted = complete(await analytics.countFunnel.run({ ...asked, since, until }, context.db));
    const held = complete(await analytics.countHeld.run(asked, context.db));
    const steps = new Map<string, Step>();
    for (const row of counted.items) {
      const { stage, exit_reason, count } = row;
      const step = stepAt(steps, row);
      step[stage as keyof typeof NO_STAGE] += count;
      if (stage === 'exited') step.exits.push({ reason: exit_reason ?? 'unknown', count });
    }
    const open = complete(await analytics.countOpen.run(asked, context.db));
    for (const row of held.items) stepAt(steps, row).held_now = row.count;
    for (const row of open.items) stepAt(steps, row).open_now = row.count;
    const is_complete = counted.is_complete && held.is_complete && open.is_complete;
    return { items: [...steps.values()].sort(inOrder), is_complete };
  },
});

export const analyticsOperations = [suppressions, conflicts, funnel] as const;

type Place = { campaign_slug: string; step_number: number };
type Step = z.output<typeof funnelStep>;

const NO_STAGE = { enrolled: 0, due: 0, drafted: 0, approved: 0, sent: 0, replied: 0, exited: 0 };

/** The step of a row, added with zeros unless known. */
function stepAt(steps: Map<string, Step>, { campaign_slug, step_number }: Place): Step {
  const key = `${campaign_slug} ${step_number}`;
  const none = { ...NO_STAGE, held_now: 0, open_now: 0, exits: [] };
  const step = steps.get(key) ?? { campaign_slug, step_number, ...none };
  steps.set(key, step);
  return step;
}

function inOrder(a: Place, b: Place): number {
  return compare(a.campaign_slug, b.campaign_slug) || a.step_number - b.step_number;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function complete<Row>(rows: Row[]): { items: Row[]; is_complete: boolean } {
  return { items: rows.slice(0, ROWS_MAX), is_complete: rows.length <= ROWS_MAX };
}

type Range = { since?: string | undefined; until?: string | undefined };

/** Throws `range_invalid` and `range_too_long`. */
function rangeOf(given: Range, clock: Clock): { since: Date; until: Date } {
  const until = given.until === undefined ? clock.now() : new Date(given.until);
  const since = given.since === undefined ? new Date(until.getTime() - DEFAULT_MS) : new Date(given.since);
  if (since >= until) {
    throw new AppError('range_invalid', 'The period ends before it begins.', {
      errors: [{ path: 'since', message: `expected a time before ${until.toISOString()}` }],
      hint: 'Set since to a time before until.',
    });
  }
  if (until.getTime() - since.getTime() > RANGE_MAX_DAYS * DAY_MS) {
    throw tooLong(`${RANGE_MAX_DAYS} days`, 'Request several shorter periods instead.');
  }
  return { since, until };
}

function tooLong(most: string, hint: string): AppError {
  const errors = [{ path: 'since', message: `expected at most ${most} before until` }];
  return new AppError('range_too_long', `The period is longer than ${most}.`, { errors, hint });
}
