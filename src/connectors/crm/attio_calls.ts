import { z } from 'zod';
import { attribute, note, record, sendValues, status, subscription, task, webhook } from './attio_shapes.ts';
import type { CrmCall } from './crm_client.ts';

/* The calls of Attio's REST API v2 that the connector makes. `tools/crm_schemas.ts` compares this table with Attio's own
   description. */

const call = <Q extends z.ZodType | null, R extends z.ZodType | null, A extends z.ZodType>(
  method: CrmCall['method'],
  path: string,
  { query, request, answer, is_write }: { query: Q; request: R; answer: A; is_write?: boolean },
) => ({
  method,
  path,
  is_write: is_write ?? method !== 'GET',
  names_record: /_id\}|\/(notes|tasks)$/.test(path),
  query,
  request,
  answer,
});

const read = <A extends z.ZodType>(path: string, answer: A) =>
  call('GET', path, { query: null, request: null, answer });

const remove = (path: string) =>
  call('DELETE', path, { query: null, request: null, answer: z.looseObject({}) });

const dataOf = <T extends z.ZodType>(data: T) => z.object({ data });
const send = <T extends z.ZodType>(data: T) => z.strictObject({ data });
const page = { limit: z.int().min(1), offset: z.int().min(0) };
const ids = { workspace_id: z.guid() };

const token = z.object({
  active: z.boolean(),
  scope: z.string(),
  workspace_id: z.guid(),
  workspace_name: z.string(),
});

const RECORDS = '/v2/objects/{object}/records';
const recordValues = send(z.strictObject({ values: sendValues }));
const links = z.array(z.strictObject({ target_object: z.string(), target_record_id: z.guid() })).min(1);
const members = z.array(
  z.strictObject({ referenced_actor_type: z.literal('workspace-member'), referenced_actor_id: z.guid() }),
);

export const ATTIO_CALLS = {
  self: read('/v2/self', z.union([token, z.object({ active: z.literal(false) })])),
  list_objects: read(
    '/v2/objects',
    dataOf(
      z.array(z.object({ id: z.object({ ...ids, object_id: z.guid() }), api_slug: z.string().nullable() })),
    ),
  ),
  list_attributes: call('GET', '/v2/{target}/{identifier}/attributes', {
    query: z.strictObject(page),
    request: null,
    answer: dataOf(z.array(attribute)),
  }),
  get_attribute: read('/v2/{target}/{identifier}/attributes/{attribute}', dataOf(attribute)),
  create_attribute: call('POST', '/v2/{target}/{identifier}/attributes', {
    query: null,
    request: send(
      z.strictObject({
        title: z.string().min(1),
        description: z.string(),
        api_slug: z.string().regex(/^[a-z0-9_]+$/),
        type: z.enum(['text', 'checkbox']),
        is_required: z.literal(false),
        is_unique: z.boolean(),
        is_multiselect: z.literal(false),
        config: z.strictObject({}),
      }),
    ),
    answer: dataOf(attribute),
  }),
  list_statuses: read('/v2/{target}/{identifier}/attributes/{attribute}/statuses', dataOf(z.array(status))),
  list_members: read(
    '/v2/workspace_members',
    dataOf(
      z.array(
        z.object({
          id: z.object({ ...ids, workspace_member_id: z.guid() }),
          first_name: z.string(),
          last_name: z.string(),
          email_address: z.string(),
          access_level: z.enum(['admin', 'member', 'suspended']),
        }),
      ),
    ),
  ),
  assert_record: call('PUT', RECORDS, {
    query: z.strictObject({ matching_attribute: z.string() }),
    request: recordValues,
    answer: dataOf(record),
  }),
  create_record: call('POST', RECORDS, { query: null, request: recordValues, answer: dataOf(record) }),
  query_records: call('POST', `${RECORDS}/query`, {
    query: null,
    is_write: false,
    request: z.strictObject({
      filter: z.record(z.string(), z.unknown()).optional(),
      sorts: z
        .array(z.strictObject({ direction: z.enum(['asc', 'desc']), attribute: z.string() }))
        .optional(),
      limit: z.int().min(1).max(500),
      offset: z.int().min(0),
    }),
    answer: dataOf(z.array(record)),
  }),
  get_record: read(`${RECORDS}/{record_id}`, dataOf(record)),
  update_record: call('PATCH', `${RECORDS}/{record_id}`, {
    query: null,
    request: recordValues,
    answer: dataOf(record),
  }),
  delete_record: remove(`${RECORDS}/{record_id}`),
  list_notes: call('GET', '/v2/notes', {
    query: z.strictObject({
      limit: z.int().min(1).max(50),
      offset: page.offset,
      parent_object: z.string(),
      parent_record_id: z.guid(),
    }),
    request: null,
    answer: dataOf(z.array(note)),
  }),
  create_note: call('POST', '/v2/notes', {
    query: null,
    request: send(
      z.strictObject({
        parent_object: z.string(),
        parent_record_id: z.guid(),
        title: z.string(),
        format: z.literal('plaintext'),
        content: z.string(),
        created_at: z.iso.datetime(),
      }),
    ),
    answer: dataOf(note),
  }),
  delete_note: remove('/v2/notes/{note_id}'),
  list_tasks: call('GET', '/v2/tasks', {
    query: z.strictObject({ ...page, linked_object: z.string(), linked_record_id: z.guid() }),
    request: null,
    answer: dataOf(z.array(task)),
  }),
  create_task: call('POST', '/v2/tasks', {
    query: null,
    request: send(
      z.strictObject({
        content: z.string(),
        format: z.literal('plaintext'),
        deadline_at: z.iso.datetime().nullable(),
        is_completed: z.boolean(),
        linked_records: links,
        assignees: members,
      }),
    ),
    answer: dataOf(task),
  }),
  list_webhooks: call('GET', '/v2/webhooks', {
    query: z.strictObject({ limit: z.int().min(10).max(100), offset: page.offset }),
    request: null,
    answer: dataOf(z.array(webhook)),
  }),
  create_webhook: call('POST', '/v2/webhooks', {
    query: null,
    request: send(
      z.strictObject({
        target_url: z.url({ protocol: /^https$/ }),
        subscriptions: z.array(z.strictObject({ ...subscription.shape, filter: z.null() })),
      }),
    ),
    answer: dataOf(webhook.extend({ secret: z.string().min(1) })),
  }),
  delete_webhook: remove('/v2/webhooks/{webhook_id}'),
} satisfies Record<string, CrmCall>;

export type AttioCalls = typeof ATTIO_CALLS;
