import type { IncomingMessage } from 'node:http';
import { invalid, isObject, object, Refusal } from './crm/double_checks.ts';
import {
  type DoubleCrm,
  type DoubleOptions,
  type DoubleServer,
  runDouble,
  startDouble,
} from './crm/double_server.ts';
import { newHubspotDeliveries } from './crm/hubspot_deliveries.ts';
import { type Change, mergeObjects, storedOf } from './crm/hubspot_objects.ts';
import { hubspotRouteOf } from './crm/hubspot_routes.ts';
import { type HubspotWorld, type Kind, newHubspotWorld } from './crm/hubspot_world.ts';

/*
 * A double of HubSpot, with its own state and checks. On its own:
 *
 *   node test/connectors/hubspot_double.ts --port 0 --seed 1 --faults 429=5,drop=5
 *
 * `double_server.ts` says more. Its search lags by --search-lag in milliseconds; --burst and --day are its limits.
 */

const SEARCH_LAG_MS = 3_000;
/** The limits of the smallest account. */
const BURST_MAX = 100;
const DAY_MAX = 250_000;
/** In a second, over all apps of the account. */
const SEARCHES_MAX = 5;
const DAY_MS = 24 * 3_600_000;

export type HubspotDouble = DoubleServer & {
  world: HubspotWorld;
  merge(kind: string, primary: string, secondary: string): void;
};

type HubspotDoubleOptions = DoubleOptions & {
  search_lag_ms?: number;
  /** Requests in ten seconds, and in a day. */
  limits?: { burst: number; day: number };
};

export async function startHubspotDouble(options: HubspotDoubleOptions = {}): Promise<HubspotDouble> {
  const { now_ms = Date.now, search_lag_ms = SEARCH_LAG_MS } = options;
  const { limits = { burst: BURST_MAX, day: DAY_MAX } } = options;
  const world = newHubspotWorld(options.seed ?? 1, now_ms, search_lag_ms);
  const deliveries = newHubspotDeliveries(world);
  const merge: HubspotDouble['merge'] = (kind, primary, secondary) => {
    const pair = [primary, secondary].map((id) => storedOf(world, kind as Kind, id));
    mergeObjects(world, pair[0]!, pair[1]!, (change) => deliveries.add(change, 'user'));
  };
  const double = await startDouble(
    {
      random: world.random,
      limits: [
        { calls: 'all', count: limits.burst, window_ms: 10_000 },
        { calls: 'all', count: limits.day, window_ms: DAY_MS },
        { calls: 'search', count: SEARCHES_MAX, window_ms: 1_000 },
      ],
      actors: { connector: 'app', user: 'user' },
      kindOf(method, path) {
        if (path.endsWith('/search')) return 'search';
        return hubspotRouteOf(method, path)?.route.is_write === true ? 'write' : 'read';
      },
      allow: (request) => allow(world, request),
      perform(role, { method, path, body, has_body }) {
        const { pathname, searchParams } = new URL(path, 'http://double');
        const found = hubspotRouteOf(method, pathname);
        if (found === null) throw new Refusal(404, 'NOT_FOUND', `There is no ${method} ${pathname}.`);
        const { route, params } = found;
        const query = Object.fromEntries(searchParams);
        (route.query ?? object({}))(query, ['query']);
        if (route.body !== undefined) route.body(body, []);
        else if (has_body) throw invalid([], 'The request must have no body.');
        const changes: Change[] = [];
        const changed = (change: Change) => void changes.push(change);
        const asked = { world, role, params, query, body: body as Record<string, unknown>, changed };
        const answer = route.answer(asked);
        for (const change of changes) deliveries.add(change, role);
        const is_partial = isObject(answer) && 'numErrors' in answer;
        return {
          status: is_partial ? 207 : route.status,
          answer,
          is_write: route.is_write,
          answer_id: isObject(answer) && typeof answer.id === 'string' ? answer.id : null,
        };
      },
      refuse: ({ status_code, code, message, path }) => {
        const name = String(path.at(-1) ?? '');
        const errors = path.length === 0 ? {} : { errors: [{ message, in: name }] };
        const body = { status: 'error', message, correlationId: world.uuid(), category: code, ...errors };
        return { status: status_code, body };
      },
      fail: ({ status, window_ms }) => failure(status, window_ms, world.uuid()),
      merge,
      deliveries,
    },
    options,
  );
  return { ...double, world, merge };
}

/** HubSpot names the limit, but no instant for the next try. */
function failure(status: number, window_ms: number, correlationId: string): ReturnType<DoubleCrm['fail']> {
  const common = { status: 'error', message: 'Try again later.', correlationId };
  if (status !== 429) return { status, body: { ...common, category: 'INTERNAL_ERROR' } };
  const policyName = window_ms >= DAY_MS ? 'DAILY' : window_ms < 10_000 ? 'SECONDLY' : 'TEN_SECONDLY_ROLLING';
  return { status, body: { ...common, category: 'RATE_LIMITS', errorType: 'RATE_LIMIT', policyName } };
}

function allow(world: HubspotWorld, { headers, method = '', url = '/' }: IncomingMessage): void {
  if (headers.authorization !== `Bearer ${world.api_key}`)
    throw new Refusal(401, 'INVALID_AUTHENTICATION', 'The token is not valid.');
  const found = hubspotRouteOf(method, url.replace(/\?.*/, ''));
  const lacking = found?.route.scopes(found.params).find((scope) => !world.scopes.includes(scope));
  if (lacking !== undefined)
    throw new Refusal(403, 'MISSING_SCOPES', `The token lacks the scope ${lacking}.`);
}

if (import.meta.main)
  await runDouble(
    async (options, { 'search-lag': lag, burst, day }) => {
      const { url, world } = await startHubspotDouble({
        ...options,
        search_lag_ms: Number(lag ?? SEARCH_LAG_MS),
        limits: { burst: Number(burst ?? BURST_MAX), day: Number(day ?? DAY_MAX) },
      });
      const { api_key, app_id, client_secret } = world;
      return { url, api_key, app_id: String(app_id), client_secret };
    },
    ['search-lag', 'burst', 'day'],
  );
