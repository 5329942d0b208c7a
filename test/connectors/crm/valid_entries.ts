import type { ValidRequest } from './valid_request.ts';
import { at, type Subjects } from './valid_subjects.ts';

/* Valid calls for notes, tasks, webhooks, and the workspace. */

const DAY_MS = 24 * 3_600_000;

export function entryRequests({ person_id, owner, now_ms }: Subjects, turn: number): ValidRequest[] {
  const ahead = new Date(now_ms + 365 * DAY_MS).toISOString();
  const linked = [{ target_object: 'people', target_record_id: person_id }];
  const event_type = 'record.updated';
  return [
    {
      method: 'POST',
      path: '/v2/notes',
      described: '/v2/notes',
      body: {
        data: {
          parent_object: 'people',
          parent_record_id: person_id,
          title: 'Email sent',
          format: 'plaintext',
          content: 'Text',
          created_at: new Date(now_ms).toISOString(),
        },
      },
      required: [
        ['data'],
        ...['parent_object', 'parent_record_id', 'title', 'format', 'content'].map((key) => at(key)),
      ],
      malformed: [
        [at('created_at'), ahead],
        [at('created_at'), '1969-12-31T23:59:59Z'],
        [at('created_at'), 'yesterday'],
        [at('format'), 'html'],
        [at('parent_object'), 'nothing'],
        [at('parent_object'), 'companies'],
      ],
    },
    {
      method: 'POST',
      path: '/v2/tasks',
      described: '/v2/tasks',
      body: {
        data: {
          content: 'Call Pat.',
          format: 'plaintext',
          deadline_at: ahead,
          is_completed: false,
          linked_records: linked,
          assignees: [owner],
        },
      },
      required: [
        ['data'],
        ...['content', 'format', 'deadline_at', 'is_completed', 'linked_records', 'assignees'].map((key) =>
          at(key),
        ),
        at('linked_records', 0, 'target_object'),
        at('assignees', 0, 'referenced_actor_type'),
      ],
      malformed: [
        [at('format'), 'markdown'],
        [at('deadline_at'), 'tomorrow'],
        [at('assignees', 0, 'referenced_actor_type'), 'system'],
      ],
    },
    {
      method: 'POST',
      path: '/v2/webhooks',
      described: '/v2/webhooks',
      body: {
        data: {
          target_url: `https://touchline.example/${turn}`,
          subscriptions: [{ event_type, filter: null }],
        },
      },
      required: [
        ['data'],
        at('target_url'),
        at('subscriptions'),
        at('subscriptions', 0, 'event_type'),
        at('subscriptions', 0, 'filter'),
      ],
      malformed: [
        [at('target_url'), 'http://touchline.example/'],
        [at('target_url'), 'touchline.example'],
        [at('subscriptions', 0, 'event_type'), 'record.renamed'],
      ],
    },
    {
      method: 'GET',
      path: `/v2/notes?limit=50&offset=0&parent_object=people&parent_record_id=${person_id}`,
      described: '/v2/notes',
      body: null,
      queries: ['limit=51', 'limit=0', 'limit=ten', 'offset=-1', 'parent_object=nothing', 'page=2'],
      is_id_free: true,
    },
    {
      method: 'GET',
      path: `/v2/tasks?limit=100&offset=0&linked_object=people&linked_record_id=${person_id}`,
      described: '/v2/tasks',
      body: null,
      queries: ['limit=501', 'offset=1.5', 'linked_object=people', `linked_record_id=${person_id}`, 'page=2'],
      is_id_free: true,
    },
    {
      method: 'GET',
      path: '/v2/webhooks?limit=100&offset=0',
      described: '/v2/webhooks',
      body: null,
      queries: ['limit=9', 'limit=101', 'offset=x', 'cursor=1'],
    },
  ];
}

export const WORKSPACE_REQUESTS: readonly ValidRequest[] = [
  { method: 'GET', path: '/v2/self', described: '/v2/self', body: null, queries: ['verbose=1'] },
  { method: 'GET', path: '/v2/objects', described: '/v2/objects', body: null, queries: ['limit=1'] },
  {
    method: 'GET',
    path: '/v2/workspace_members',
    described: '/v2/workspace_members',
    body: null,
    queries: ['limit=1'],
  },
  {
    method: 'GET',
    path: '/v2/objects/deals/attributes?limit=100&offset=0',
    described: '/v2/{target}/{identifier}/attributes',
    body: null,
    queries: ['limit=all', 'offset=-1', 'show_archived=maybe', 'page=2'],
  },
  {
    method: 'GET',
    path: '/v2/objects/deals/attributes/value',
    described: '/v2/{target}/{identifier}/attributes/{attribute}',
    body: null,
    queries: ['limit=1'],
  },
  {
    method: 'GET',
    path: '/v2/objects/deals/attributes/stage/statuses',
    described: '/v2/{target}/{identifier}/attributes/{attribute}/statuses',
    body: null,
    queries: ['limit=1', 'show_archived=maybe'],
  },
];
