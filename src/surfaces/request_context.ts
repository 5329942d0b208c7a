import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Context } from '../context.ts';
import type { AppError } from '../errors.ts';
import type { Idempotency } from '../operations/idempotency.ts';
import type { Operation } from '../operations/operation.ts';
import type { Principal } from '../principal.ts';
import type { Span } from '../telemetry/ports.ts';
import type { McpOauth, Principals } from './access.ts';
import type { Limiter } from './limits.ts';

/** Everything that routes need to admit and answer requests. */
export type Routes = {
  context: Context;
  registry: readonly Operation[];
  principals: Principals;
  limiter: Limiter;
  /** Answers repeated requests; without it, `Idempotency-Key` is ignored. */
  idempotency?: Idempotency;
  /** Accepts the identity provider's access tokens at /mcp. */
  oauth?: McpOauth;
  /** The refusal behind a database error. */
  toAppError: (error: unknown) => AppError | undefined;
};

/** The caller of each request, for the answer and the log; none if not signed in. */
export const callers = new WeakMap<FastifyRequest, Principal>();

/** The trace span of each request. */
export const spans = new WeakMap<FastifyRequest, Span>();

/** The context of one request: log lines name the request, and spans lie within its own. */
export function contextOf(request: FastifyRequest, context: Context): Context {
  const span = spans.get(request);
  return { ...context, log: request.log as Logger, ...(span === undefined ? {} : { tracer: span }) };
}
