import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { invalid, isObject, Refusal } from './crm/double_checks.ts';
import { type Delivery, type DeliveryFaults, newDeliveries, post } from './crm/double_deliveries.ts';
import { type Faults, newFate, readPercents } from './crm/double_faults.ts';
import { type Change, mergeRecords, objectOf, storedOf } from './crm/double_records.ts';
import { answerRoute, routeOf } from './crm/double_routes.ts';
import { type Actor, type DoubleWorld, newWorld } from './crm/double_world.ts';

/*
 * A double of Attio: a real HTTP server on this machine with its own state, checks, limits, and journal. On its own:
 *
 *   node test/connectors/attio_double.ts --port 0 --seed 1 --faults 429=5,drop=5
 *
 * It prints its URL and key as JSON, then one line of JSON per accepted write (or appends them to --journal). Webhooks are
 * sent as they occur, with --webhooks double=10,shuffle=10,lose=10. Requests to /_double/ need no key:
 *
 *   POST merge   {object, primary, secondary, keeps_primary?}
 *   POST member  {method, path, body?}: a call as a workspace member does it, without limits and faults
 *   POST faults  {429?, 500?, 502?, 503?, drop?}
 *   POST deliver {double?, shuffle?, lose?}: sends the waiting webhooks
 *   GET  journal
 */

/** An accepted write, in order. */
type JournalLine = {
  index: number;
  at: string;
  actor: Actor['type'];
  method: string;
  path: string;
  body: unknown;
  answer_id: string | null;
};

export type AttioDouble = {
  url: string;
  world: DoubleWorld;
  journal: JournalLine[];
  setFaults(faults: Faults): void;
  /** A call as a workspace member does it. Throws if the double refuses it. */
  asMember(method: string, path: string, body?: unknown): { data: { id: { record_id: string } } };
  merge(object: string, primary: string, secondary: string, keeps_primary?: boolean): void;
  /** Takes the waiting webhooks with these faults, without sending them. */
  takeDeliveries(faults?: DeliveryFaults): Delivery[];
  close(): Promise<void>;
};

export type DoubleOptions = {
  port?: number;
  seed?: number;
  faults?: Faults;
  now_ms?: () => number;
  write?: (line: JournalLine) => void;
  /** Sends webhooks as they occur, with these faults. */
  webhooks?: DeliveryFaults;
};

export async function startAttioDouble(options: DoubleOptions = {}): Promise<AttioDouble> {
  const { now_ms = Date.now } = options;
  const world = newWorld(options.seed ?? 1, now_ms);
  const fate = newFate(world.random, now_ms);
  fate.setFaults(options.faults ?? {});
  const deliveries = newDeliveries(world);
  const journal: JournalLine[] = [];

  const perform = (actor: Actor, method: string, path: string, text: string): unknown => {
    const { pathname, searchParams } = new URL(path, 'http://double');
    const found = routeOf(method, pathname);
    if (found === null) throw new Refusal(404, 'not_found', `There is no ${method} ${pathname}.`);
    const body = parsed(text);
    const query = Object.fromEntries(searchParams);
    const changes: Change[] = [];
    const changed = (change: Change) => void changes.push(change);
    const asked = {
      world,
      actor,
      params: found.params,
      query,
      body: body as Record<string, unknown>,
      changed,
    };
    const answer = answerRoute(found.route, asked, text !== '');
    if (!found.route.is_write) return answer;
    const index = journal.length;
    const at = new Date(now_ms()).toISOString();
    const line = { index, at, actor: actor.type, method, path, body, answer_id: idOf(answer) };
    journal.push(line);
    options.write?.(line);
    for (const change of changes) deliveries.add(change, actor);
    return answer;
  };

  const merge: AttioDouble['merge'] = (slug, primary, secondary, keeps_primary = false) => {
    const object = objectOf(world, slug);
    const pair = [primary, secondary].map((id) => storedOf(world, object, id));
    for (const change of mergeRecords(world, pair[0]!, pair[1]!, keeps_primary))
      deliveries.add(change, memberOf(world));
  };
  const asMember: AttioDouble['asMember'] = (method, path, body) =>
    perform(memberOf(world), method, path, body === undefined ? '' : JSON.stringify(body)) as ReturnType<
      AttioDouble['asMember']
    >;
  const takeDeliveries = (faults: DeliveryFaults = {}) => {
    deliveries.setFaults(faults);
    return deliveries.take();
  };
  const deliver = async (faults: DeliveryFaults) => {
    for (const delivery of takeDeliveries(faults)) await post(delivery);
  };

  const control = async (path: string, text: string): Promise<unknown> => {
    const given = (parsed(text) ?? {}) as Record<string, string>;
    if (path === 'journal') return journal;
    if (path === 'faults') return fate.setFaults(given as Faults) ?? {};
    if (path === 'deliver') return (await deliver(given as DeliveryFaults)) ?? {};
    if (path === 'member') return asMember(given.method!, given.path!, given.body);
    if (path !== 'merge') throw new Refusal(404, 'not_found', 'There is no such control.');
    merge(given.object!, given.primary!, given.secondary!, Boolean(given.keeps_primary));
    return {};
  };

  const server = createServer(async (request, response) => {
    const text = await textOf(request);
    const { method = '', url: path = '/' } = request;
    try {
      if (path.startsWith('/_double/')) return answerWith(response, 200, await control(path.slice(9), text));
      allow(world, request);
      const fated = fate.of(routeOf(method, path.replace(/\?.*/, ''))?.route.is_write ?? false);
      if (fated.do === 'fail') return failWith(response, fated);
      if (fated.do === 'drop' && fated.when === 'before') return request.socket.destroy();
      const answer = perform({ type: 'api-token', id: world.token_id }, method, path, text);
      if (fated.do === 'drop') return request.socket.destroy();
      answerWith(response, 200, answer);
      if (options.webhooks !== undefined) await deliver(options.webhooks);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuseWith(response, error);
    }
  });
  await new Promise<void>((ready) => server.listen(options.port ?? 0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    journal,
    setFaults: fate.setFaults,
    asMember,
    merge,
    takeDeliveries,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

const memberOf = (world: DoubleWorld): Actor => ({ type: 'workspace-member', id: world.members[0]!.id });

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([], 'The body is not JSON.');
  }
}

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

function answerWith(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function refuseWith(response: ServerResponse, { status_code, code, message, path }: Refusal): void {
  const type = status_code === 401 || status_code === 403 ? 'auth_error' : 'invalid_request_error';
  const validation_errors = path.length === 0 ? {} : { validation_errors: [{ code, path, message }] };
  answerWith(response, status_code, { status_code, type, code, message, ...validation_errors });
}

/** `Retry-After` as an HTTP date has whole seconds, so it is rounded up. */
function failWith(
  response: ServerResponse,
  { status, until_ms }: { status: number; until_ms: number | null },
) {
  const code = status === 429 ? 'rate_limit_exceeded' : 'internal_error';
  const type = status === 429 ? 'rate_limit_error' : 'api_error';
  const after = until_ms === null ? null : new Date(Math.ceil(until_ms / 1_000) * 1_000).toUTCString();
  const headers: Record<string, string> = after === null ? {} : { 'retry-after': after };
  answerWith(response, status, { status_code: status, type, code, message: 'Try again later.' }, headers);
}

function idOf(answer: unknown): string | null {
  const data = isObject(answer) && isObject(answer.data) ? answer.data : {};
  const ids = isObject(data.id) ? data.id : {};
  const id = ids.record_id ?? ids.note_id ?? ids.task_id ?? ids.webhook_id ?? ids.attribute_id;
  return typeof id === 'string' ? id : null;
}

if (import.meta.main) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { port: text, seed: text, faults: text, webhooks: text, journal: text },
  });
  const write = (line: unknown) => {
    if (values.journal === undefined) process.stdout.write(`${JSON.stringify(line)}\n`);
    else appendFileSync(values.journal, `${JSON.stringify(line)}\n`);
  };
  const { url, world } = await startAttioDouble({
    port: Number(values.port ?? 0),
    seed: Number(values.seed ?? 1),
    faults: readPercents(values.faults ?? '', ['drop', '429', '500', '502', '503']),
    webhooks: readPercents(values.webhooks ?? '', ['double', 'shuffle', 'lose']),
    write,
  });
  process.stdout.write(`${JSON.stringify({ url, api_key: world.api_key })}\n`);
}
