import { z } from 'zod';
import {
  CHANNEL_VALUES,
  DRAFT_SOURCE_VALUES,
  QUEUE_STATUS_VALUES,
  SUPPRESSED_REASON_VALUES,
} from '../schema.gen.ts';
import { id, instant, nullableInstant } from './fields.ts';

/** How the built-in drafter came to a text. */
const writtenWith = {
  written_with: z
    .enum(DRAFT_SOURCE_VALUES)
    .nullable()
    .describe('fallback: the template, because the model did not; null: a person, or an agent outside'),
  fallback_reason: z.string().nullable().describe('why the model did not, such as model_budget_spent'),
};

export const draftSummary = z.object({
  id,
  queue_id: id,
  version: z.number(),
  status: z.enum(QUEUE_STATUS_VALUES),
  channel: z.enum(CHANNEL_VALUES),
  to_id: z.string(),
  subject: z.string().nullable(),
  body: z.string(),
  content_hash: z.string().describe('approve with exactly this'),
  context: z.unknown(),
  lead_id: id,
  enrollment_id: id,
  lead_email: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  title: z.string().nullable(),
  company: z.string().nullable(),
  campaign_slug: z.string(),
  campaign_name: z.string(),
  step_number: z.number(),
  requires_personal_send: z.boolean(),
  scheduled_at: instant,
  held_until: nullableInstant,
  held_reason: z.enum(SUPPRESSED_REASON_VALUES).nullable(),
  sent_at: nullableInstant,
  error: z.string().nullable(),
  written_by_agent_id: z.string().nullable(),
  written_by_user_id: id.nullable(),
  written_by_user_name: z.string().nullable(),
  ...writtenWith,
  created_at: instant,
  rejection: z
    .object({
      reason: z.string(),
      rejected_at: instant,
      rejected_by_user_id: id,
      rejected_by_user_name: z.string(),
    })
    .nullable()
    .describe('who rejected it, and why; null: nobody did'),
});

const draftVersion = z.object({
  id,
  version: z.number(),
  subject: z.string().nullable(),
  body: z.string(),
  content_hash: z.string(),
  written_by_agent_id: z.string().nullable(),
  written_by_user_id: id.nullable(),
  written_by_user_name: z.string().nullable(),
  ...writtenWith,
  created_at: instant,
});

const diffParts = z.array(z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string() }));

const draftDiff = z
  .object({ from_version: z.number(), to_version: z.number(), subject: diffParts, body: diffParts })
  .nullable()
  .describe(
    'what the person who wrote this version changed of the agent’s last text; null: nothing, or none of both',
  );

export const draftDetail = draftSummary.extend({
  is_current: z.boolean().describe('false: an edit replaced this version'),
  approved_by_user_id: id.nullable(),
  approved_by_user_name: z.string().nullable(),
  approved_at: nullableInstant,
  undo_until: nullableInstant.describe(
    'an approved message does not leave before this, so that its approval can be taken back; null: it may leave',
  ),
  versions: z.array(draftVersion),
  diff: draftDiff,
});

type Rejected = {
  rejected_reason: string | null;
  rejected_at: Date | null;
  rejected_by_user_id: string | null;
  rejected_by_user_name: string | null;
};

/** Who rejected a draft, from the columns of a query. */
export function rejectionOf({
  rejected_reason: reason,
  rejected_at,
  rejected_by_user_id,
  rejected_by_user_name,
}: Rejected) {
  if (reason === null || rejected_at === null || rejected_by_user_id === null) return null;
  return { reason, rejected_at, rejected_by_user_id, rejected_by_user_name: rejected_by_user_name ?? '' };
}
