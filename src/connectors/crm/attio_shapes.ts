import { z } from 'zod';

/* Shapes that several of Attio's calls share. */

const inWorkspace = { workspace_id: z.guid() };
export const actor = z.object({ id: z.string().nullish(), type: z.string().nullish() });

/** Values as we write them, by the type of their attribute. */
export const ATTIO_INPUT = {
  text: z.strictObject({ value: z.string() }),
  checkbox: z.strictObject({ value: z.boolean() }),
  currency: z.strictObject({ currency_value: z.number() }),
  domain: z.strictObject({ domain: z.string() }),
  'email-address': z.strictObject({ email_address: z.string() }),
  'record-reference': z.strictObject({ target_object: z.string(), target_record_id: z.guid() }),
  'actor-reference': z.strictObject({
    referenced_actor_type: z.literal('workspace-member'),
    referenced_actor_id: z.guid(),
  }),
  'personal-name': z.strictObject({ first_name: z.string(), last_name: z.string(), full_name: z.string() }),
  'phone-number': z.strictObject({ original_phone_number: z.string() }),
  status: z.strictObject({ status: z.string() }),
};

/** Values as we read them, by the type of their attribute. */
export const ATTIO_OUTPUT = {
  text: z.object({ value: z.string() }),
  checkbox: z.object({ value: z.boolean() }),
  currency: z.object({ currency_value: z.number(), currency_code: z.string().nullish() }),
  domain: z.object({ domain: z.string() }),
  'email-address': z.object({ email_address: z.string() }),
  'record-reference': z.object({ target_object: z.string(), target_record_id: z.guid() }),
  'actor-reference': z.object({
    referenced_actor_type: z.string(),
    referenced_actor_id: z.guid().nullable(),
  }),
  'personal-name': z.object({ first_name: z.string(), last_name: z.string() }),
  'phone-number': z.object({ phone_number: z.string() }),
  select: z.object({ option: z.object({ title: z.string() }) }),
  status: z.object({
    status: z.union([z.guid(), z.object({ id: z.object({ status_id: z.guid() }), title: z.string() })]),
  }),
};

export type AttioValueType = keyof typeof ATTIO_OUTPUT;
export type AttioInputType = keyof typeof ATTIO_INPUT;

const sentValue = z.union(Object.values(ATTIO_INPUT));

/** Values of a record to write, by the slug of their attribute. */
export const sendValues = z.record(z.string(), z.array(sentValue));

/** Values are read by their attribute's type where they are used. */
export const record = z.object({
  id: z.object({ ...inWorkspace, object_id: z.guid(), record_id: z.guid() }),
  created_at: z.string(),
  values: z.record(z.string(), z.unknown()),
});

export type AttioRecord = z.output<typeof record>;

export const attribute = z.object({
  id: z.object({ ...inWorkspace, object_id: z.guid(), attribute_id: z.guid() }),
  title: z.string(),
  api_slug: z.string(),
  type: z.string(),
  is_writable: z.boolean(),
  is_required: z.boolean(),
  is_unique: z.boolean(),
  is_multiselect: z.boolean(),
  is_archived: z.boolean(),
  config: z.object({ currency: z.object({ default_currency_code: z.string().nullable() }) }),
});

export const status = z.object({
  id: z.object({ ...inWorkspace, status_id: z.guid() }),
  title: z.string(),
  celebration_enabled: z.boolean(),
});

export const note = z.object({
  id: z.object({ ...inWorkspace, note_id: z.guid() }),
  parent_object: z.string(),
  parent_record_id: z.guid(),
  content_plaintext: z.string(),
  created_by_actor: actor,
  created_at: z.string(),
});

export const task = z.object({
  id: z.object({ ...inWorkspace, task_id: z.guid() }),
  content_plaintext: z.string(),
  created_by_actor: actor,
});

export const subscription = z.object({
  event_type: z.enum(['record.created', 'record.updated', 'record.deleted', 'record.merged']),
});

export const webhook = z.object({
  id: z.object({ ...inWorkspace, webhook_id: z.guid() }),
  target_url: z.string(),
  status: z.enum(['active', 'degraded', 'inactive']),
  subscriptions: z.array(z.object({ event_type: z.string() })),
});

/** `validation_errors` is not in Attio's description, but some refusals have them. */
export const refusal = z.object({
  status_code: z.number(),
  type: z.string(),
  code: z.string(),
  message: z.string(),
  validation_errors: z
    .array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }))
    .optional()
    .catch(undefined),
});

/** The body of a webhook delivery. Attio describes events in another file. */
export const delivery = z.object({
  webhook_id: z.guid(),
  events: z.array(
    z.object({
      event_type: z.string(),
      id: z.object({ object_id: z.guid().optional(), record_id: z.guid().optional() }),
      duplicate_record_id: z.guid().optional(),
      actor: actor.nullish(),
    }),
  ),
});
