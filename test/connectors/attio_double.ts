import type { IncomingMessage } from 'node:http';
import { isObject, Refusal } from './crm/double_checks.ts';
import { newDeliveries } from './crm/double_deliveries.ts';
import { type Change, mergeRecords, objectOf, storedOf } from './crm/double_records.ts';
import { answerRoute, routeOf } from './crm/double_routes.ts';
import {
  type DoubleCrm,
  type DoubleOptions,
  type DoubleServer,
  runDouble,
  startDouble,
} from './crm/double_server.ts';
import { type Actor, type DoubleWorld, newWorld } from './crm/double_world.ts';

/*
 * A double of Attio, with its own state and checks. On its own:
 *
 *   node test/connectors/attio_double.ts --port 0 --seed 1 --faults 429=5,drop=5
 *
 * `double_server.ts` says more. A merge may have `keeps_primary`.
 */

const LIMITS: DoubleCrm['limits'] = [
  { calls: 'write', count: 25, window_ms: 1_000 },
  { calls: 'read', count: 100, window_ms: 1_000 },
];

export type AttioDouble = Omit<DoubleServer, 'asUser'> & {
  world: DoubleWorld;
  /** A call as a workspace member does it. Throws if the double refuses it. */
  asMember(method: string, path: string, body?: unknown): { data: { id: { record_id: string } } };
  merge(object: string, primary: string, secondary: string, keeps_primary?: boolean): void;
};

export async function startAttioDouble(options: DoubleOptions = {}): Promise<AttioDouble> {
  const world = newWorld(options.seed ?? 1, options.now_ms ?? Date.now);
  const deliveries = newDeliveries(world);
  const merge: AttioDouble['merge'] = (slug, primary, secondary, keeps_primary = false) => {
    const object = objectOf(world, slug);
    const pair = [primary, secondary].map((id) => storedOf(world, object, id));
    for (const change of mergeRecords(world, pair[0]!, pair[1]!, keeps_primary))
      deliveries.add(change, memberOf(world));
  };
  const double = await startDouble(
    {
      random: world.random,
      limits: LIMITS,
      actors: { connector: 'api-token', user: 'workspace-member' },
      kindOf: (method, path) => (routeOf(method, path)?.route.is_write === true ? 'write' : 'read'),
      allow: (request) => allow(world, request),
      perform(role, { method, path, body, has_body }) {
        const { pathname, searchParams } = new URL(path, 'http://double');
        const found = routeOf(method, pathname);
        if (found === null) throw new Refusal(404, 'not_found', `There is no ${method} ${pathname}.`);
        const { route, params } = found;
        const actor: Actor =
          role === 'connector' ? { type: 'api-token', id: world.token_id } : memberOf(world);
        const changes: Change[] = [];
        const asked = {
          world,
          actor,
          params,
          query: Object.fromEntries(searchParams),
          body: body as Record<string, unknown>,
          changed: (change: Change) => void changes.push(change),
        };
        const answer = answerRoute(route, asked, has_body);
        for (const change of changes) deliveries.add(change, actor);
        return { status: 200, answer, is_write: route.is_write, answer_id: idOf(answer) };
      },
      refuse: ({ status_code, code, message, path }) => {
        const type = status_code === 401 || status_code === 403 ? 'auth_error' : 'invalid_request_error';
        const validation_errors = path.length === 0 ? {} : { validation_errors: [{ code, path, message }] };
        return { status: status_code, body: { status_code, type, code, message, ...validation_errors } };
      },
      fail,
      merge: (object, primary, secondary, { keeps_primary }) =>
        merge(object, primary, secondary, Boolean(keeps_primary)),
      deliveries,
    },
    options,
  );
  const { asUser, ...others } = double;
  return { ...others, world, merge, asMember: asUser as AttioDouble['asMember'] };
}

const memberOf = (world: DoubleWorld): Actor => ({ type: 'workspace-member', id: world.members[0]!.id });

/** The key and its scopes; `read-write` includes `read`. */
function allow(world: DoubleWorld, { headers, method = '', url = '/' }: IncomingMessage): void {
  if (headers.authorization !== `Bearer ${world.api_key}`)
    throw new Refusal(401, 'unauthorized', 'The key is not valid.');
  const needed = routeOf(method, url.replace(/\?.*/, ''))?.route.scopes ?? [];
  const lacking = needed.find(
    (scope) =>
      !world.scopes.includes(scope) && !world.scopes.includes(scope.replace(/:read$/, ':read-write')),
  );
  if (lacking !== undefined) throw new Refusal(403, 'missing_scope', `The key lacks the scope ${lacking}.`);
}

/** `Retry-After` as an HTTP date has whole seconds, so it is rounded up. */
const fail: DoubleCrm['fail'] = ({ status, until_ms }) => {
  const code = status === 429 ? 'rate_limit_exceeded' : 'internal_error';
  const type = status === 429 ? 'rate_limit_error' : 'api_error';
  const after = until_ms === null ? null : new Date(Math.ceil(until_ms / 1_000) * 1_000).toUTCString();
  const headers: Record<string, string> = after === null ? {} : { 'retry-after': after };
  return { status, body: { status_code: status, type, code, message: 'Try again later.' }, headers };
};

function idOf(answer: unknown): string | null {
  const data = isObject(answer) && isObject(answer.data) ? answer.data : {};
  const ids = isObject(data.id) ? data.id : {};
  const id = ids.record_id ?? ids.note_id ?? ids.task_id ?? ids.webhook_id ?? ids.attribute_id;
  return typeof id === 'string' ? id : null;
}

if (import.meta.main)
  await runDouble(async (options) => {
    const { url, world } = await startAttioDouble(options);
    return { url, api_key: world.api_key };
  });
