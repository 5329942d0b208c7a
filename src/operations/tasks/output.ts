import { z } from 'zod';
import type { GetTaskResult } from '../../db/queries/tasks.gen.ts';
import * as schema from '../../schema.gen.ts';
import { id, instant, leadNames, NOTES, noun, nullableInstant } from '../fields.ts';

/** A task without the fence of its claim, which only the claimant knows. */
export const taskShape = noun('Task', {
  id,
  type: z.enum(schema.TASK_TYPE_VALUES),
  role: z.string(),
  topic: z.string().nullable().describe('of the role; null: not created yet'),
  status: z.enum(schema.TASK_STATUS_VALUES).describe('failed: no longer retried'),
  lead_id: id,
  lead_email: z.string(),
  enrollment_id: id.nullable(),
  queue_id: id.nullable().describe('touch of an execute_sequence_step'),
  payload: z.unknown(),
  attempt_count: z.number(),
  claimed_by: z.string().nullable(),
  lease_until: nullableInstant,
  retry_at: nullableInstant,
  result: z.record(z.string(), z.unknown()).nullable().describe('result by type'),
  error: z.string().nullable(),
  decided_by_user_id: id.nullable(),
  created_at: instant,
  finished_at: nullableInstant,
});

export const listedTask = noun('ListedTask', {
  ...taskShape.shape,
  ...leadNames,
  campaign_name: z.string().nullable(),
});

/** The facts that an agent needs to write a touch. */
const touch = noun('TouchToWrite', {
  campaign_slug: z.string(),
  step_number: z.number(),
  channel: z.enum(schema.CHANNEL_VALUES),
  content_type: z.enum(schema.CONTENT_TYPE_VALUES),
  template_instructions: z.string().describe('what to write, not the copy'),
  goal: z.enum(schema.GOAL_VALUES).nullable(),
  notes: z.string().nullable().describe(NOTES),
  contact_name: z.string(),
  title: z.string().nullable(),
  company: z.string().nullable(),
  sender_name: z.string(),
  requires_personal_send: z.boolean().describe('a person sends it'),
  requires_justin_send: z
    .boolean()
    .meta({ deprecated: true })
    .describe('the former name of requires_personal_send'),
});

export const claimedTask = noun('ClaimedTask', {
  ...taskShape.shape,
  claim_id: id.describe('the fence: send it with complete_task, fail_task, and write_draft'),
  lease_until: instant,
  touch: touch.nullable().describe('of an execute_sequence_step'),
});

/** A CHECK constraint ensures that the result is an object. Only the response to a claim includes its fence. */
export function shownTask<Row extends Pick<GetTaskResult, 'result'>>(
  row: Row,
): Omit<Row, 'result'> & { result: Record<string, unknown> | null } {
  return { ...row, result: row.result as Record<string, unknown> | null };
}
