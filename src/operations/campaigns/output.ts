import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { OperationContext } from '../../context.ts';
import type { Queryable } from '../../db/pool.ts';
import { countOpenEnrollments, getCampaign, listSteps } from '../../db/queries/campaigns.gen.ts';
import * as schema from '../../schema.gen.ts';
import { APPROVERS, ENTRY, existing, id, instant, noun, PRIORITY, WHEN_UNREACHABLE } from '../fields.ts';
import type { CampaignShape } from './definition.ts';

const campaign = z.object({
  id,
  slug: z.string(),
  name: z.string(),
  client_id: z.string(),
  type: z.enum(schema.CAMPAIGN_TYPE_VALUES),
  owner_role: z.string(),
  status: z.enum(schema.CAMPAIGN_STATUS_VALUES).describe('only active campaigns enroll and send'),
  on_exit: z
    .record(z.string(), z.unknown())
    .describe('by exit reason: the next campaign’s slug, null, or a hand-off that a person routes'),
  sequence_type: z.enum(schema.SEQUENCE_TYPE_VALUES),
  side: z.enum(schema.SIDE_VALUES),
  send_rule: z.enum(schema.SEND_RULE_VALUES),
  entry: z.enum(schema.CAMPAIGN_ENTRY_VALUES).describe(ENTRY),
  priority: z.int().describe(PRIORITY),
  approvers: z.enum(schema.CAMPAIGN_APPROVERS_VALUES).describe(APPROVERS),
  play_id: id.nullable(),
  originating_proposal_id: id.nullable(),
  created_at: instant,
  updated_at: instant,
});
export const listedCampaign = noun('ListedCampaign', {
  ...campaign.shape,
  step_count: z.number(),
  open_enrollments: z.number().describe('active or paused; above a thousand as of up to ten seconds ago'),
});
const step = noun('Step', {
  step_number: z.number(),
  delay_days: z.number().describe('days from enrollment'),
  channel: z.enum(schema.CHANNEL_VALUES),
  content_type: z.enum(schema.CONTENT_TYPE_VALUES),
  requires_personal_send: z.boolean(),
  when_unreachable: z.enum(schema.WHEN_UNREACHABLE_VALUES).describe(WHEN_UNREACHABLE),
  template_instructions: z.string(),
  template: noun('StepTemplate', { subject: z.string().optional(), body: z.string() }).nullable(),
  subject_template: z
    .string()
    .nullable()
    .meta({ deprecated: true })
    .describe('the former name of template.subject'),
  body_template: z
    .string()
    .nullable()
    .meta({ deprecated: true })
    .describe('the former name of template.body'),
  template_hash: z.string().describe('what an approval of the template is bound to'),
  template_approved: z.boolean(),
});
export const campaignDetail = noun('Campaign', { ...campaign.shape, steps: z.array(step) });

/** Throws `not_found`. */
export async function campaignIdOf(db: Queryable, org_id: string, slug: string): Promise<string> {
  return existing(await getCampaign.one({ org_id, slug }, db), 'campaign').id;
}

/** Throws `not_found`. */
export async function readCampaign(
  db: Queryable,
  org_id: string,
  slug: string,
): Promise<z.input<typeof campaignDetail>> {
  const row = existing(await getCampaign.one({ org_id, slug }, db), 'campaign');
  const steps = await listSteps.run({ org_id, campaign_id: row.id }, db);
  return { ...withMap(row), steps: steps.map(shownStep) };
}

function shownStep<Row extends { subject_template: string | null; body_template: string | null }>(row: Row) {
  const { subject_template: subject, body_template: body } = row;
  const template = subject === null ? { body: body ?? '' } : { subject, body: body ?? '' };
  return { ...row, template: body === null ? null : template };
}

type Stored = Awaited<ReturnType<typeof readCampaign>>;
export type Changes = { [Key in keyof CampaignShape]?: CampaignShape[Key] | undefined };

/** A stored campaign in the form that people write, with changes. */
export function shapeOf(stored: Stored, changes: Changes = {}): CampaignShape {
  const { slug, name, client_id, type, owner_role, send_rule, sequence_type, side } = stored;
  const { entry, priority, approvers } = stored;
  // Stored campaigns were checked when they were stored.
  const on_exit = stored.on_exit as CampaignShape['on_exit'];
  const rules = { send_rule, sequence_type, side, entry, priority, approvers, on_exit };
  const kept = { slug, name, client_id, type, owner_role, ...rules };
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...kept, steps: stored.steps.map(stepShape), ...Object.fromEntries(given) };
}

function stepShape(stored: Stored['steps'][number]): CampaignShape['steps'][number] {
  const { step_number, delay_days, channel, content_type, requires_personal_send, when_unreachable } = stored;
  const { template_instructions, template } = stored;
  return {
    step_number,
    delay_days,
    channel,
    content_type,
    requires_personal_send,
    when_unreachable,
    template_instructions,
    ...(template === null ? {} : { template }),
  };
}

/** A CHECK ensures an object. */
export function withMap<Row extends { on_exit: schema.Json }>(
  row: Row,
): Omit<Row, 'on_exit'> & { on_exit: Record<string, unknown> } {
  return { ...row, on_exit: row.on_exit as Record<string, unknown> };
}

/** Up to here, open enrollments are counted each time; beyond, counting would cost more than the list. */
export const COUNTED_EACH_TIME_MAX = 1_000;

/** Within this time, a large count changes by a thousandth or so. */
const COUNT_MAX_AGE_MS = 10_000;

type Counts = { at_ms: number; by_campaign: Promise<ReadonlyMap<string, number>> };

/** The last counts of this process by organization, for its clock. */
const counted = new WeakMap<Clock, Map<string, Counts>>();

/**
 * Open enrollments by campaign id, at most ten seconds old; campaigns without any are missing. Concurrent callers share one
 * count.
 */
export function openEnrollments({ clock, db }: OperationContext, org_id: string): Counts['by_campaign'] {
  const by_org = counted.get(clock) ?? new Map<string, Counts>();
  counted.set(clock, by_org);
  const known = by_org.get(org_id);
  if (known !== undefined && performance.now() - known.at_ms < COUNT_MAX_AGE_MS) return known.by_campaign;
  const by_campaign = countOpenEnrollments
    .run({ org_id }, db)
    .then((rows) => new Map(rows.map((row) => [row.campaign_id, row.open_enrollments])));
  by_org.set(org_id, { at_ms: performance.now(), by_campaign });
  // A failed count is not cached.
  by_campaign.catch(() => by_org.delete(org_id));
  return by_campaign;
}
