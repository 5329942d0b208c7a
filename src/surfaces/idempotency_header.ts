import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Idempotency } from '../operations/idempotency.ts';
import type { Principal } from '../principal.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import type { RoutedOperation } from './routing.ts';

export type Idempotent = {
  operation: RoutedOperation;
  principal: Principal | null;
  routes: { idempotency?: Idempotency; toAppError: (error: unknown) => AppError | undefined };
  request: FastifyRequest;
  reply: FastifyReply;
};

/** Whether the operation heeds the header: it changes something and is not idempotent by its method. */
export function takesIdempotencyKey({ http, permission }: RoutedOperation): boolean {
  return http.method === 'POST' && permission.is_public !== true;
}

/**
 * Runs a request and answers it. With an `Idempotency-Key` it runs once: the same request again gets the same answer, with
 * `Idempotency-Replayed: true`. Refusals (4xx) are answers too; after an internal error (5xx) the next request runs again.
 */
export async function idempotently(asked: Idempotent, run: () => Promise<unknown>): Promise<FastifyReply> {
  const { operation, principal, routes, request, reply } = asked;
  const key = takesIdempotencyKey(operation) ? keyOf(request) : null;
  if (key === null || principal === null || !routes.idempotency) {
    return send(reply, answerOf(await run()));
  }
  const kept = await routes.idempotency({
    principal,
    operation,
    key,
    request: textOf(operation, request),
    log: request.log,
  });
  if ('status' in kept) return send(reply.header('idempotency-replayed', 'true'), kept);
  try {
    const answer = answerOf(await run());
    await kept.answer(answer);
    return send(reply, answer);
  } catch (error) {
    const refusal = routes.toAppError(error);
    if (refusal === undefined || refusal.status >= 500) await kept.release();
    else await kept.answer({ status: refusal.status, body: JSON.stringify(problemOf(refusal)) });
    throw error;
  }
}

/** Throws `idempotency_key_invalid` (400). */
function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError(
    'idempotency_key_invalid',
    'Idempotency-Key must be 1 to 255 printable ASCII characters.',
    { hint: 'A UUID will do.' },
  );
}

/** A stream is not read in advance, so only its query identifies it. */
function textOf({ http }: RoutedOperation, request: FastifyRequest): string {
  const body = http.stream ? null : (request.body ?? null);
  return JSON.stringify([request.params, request.query, body]);
}

/** The answer to a GET whose caller already has the current state. */
export const NOT_MODIFIED = Symbol('not modified');

function answerOf(output: unknown): { status: number; body: string | null } {
  if (output === NOT_MODIFIED) return { status: 304, body: null };
  return output === undefined || output === null
    ? { status: 204, body: null }
    : { status: 200, body: JSON.stringify(output) };
}

function send(reply: FastifyReply, { status, body }: { status: number; body: string | null }): FastifyReply {
  reply.code(status);
  if (body === null) return reply.send();
  return reply.type(status >= 400 ? PROBLEM_TYPE : 'application/json; charset=utf-8').send(body);
}
