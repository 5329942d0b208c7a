import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { ChangeFeeds } from '../operations/log/change_feeds.ts';
import {
  CHANGES_PERMISSION,
  type Change,
  type Cursor,
  cursorText,
  readCursorText,
} from '../operations/log/changes.ts';
import { requirePermission } from '../operations/run.ts';
import { actorOf, type Principal } from '../principal.ts';
import { type Credential, credentialOf, principalOf, refuseUnknown } from './access.ts';
import { contextOf, type Routes } from './request_context.ts';
import { STREAM_PATH } from './routing.ts';
import { cookieOf } from './session_cookie.ts';

export type StreamRoutes = Routes & { changes: ChangeFeeds; stream_pace?: Partial<StreamPace> };

export type StreamPace = { heartbeat_ms: number; recheck_ms: number; backlog_max_bytes: number };

const PACE: StreamPace = {
  /** Proxies close connections that are silent for half a minute. */
  heartbeat_ms: 15_000,
  /** After this, a user who signed out or lost a role receives nothing further. */
  recheck_ms: 3_000,
  /** Unread bytes per client; beyond it the client is dropped, and reconnects at its position. */
  backlog_max_bytes: 262_144,
};
/** A browser's tabs, with room to spare. */
const STREAMS_PER_PRINCIPAL = 10;
const STREAMS_MAX = 2_000;

/** Adds `GET /stream`: server-sent events of changes in the organization. */
export async function streamRoute(app: FastifyInstance, routes: StreamRoutes): Promise<void> {
  const open = new Map<ServerResponse, string>();
  app.get(STREAM_PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const asked = await admit(request, reply, routes);
    refuseTooMany(open, asked.principal);
    const from = cursorOf(request);
    reply.hijack();
    const own = { ...routes, context: contextOf(request, routes.context) };
    await serve(reply, { ...asked, from, routes: own, open });
  });
  app.addHook('preClose', async () => {
    for (const response of open.keys()) response.end();
  });
  app.addHook('onClose', async () => routes.changes.close());
}

type Asked = { principal: Principal; credential: Credential };

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { context, principals, limiter }: StreamRoutes,
): Promise<Asked> {
  const credential = credentialOf(request, cookieOf('session', context.public_url).name);
  const principal = credential && (await principalOf(credential, principals));
  await limiter.check(request, reply, { principal, is_sign_in: false });
  refuseUnknown(credential, principal);
  requirePermission(CHANGES_PERMISSION, principal);
  return { principal: principal!, credential: credential! };
}

function refuseTooMany(open: Map<ServerResponse, string>, principal: Principal): void {
  const own = [...open.values()].filter((key) => key === keyOf(principal)).length;
  if (own < STREAMS_PER_PRINCIPAL && open.size < STREAMS_MAX) return;
  throw new AppError('streams_exceeded', 'Too many streams are open.', {
    hint: `Close others: each user or agent may have ${STREAMS_PER_PRINCIPAL} open.`,
    extra: { retry_after: 5 },
  });
}

/** Browsers send the header when they reconnect; the query is for clients that cannot. */
function cursorOf(request: FastifyRequest): Cursor | null {
  const { last_event_id } = request.query as Record<string, unknown>;
  const text = request.headers['last-event-id'] ?? last_event_id;
  if (typeof text !== 'string' || text === '') return null;
  // A foreign cursor counts as the oldest possible one: the answer is a reset.
  return readCursorText(text) ?? { horizon: 0, at_ms: 0 };
}

type Serving = Asked & { from: Cursor | null; routes: StreamRoutes; open: Map<ServerResponse, string> };

async function serve(
  reply: FastifyReply,
  { principal, credential, from, routes, open }: Serving,
): Promise<void> {
  const response = reply.raw;
  // The client may disconnect while its credential is checked, before anything listens for that.
  if (response.closed) return;
  const { heartbeat_ms, recheck_ms, backlog_max_bytes } = { ...PACE, ...routes.stream_pace };
  open.set(response, keyOf(principal));
  routes.context.metrics?.streamsOpened(1);
  response.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would buffer events that must go out at once.
    'x-accel-buffering': 'no',
  });
  const write = (text: string) => {
    if (response.writableLength > backlog_max_bytes) response.destroy();
    else if (!response.writableEnded) response.write(text);
  };
  const heartbeat = setInterval(() => write(': still here\n\n'), heartbeat_ms);
  const recheck = setInterval(() => {
    stillMay(credential, principal, routes).then((may) => may || response.end());
  }, recheck_ms);
  let close = () => {};
  response.once('close', () => {
    clearInterval(heartbeat);
    clearInterval(recheck);
    open.delete(response);
    routes.context.metrics?.streamsOpened(-1);
    close();
  });
  write('retry: 2000\n\n');
  try {
    const tell = (changes: readonly Change[], cursor: Cursor) => write(eventsText(changes, cursor));
    close = await routes.changes.open({ principal, tell }, from);
    if (response.closed) close();
  } catch (error) {
    routes.context.log.warn({ err: error }, 'a stream could not begin');
    response.end();
  }
}

/** Only the last event has the cursor: after a break in between, the client receives all of them again. */
function eventsText(changes: readonly Change[], cursor: Cursor): string {
  const lines = changes.map((change) => `data: ${JSON.stringify(change)}\n`);
  return `${lines
    .slice(0, -1)
    .map((line) => `${line}\n`)
    .join('')}id: ${cursorText(cursor)}\n${lines.at(-1) ?? 'event: ready\ndata: {}\n'}\n`;
}

/** False also if the check fails: the client reconnects. */
async function stillMay(
  credential: Credential,
  principal: Principal,
  { principals }: StreamRoutes,
): Promise<boolean> {
  try {
    const now = await principalOf(credential, principals);
    requirePermission(CHANGES_PERMISSION, now);
    return now !== null && keyOf(now) === keyOf(principal);
  } catch {
    return false;
  }
}

function keyOf(principal: Principal): string {
  return Object.values(actorOf(principal)).join(' ');
}
