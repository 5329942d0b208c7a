import type { Asked, Route } from './double_asked.ts';
import { ATTRIBUTE_ROUTES } from './double_attributes.ts';
import {
  anything,
  data,
  filled,
  invalid,
  isObject,
  listOf,
  number,
  object,
  oneOf,
  text,
  whole,
} from './double_checks.ts';
import { ENTRY_ROUTES } from './double_entries.ts';
import {
  answerOf,
  assertRecord,
  createRecord,
  objectOf,
  queryRecords,
  removeRecord,
  storedOf,
  updateRecord,
} from './double_records.ts';
import { routeIn } from './double_server.ts';
import { readValues } from './double_values.ts';

/* The calls that the double answers, each with its scopes and its own checks. */

const RECORDS = ['record_permission:read', 'object_configuration:read'];
const RECORDS_WRITE = ['record_permission:read-write', 'object_configuration:read'];
const values = data(object({ values: anything }));
const collection = /^\/v2\/objects\/([^/]+)\/records$/;
const single = /^\/v2\/objects\/([^/]+)\/records\/([^/]+)$/;

const RECORD_ROUTES: Route[] = [
  {
    method: 'POST',
    path: /^\/v2\/objects\/([^/]+)\/records\/query$/,
    scopes: RECORDS,
    is_write: false,
    body: object({
      'filter?': anything,
      'sorts?': listOf(object({ direction: oneOf('asc', 'desc'), attribute: filled, 'field?': text })),
      'limit?': whole(1, 500),
      'offset?': whole(0, 1e9),
    }),
    answer: ({ world, params: [slug = ''], body: { filter, sorts, limit = 500, offset = 0 } }) => {
      for (const count of [limit, offset]) number(count, ['limit']);
      const found = queryRecords(world, objectOf(world, slug), filter, sorts);
      const page = found.slice(Number(offset), Number(offset) + Number(limit));
      return { data: page.map((record) => answerOf(world, record)) };
    },
  },
  {
    method: 'POST',
    path: collection,
    scopes: RECORDS_WRITE,
    is_write: true,
    body: values,
    answer: ({ world, actor, params: [slug = ''], body, changed }) => {
      const of = objectOf(world, slug);
      const record = createRecord(world, of, valuesIn(body), actor);
      changed({ event_type: 'record.created', object: of, record_id: record.record_id });
      return { data: answerOf(world, record) };
    },
  },
  {
    method: 'PUT',
    path: collection,
    scopes: RECORDS_WRITE,
    is_write: true,
    query: object({ matching_attribute: filled }),
    body: values,
    answer: ({ world, actor, params: [slug = ''], query, body, changed }) => {
      const of = objectOf(world, slug);
      const { record, is_new } = assertRecord(world, of, query.matching_attribute!, valuesIn(body), actor);
      const event_type = is_new ? 'record.created' : 'record.updated';
      changed({ event_type, object: of, record_id: record.record_id });
      return { data: answerOf(world, record) };
    },
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): Route => ({
      method,
      path: single,
      scopes: RECORDS_WRITE,
      is_write: true,
      body: values,
      answer: ({ world, actor, params: [slug = '', id = ''], body, changed }) => {
        const of = objectOf(world, slug);
        const record = storedOf(world, of, id);
        const read = readValues(world, of, valuesIn(body), actor);
        updateRecord(world, record, read, (one) => one.is_multiselect && method === 'PATCH');
        changed({ event_type: 'record.updated', object: of, record_id: id });
        return { data: answerOf(world, record) };
      },
    }),
  ),
  {
    method: 'GET',
    path: single,
    scopes: RECORDS,
    is_write: false,
    answer: ({ world, params: [slug = '', id = ''] }) => ({
      data: answerOf(world, storedOf(world, objectOf(world, slug), id)),
    }),
  },
  {
    method: 'DELETE',
    path: single,
    scopes: RECORDS_WRITE,
    is_write: true,
    answer: ({ world, params: [slug = '', id = ''], changed }) => {
      const of = objectOf(world, slug);
      removeRecord(world, storedOf(world, of, id));
      changed({ event_type: 'record.deleted', object: of, record_id: id });
      return {};
    },
  },
];

const valuesIn = (body: Record<string, unknown>) => (body.data as Record<string, unknown>).values;

const ROUTES: readonly Route[] = [...ATTRIBUTE_ROUTES, ...RECORD_ROUTES, ...ENTRY_ROUTES];

export const routeOf = (method: string, path: string) => routeIn(ROUTES, method, path);

/** Checks the request by the double's own rules, then does it. Throws `Refusal`. */
export function answerRoute(route: Route, asked: Asked, has_body: boolean): unknown {
  (route.query ?? object({}))(asked.query, ['query']);
  if (route.body === undefined) {
    if (has_body) throw invalid([], 'The request must have no body.');
  } else if (isObject(asked.body)) route.body(asked.body, []);
  else throw invalid([], 'Expected object.');
  return route.answer(asked);
}
