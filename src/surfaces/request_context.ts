import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Context } from '../context.ts';
import type { Span } from '../telemetry/ports.ts';

const spans = new WeakMap<FastifyRequest, Span>();

/** Notes where in a trace a request is answered. */
export function noteSpan(request: FastifyRequest, span: Span): void {
  spans.set(request, span);
}

export function spanOf(request: FastifyRequest): Span | undefined {
  return spans.get(request);
}

/** The context as one request has it: what is logged for it names it, and what is traced lies within it. */
export function contextOf(request: FastifyRequest, context: Context): Context {
  const span = spans.get(request);
  return { ...context, log: request.log as Logger, ...(span === undefined ? {} : { tracer: span }) };
}
