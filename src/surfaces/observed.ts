import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { readTraceParent, type Span } from '../telemetry/ports.ts';
import { callers, spans } from './request_context.ts';
import { STREAM_PATH } from './routing.ts';

/** A client's request id is used only if it is unambiguous and short enough for a log. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Anyone can make up paths without a route: they count as one route. */
const NO_ROUTE = 'unknown';

/** The client's own `X-Request-Id`, or a new one. */
export function requestIdOf({ headers }: { headers: IncomingHttpHeaders }): string {
  const { 'x-request-id': given } = headers;
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The trace to which a request belongs, for its log lines. */
export function traceOf({ headers }: { headers: IncomingHttpHeaders }): { trace_id?: string } {
  const parent = readTraceParent(headers.traceparent);
  return parent === null ? {} : { trace_id: parent.trace_id };
}

/** Logs, counts, and traces every request. */
export function observeRequests(app: FastifyInstance, context: Context): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    beginSpan(request, reply, context);
  });
  app.addHook('onResponse', async (request, reply) => {
    logRequest(request, reply);
    const { method } = request;
    const { statusCode: status, elapsedTime: elapsed_ms } = reply;
    endSpan(spans.get(request), status);
    const route = routeOf(request);
    // The time that a page stayed open is not a waiting time.
    if (route === STREAM_PATH && status === 200) return;
    context.metrics?.requested({ method, route, status, seconds: elapsed_ms / 1_000 });
  });
}

function beginSpan(request: FastifyRequest, reply: FastifyReply, { tracer }: Context): void {
  if (tracer === undefined) return;
  const { method } = request;
  const route = routeOf(request);
  const parent = readTraceParent(request.headers.traceparent);
  const span = tracer.begin(`${method} ${route}`, {
    kind: 'server',
    attributes: { 'http.request.method': method, 'http.route': route, 'touchline.request_id': request.id },
    ...(parent === null ? {} : { parent }),
  });
  spans.set(request, span);
  if (parent !== null) return;
  // The span begins here, so its id exists only now.
  request.log = request.log.child({ trace_id: span.trace_id });
  reply.log = request.log;
}

function endSpan(span: Span | undefined, status: number): void {
  span?.set({ 'http.response.status_code': status });
  span?.end(status >= 500 ? { code: String(status), status } : undefined);
}

function routeOf({ is404, routeOptions }: FastifyRequest): string {
  return is404 ? NO_ROUTE : (routeOptions.url ?? NO_ROUTE);
}

/** Logs the route's pattern, never the URL, which may contain a token or an address. */
function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const principal = callers.get(request);
  // Page loads and polling are most of the traffic and the least informative.
  const level = request.method === 'GET' && reply.statusCode < 400 ? 'debug' : 'info';
  request.log[level](
    {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ...(principal ? { org_id: principal.org_id, principal: principal.kind } : {}),
    },
    'request',
  );
}
