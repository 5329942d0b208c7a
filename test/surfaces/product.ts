import { createHash } from 'node:crypto';
import { pino } from 'pino';
import type { Context } from '../../src/context.ts';
import { toAppError } from '../../src/db/errors.ts';
import { newId } from '../../src/ids.ts';
import { principalLookup } from '../../src/operations/access/sessions.ts';
import { idempotencyKeys } from '../../src/operations/idempotency.ts';
import { confirmUnsubscribe, showUnsubscribe } from '../../src/operations/leads/unsubscribe.ts';
import { changeFeeds } from '../../src/operations/log/change_feeds.ts';
import { registry } from '../../src/operations/registry.ts';
import type { AgentKind } from '../../src/schema.gen.ts';
import { type HttpOptions, type HttpServer, startHttp } from '../../src/surfaces/http.ts';
import type { TestDb } from '../database.ts';
import { createWorld, type World } from '../world.ts';

type Call = { key?: string | null; headers?: Record<string, string>; body?: unknown };
type Answer = { status: number; headers: Headers; text: string; body: Record<string, unknown> };

/** The product's own operations behind a real server on a real database, with a key for a person and for agents. */
export type ServedProduct = {
  world: World;
  server: HttpServer;
  logged: string[];
  /** Key of the world's person, who has every role. */
  key: string;
  call(method: string, path: string, options?: Call): Promise<Answer>;
  keyOf(agent_id: string): Promise<string>;
  close(): Promise<void>;
};

export const AGENT_OF_KIND: Record<AgentKind, string> = {
  brain: 'AGT-901',
  role: 'roles.sales',
  system: 'AGT-302',
};

export async function serveProduct(
  db: TestDb,
  options: Partial<HttpOptions> = {},
  { observed, ...world_options }: Parameters<typeof createWorld>[1] & { observed?: Partial<Context> } = {},
): Promise<ServedProduct> {
  const world = await createWorld(db, world_options);
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
  // The product's pool: without an org until an operation names one.
  const context = { ...world.worker_context, log, ...observed };
  const server = await startHttp({
    context,
    registry,
    principals: principalLookup(db.app, context.clock),
    unsubscribe: {
      show: (token) => showUnsubscribe(context, token),
      confirm: (token, request_id) => confirmUnsubscribe(context, token, request_id),
    },
    host: '127.0.0.1',
    port: 0,
    web_dir: '/nonexistent',
    isReady: async () => true,
    toAppError,
    idempotency: idempotencyKeys(context),
    changes: changeFeeds(context),
    ...options,
  });
  const person = world.person.kind === 'human' ? world.person.user_id : null;
  const key = await addKey(db, world, { user_id: person, agent_id: null });
  const call = (method: string, path: string, given: Call = {}) => ask(server.url + path, method, key, given);
  return {
    world,
    server,
    logged,
    key,
    call,
    keyOf: (agent_id) => addKey(db, world, { user_id: null, agent_id }),
    close: () => server.close(),
  };
}

type Owner = { user_id: string | null; agent_id: string | null };

async function addKey(db: TestDb, { org_id, clock }: World, { user_id, agent_id }: Owner): Promise<string> {
  const id = newId(clock);
  const key = `tl_${id.replaceAll('-', '')}`;
  const key_sha256 = createHash('sha256').update(key).digest();
  await db.query(
    `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id, agent_id) VALUES ($1, $2, 'test', 'tl_', $3, $4, $5)`,
    [org_id, id, key_sha256, user_id, agent_id],
  );
  return key;
}

async function ask(url: string, method: string, own_key: string, given: Call): Promise<Answer> {
  const key = given.key === undefined ? own_key : given.key;
  const plain = typeof given.body === 'string' || given.body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(given.body === undefined || plain ? {} : { 'content-type': 'application/json' }),
      ...given.headers,
    },
    ...(given.body === undefined
      ? {}
      : { body: plain ? (given.body as string) : JSON.stringify(given.body) }),
  });
  const text = await response.text();
  const is_json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, text, body: is_json ? JSON.parse(text) : {} };
}
