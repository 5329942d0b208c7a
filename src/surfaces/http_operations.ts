import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRecord } from '../core/json.ts';
import { AppError } from '../errors.ts';
import { requirePermission, runOperation } from '../operations/run.ts';
import { checkOrigin, credentialOf, principalOf, refuseUnknown } from './access.ts';
import { CLI_AGENT } from './client.ts';
import { idempotently, NOT_MODIFIED } from './idempotency_header.ts';
import { fromQuery, inputInvalid, readInput } from './input.ts';
import { parseJson } from './json_body.ts';
import { fieldsOf } from './json_schema.ts';
import { callers, contextOf, type Routes } from './request_context.ts';
import { API_BASE, filledPath, inputsInQuery, pathParams, type RoutedOperation, routed } from './routing.ts';
import { applySession, cookieOf } from './session_cookie.ts';
import { expectedVersions, showVersion } from './version_headers.ts';

/** The media types of a stream. A foreign web page cannot send any of them without a preflight. */
const STREAM_TYPES = ['text/csv', 'application/json', 'application/x-ndjson', 'application/octet-stream'];

/** 1 MiB over a bad phone line takes less; a slower client only holds the connection. */
const BODY_TIMEOUT_MS = 30_000;
const DISCARD_PAUSE_MS = 10;

/** Adds the routes of the operations; those with a stream read a body of any size. */
export async function operationRoutes(app: FastifyInstance, routes: Routes): Promise<void> {
  const operations = Map.groupBy(routed(routes.registry), ({ http }) => http.stream === true);
  app.register(async (own) => {
    takeJson(own);
    // Not in the parser: a fault there would close the connection although the body was read to its end.
    own.addHook('preValidation', async (request) => {
      if (Buffer.isBuffer(request.body)) request.body = parseJson(request.body);
    });
    for (const operation of operations.get(false) ?? []) addRoute(own, operation, routes);
  });
  app.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser(
      STREAM_TYPES,
      { bodyLimit: Number.MAX_SAFE_INTEGER },
      (_request, payload, done) => done(null, payload),
    );
    for (const operation of operations.get(true) ?? []) addRoute(own, operation, routes);
  });
}

/** Reads bodies as the bytes of JSON, of at most 1 MiB. */
export function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  limitBodyTime(app);
}

/** Cuts off clients that send a body too slowly. */
function limitBodyTime(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    // The body of a GET is never read, so its end would never arrive.
    const { 'content-length': length = '0', 'transfer-encoding': chunked } = request.headers;
    if (request.method === 'GET' || (length === '0' && chunked === undefined)) return;
    const timer = setTimeout(() => request.raw.destroy(), BODY_TIMEOUT_MS);
    payload.once('close', () => clearTimeout(timer));
    payload.once('end', () => clearTimeout(timer));
  });
}

function addRoute(app: FastifyInstance, operation: RoutedOperation, routes: Routes): void {
  const inputOf = inputReader(operation);
  app.route({
    method: operation.http.method,
    url: API_BASE + filledPath(operation.http.path, (name) => `:${name}`),
    // Before the body is read: a caller without permission must not make us read it.
    onRequest: async (request, reply) => admit({ request, reply }, operation, routes),
    handler: async (request, reply) => {
      const principal = callers.get(request) ?? null;
      const answered = idempotently({ operation, principal, routes, request, reply }, async () => {
        const input = readInput(operation.input, inputOf(request), operation.http.path);
        const body = operation.http.stream ? bodyOf(request) : undefined;
        const expected = expectedVersions(operation, request);
        const result = await runOperation(operation, {
          context: contextOf(request, routes.context),
          principal,
          surface: surfaceOf(request),
          request_id: request.id,
          input,
          ...(body ? { body } : {}),
          client: { address: request.ip, user_agent: request.headers['user-agent'] ?? null },
          ...(expected === undefined ? {} : { expected }),
        });
        const output = applySession(result, reply, routes.context);
        return showVersion(operation, output, { request, reply }) ? NOT_MODIFIED : output;
      });
      return answered.finally(() => {
        if (operation.http.stream) void discardRest(request.raw);
      });
    },
  });
}

async function admit(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  operation: RoutedOperation,
  routes: Routes,
): Promise<void> {
  const credential = credentialOf(request, cookieOf('session', routes.context.public_url).name);
  const principal = credential ? await principalOf(credential, routes.principals) : null;
  if (principal) callers.set(request, principal);
  reply.header('cache-control', 'no-store');
  // Sign-in limits prevent guessing, and a GET answers no guess.
  const is_sign_in = operation.permission.is_public === true && operation.http.method !== 'GET';
  await routes.limiter.check(request, reply, { principal, is_sign_in });
  if (!operation.permission.is_public) refuseUnknown(credential, principal);
  requirePermission(operation.permission, principal);
  if (credential?.kind === 'session') checkOrigin(request, routes.context.public_url);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new AppError('media_type_unsupported', 'Send the body without a Content-Encoding.');
  }
}

function inputReader(operation: RoutedOperation): (request: FastifyRequest) => Record<string, unknown> {
  const in_path = pathParams(operation.http.path);
  const fields = fieldsOf(operation.input);
  const by_query = inputsInQuery(operation);
  return (request) => {
    const query = request.query as Record<string, unknown>;
    // An absent body is an empty one; `null` is a body without meaning.
    const { body = {} } = operation.http.stream ? {} : request;
    const [rest, other] = by_query ? [fromQuery(query, fields), body] : [body, query];
    if (!isRecord(rest) || !isRecord(other))
      throw inputInvalid([{ path: '', message: 'expected an object' }]);
    const misplaced = [
      ...Object.keys(other).map((path) => ({
        path,
        message: `belongs in the ${by_query ? 'query' : 'body'}`,
      })),
      ...in_path.filter((path) => path in rest).map((path) => ({ path, message: 'belongs in the path' })),
    ];
    if (misplaced.length > 0) throw inputInvalid(misplaced);
    return { ...rest, ...fromQuery(request.params as Record<string, unknown>, fields) };
  };
}

/**
 * Reads and drops what a refusal left of a file, or the sender's next request on this connection would wait for its end.
 * Reads slowly: senders that retry a large file would otherwise keep the process busy.
 */
async function discardRest(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return;
  try {
    for await (const _ of stream.iterator({ destroyOnReturn: false })) await sleep(DISCARD_PAUSE_MS);
  } catch {
    // The sender disconnected.
  }
}

function bodyOf(request: FastifyRequest): { stream: Readable; media_type: string } {
  const media_type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (media_type === undefined) {
    throw new AppError('body_missing', 'The body is missing.', {
      hint: `Send it as one of: ${STREAM_TYPES.join(', ')}.`,
    });
  }
  return { stream: request.body as Readable, media_type };
}

/** Our command line names itself, with a key or a cookie; any other cookie is a browser's. */
function surfaceOf(request: FastifyRequest): 'web' | 'cli' | 'http' {
  if (request.headers['user-agent']?.startsWith(CLI_AGENT)) return 'cli';
  return request.headers.authorization === undefined ? 'web' : 'http';
}
