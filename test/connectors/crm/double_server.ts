import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { invalid, Refusal } from './double_checks.ts';
import { type Calls, type Fate, type Faults, type Limit, newFate, readPercents } from './double_faults.ts';
import { type Delivery, type DeliveryFaults, post } from './double_queue.ts';

/*
 * The server of every double of a CRM: a real HTTP server on this machine with limits, faults, and a journal.
 *
 * On its own, a double prints its URL and key as JSON, then one line of JSON per accepted write (or appends them to
 * --journal). Webhooks are sent as they occur, with --webhooks double=10,shuffle=10,lose=10. Requests to /_double/ need no
 * key:
 *
 *   POST merge   {object, primary, secondary}
 *   POST member  {method, path, body?}: a call as a user does it, without limits and faults
 *   POST faults  {429?, 500?, 502?, 503?, drop?}
 *   POST deliver {double?, shuffle?, lose?}: sends the waiting webhooks
 *   GET  journal
 */

/** An accepted write, in order. */
type JournalLine = {
  index: number;
  at: string;
  actor: string;
  method: string;
  path: string;
  body: unknown;
  answer_id: string | null;
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

type Reply = { status: number; body: unknown; headers?: Record<string, string> };
type Failure = Extract<Fate, { do: 'fail' }>;
type Performed = { status: number; answer: unknown; is_write: boolean; answer_id: string | null };
type Role = 'connector' | 'user';

/** The parts of one CRM. */
export type DoubleCrm = {
  random: () => number;
  limits: readonly Limit[];
  /** Names in the journal. */
  actors: Record<Role, string>;
  kindOf(method: string, path: string): Calls;
  /** Checks the key and its scopes. Throws `Refusal`. */
  allow(request: IncomingMessage): void;
  /** Throws `Refusal`. `changed` reports the changes of an accepted write. */
  perform(role: Role, call: { method: string; path: string; body: unknown; has_body: boolean }): Performed;
  refuse(refusal: Refusal): Reply;
  fail(failure: Failure): Reply;
  merge(object: string, primary: string, secondary: string, given: Record<string, unknown>): void;
  deliveries: { setFaults(faults: DeliveryFaults): void; take(): Delivery[] };
};

/** The first route that answers this call, with the parameters of its path. */
export function routeIn<R extends { method: string; path: RegExp }>(
  routes: readonly R[],
  method: string,
  path: string,
): { route: R; params: string[] } | null {
  for (const route of routes) {
    const found = route.method === method ? route.path.exec(path) : null;
    if (found !== null) return { route, params: found.slice(1) };
  }
  return null;
}

export type DoubleServer = {
  url: string;
  journal: JournalLine[];
  setFaults(faults: Faults): void;
  /** How many requests came over a limit. */
  over(): number;
  /** A call as a user of the CRM does it. Throws if the double refuses it. */
  asUser(method: string, path: string, body?: unknown): unknown;
  /** Takes the waiting webhooks with these faults, without sending them. */
  takeDeliveries(faults?: DeliveryFaults): Delivery[];
  close(): Promise<void>;
};

export async function startDouble(crm: DoubleCrm, options: DoubleOptions): Promise<DoubleServer> {
  const { now_ms = Date.now } = options;
  const fate = newFate(crm.random, now_ms, crm.limits);
  fate.setFaults(options.faults ?? {});
  const journal: JournalLine[] = [];

  const perform = (role: Role, method: string, path: string, text: string) => {
    const body = parsed(text);
    const performed = crm.perform(role, { method, path, body, has_body: text !== '' });
    if (!performed.is_write) return performed;
    const at = new Date(now_ms()).toISOString();
    const { answer_id } = performed;
    const line = { index: journal.length, at, actor: crm.actors[role], method, path, body, answer_id };
    journal.push(line);
    options.write?.(line);
    return performed;
  };
  const asUser: DoubleServer['asUser'] = (method, path, body) =>
    perform('user', method, path, body === undefined ? '' : JSON.stringify(body)).answer;
  const takeDeliveries = (faults: DeliveryFaults = {}) => {
    crm.deliveries.setFaults(faults);
    return crm.deliveries.take();
  };
  const deliver = async (faults: DeliveryFaults) => {
    for (const delivery of takeDeliveries(faults)) await post(delivery);
  };

  const control = async (path: string, text: string): Promise<unknown> => {
    const given = (parsed(text) ?? {}) as Record<string, string>;
    if (path === 'journal') return journal;
    if (path === 'faults') return fate.setFaults(given as Faults) ?? {};
    if (path === 'deliver') return (await deliver(given as DeliveryFaults)) ?? {};
    if (path === 'member') return asUser(given.method!, given.path!, given.body);
    if (path !== 'merge') throw new Refusal(404, 'not_found', 'There is no such control.');
    crm.merge(given.object!, given.primary!, given.secondary!, given);
    return {};
  };

  const server = createServer(async (request, response) => {
    const text = await textOf(request);
    const { method = '', url: path = '/' } = request;
    try {
      if (path.startsWith('/_double/'))
        return answerWith(response, { status: 200, body: await control(path.slice(9), text) });
      crm.allow(request);
      const fated = fate.of(crm.kindOf(method, path.replace(/\?.*/, '')));
      if (fated.do === 'fail') return answerWith(response, crm.fail(fated));
      if (fated.do === 'drop' && fated.when === 'before') return request.socket.destroy();
      const { status, answer } = perform('connector', method, path, text);
      if (fated.do === 'drop') return request.socket.destroy();
      answerWith(response, { status, body: answer });
      if (options.webhooks !== undefined) await deliver(options.webhooks);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answerWith(response, crm.refuse(error));
    }
  });
  await new Promise<void>((ready) => server.listen(options.port ?? 0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    journal,
    setFaults: fate.setFaults,
    over: fate.over,
    asUser,
    takeDeliveries,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

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

function answerWith(response: ServerResponse, { status, body, headers = {} }: Reply) {
  const type: Record<string, string> = status === 204 ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers }).end(status === 204 ? undefined : JSON.stringify(body));
}

/** Starts a double with the arguments of its process, of which some may be its own, and prints what a caller needs. */
export async function runDouble(
  start: (
    options: DoubleOptions,
    own: Record<string, string | undefined>,
  ) => Promise<{ url: string } & Record<string, unknown>>,
  own: readonly string[] = [],
): Promise<void> {
  const names = ['port', 'seed', 'faults', 'webhooks', 'journal', ...own];
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, text])) });
  const write = (line: unknown) => {
    if (values.journal === undefined) process.stdout.write(`${JSON.stringify(line)}\n`);
    else appendFileSync(values.journal, `${JSON.stringify(line)}\n`);
  };
  const started = await start(
    {
      port: Number(values.port ?? 0),
      seed: Number(values.seed ?? 1),
      faults: readPercents(values.faults ?? '', ['drop', '429', '500', '502', '503']),
      webhooks: readPercents(values.webhooks ?? '', ['double', 'shuffle', 'lose']),
      write,
    },
    values,
  );
  process.stdout.write(`${JSON.stringify(started)}\n`);
}
