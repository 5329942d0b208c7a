import type { Route } from './double_asked.ts';
import {
  anything,
  bool,
  data,
  filled,
  instantText,
  invalid,
  isUuid,
  listOf,
  matching,
  nullable,
  object,
  oneOf,
  Refusal,
  text,
  uuid,
  whole,
} from './double_checks.ts';
import { objectOf, storedOf } from './double_records.ts';
import { memberOf, referenceOf } from './double_values.ts';
import { type DoubleWorld, instant, type Note, type Task } from './double_world.ts';

/* Notes, tasks, and webhooks of the double. */

const RECORDS = ['record_permission:read', 'object_configuration:read'];

const NOTE_ROUTES: Route[] = [
  {
    method: 'GET',
    path: /^\/v2\/notes$/,
    scopes: ['note:read', ...RECORDS],
    is_write: false,
    query: object({
      'limit?': whole(1, 50),
      'offset?': whole(0, 1e9),
      'parent_object?': filled,
      'parent_record_id?': uuid,
    }),
    answer: ({ world, query: { limit = '10', offset = '0', parent_object, parent_record_id } }) => {
      const of = parent_object === undefined ? undefined : objectOf(world, parent_object);
      const found = world.notes.filter(
        (note) =>
          (of === undefined || note.parent_object === of) &&
          (parent_record_id === undefined || note.parent_record_id === parent_record_id),
      );
      return { data: found.slice(Number(offset), Number(offset) + Number(limit)).map(withoutId) };
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/notes$/,
    scopes: ['note:read-write', ...RECORDS],
    is_write: true,
    body: data(
      object({
        parent_object: filled,
        parent_record_id: uuid,
        title: text,
        format: oneOf('plaintext', 'markdown'),
        content: text,
        'created_at?': instantText,
      }),
    ),
    answer: ({ world, actor, body }) => {
      const given = body.data as Record<string, string>;
      const parent_object = objectOf(world, given.parent_object!);
      storedOf(world, parent_object, given.parent_record_id!);
      const at = given.created_at === undefined ? world.now_ms() : Date.parse(given.created_at);
      if (at > world.now_ms() || at < 0)
        throw invalid(['data', 'created_at'], 'The date is ahead, or before 1970.');
      const note_id = world.uuid();
      const note: Note = {
        note_id,
        id: { workspace_id: world.workspace_id, note_id },
        parent_object,
        parent_record_id: given.parent_record_id!,
        title: given.title,
        content_plaintext: given.content,
        content_markdown: given.content,
        created_by_actor: actor,
        created_at: instant(at),
      };
      world.notes.unshift(note);
      return { data: withoutId(note) };
    },
  },
  {
    method: 'DELETE',
    path: /^\/v2\/notes\/([^/]+)$/,
    scopes: ['note:read-write'],
    is_write: true,
    answer: ({ world, params: [id = ''] }) => {
      if (!isUuid(id)) throw invalid(['note_id'], 'Expected a UUID.');
      const kept = world.notes.filter(({ note_id }) => note_id !== id);
      if (kept.length === world.notes.length)
        throw new Refusal(404, 'not_found', `Note with ID "${id}" was not found.`);
      world.notes = kept;
      return {};
    },
  },
];

const withoutId = ({ note_id, task_id, ...shown }: Partial<Note & Task>) => shown;

const TASK_SCOPES = ['object_configuration:read', 'record_permission:read', 'user_management:read'];

const TASK_ROUTES: Route[] = [
  {
    method: 'GET',
    path: /^\/v2\/tasks$/,
    scopes: ['task:read', ...TASK_SCOPES],
    is_write: false,
    query: object({
      'limit?': whole(1, 500),
      'offset?': whole(0, 1e9),
      'linked_object?': filled,
      'linked_record_id?': uuid,
    }),
    answer: ({ world, query: { limit = '500', offset = '0', linked_object, linked_record_id } }) => {
      if ((linked_object === undefined) !== (linked_record_id === undefined))
        throw invalid(['linked_record_id'], 'linked_object and linked_record_id go together.');
      const found = world.tasks.filter(
        ({ linked_records }) =>
          linked_record_id === undefined ||
          linked_records.some(({ target_record_id }) => target_record_id === linked_record_id),
      );
      return { data: found.slice(Number(offset), Number(offset) + Number(limit)).map(withoutId) };
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/tasks$/,
    scopes: ['task:read-write', ...TASK_SCOPES],
    is_write: true,
    body: data(
      object({
        content: text,
        format: oneOf('plaintext'),
        deadline_at: nullable(instantText),
        is_completed: bool,
        linked_records: listOf(anything),
        assignees: listOf(anything),
      }),
    ),
    answer: ({ world, actor, body }) => {
      const given = body.data as Record<string, unknown[]>;
      const links = given.linked_records!.map((link, index) =>
        referenceOf(world, null, link, ['data', 'linked_records', index]),
      );
      const assignees = given.assignees!.map((one, index) =>
        memberOf(world, one, ['data', 'assignees', index]),
      );
      const task_id = world.uuid();
      const task: Task = {
        task_id,
        id: { workspace_id: world.workspace_id, task_id },
        content_plaintext: given.content,
        deadline_at: given.deadline_at,
        is_completed: given.is_completed,
        linked_records: links.map(({ target_object, target_record_id }) => ({
          target_object_id: target_object,
          target_record_id: String(target_record_id),
        })),
        assignees,
        created_by_actor: actor,
        created_at: instant(world.now_ms()),
      };
      world.tasks.push(task);
      return { data: withoutId(task) };
    },
  },
];

const WEBHOOK_ROUTES: Route[] = [
  {
    method: 'GET',
    path: /^\/v2\/webhooks$/,
    scopes: ['webhook:read'],
    is_write: false,
    query: object({ 'limit?': whole(10, 100), 'offset?': whole(0, 1e9) }),
    answer: ({ world, query: { limit = '10', offset = '0' } }) => ({
      data: world.webhooks
        .slice(Number(offset), Number(offset) + Number(limit))
        .map((one) => webhookOf(world, one)),
    }),
  },
  {
    method: 'POST',
    path: /^\/v2\/webhooks$/,
    scopes: ['webhook:read-write'],
    is_write: true,
    body: data(
      object({
        target_url: matching(/^https:\/\/[^\s/]+/),
        subscriptions: listOf(
          object({
            event_type: oneOf(
              'record.created',
              'record.updated',
              'record.deleted',
              'record.merged',
              'note.created',
            ),
            filter: oneOf(null),
          }),
        ),
      }),
    ),
    answer: ({ world, body }) => {
      const { target_url, subscriptions } = body.data as Pick<
        DoubleWorld['webhooks'][number],
        'target_url' | 'subscriptions'
      >;
      const secret = `${world.uuid()}${world.uuid()}`.replaceAll('-', '');
      const created_at = instant(world.now_ms());
      const webhook = { webhook_id: world.uuid(), target_url, subscriptions, secret, created_at };
      world.webhooks.push(webhook);
      return { data: { ...webhookOf(world, webhook), secret } };
    },
  },
  {
    method: 'DELETE',
    path: /^\/v2\/webhooks\/([^/]+)$/,
    scopes: ['webhook:read-write'],
    is_write: true,
    answer: ({ world, params: [id = ''] }) => {
      if (!isUuid(id)) throw invalid(['webhook_id'], 'Expected a UUID.');
      const kept = world.webhooks.filter(({ webhook_id }) => webhook_id !== id);
      if (kept.length === world.webhooks.length) throw new Refusal(404, 'not_found', 'Webhook not found');
      world.webhooks = kept;
      return {};
    },
  },
];

function webhookOf(
  world: DoubleWorld,
  { webhook_id, target_url, subscriptions, created_at }: DoubleWorld['webhooks'][number],
) {
  return {
    target_url,
    subscriptions,
    id: { workspace_id: world.workspace_id, webhook_id },
    status: 'active',
    created_at,
  };
}

export const ENTRY_ROUTES: readonly Route[] = [...NOTE_ROUTES, ...TASK_ROUTES, ...WEBHOOK_ROUTES];
