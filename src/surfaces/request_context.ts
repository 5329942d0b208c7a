import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Context } from '../context.ts';
import type { Span } from '../telemetry/ports.ts';

const spans = new WeakMap<FastifyRequest, Span>();

/** Records the trace span of a request. */
export function noteSpan(request: FastifyRequest, span: Span): void {
  spans.set(request, span);
}

export function spanOf(request: FastifyRequest): Span | undefined {
  return spans.get(request);
}

/** The context of one request: log lines name the request, and spans lie within its own. */
export function contextOf(request: FastifyRequest, context: Context): Context {
  const span = spans.get(request);
  return { ...context, log: request.log as Logger, ...(span === undefined ? {} : { tracer: span }) };
}
