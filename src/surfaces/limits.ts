import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { actorOf, type Principal } from '../principal.ts';

/** Requests per minute: per principal (else per address), and sign-ins per address. */
export type Limits = { per_minute: number; sign_in_per_minute: number };

/** Far above what people and agents need, far below what hurts; 20 password guesses per minute lead nowhere. */
export const LIMITS: Limits = { per_minute: 30_000, sign_in_per_minute: 20 };

const WINDOW_MS = 60_000;

type Asked = { principal: Principal | null; is_sign_in: boolean };

export type Limiter = {
  /**
   * Counts this request and reports the remaining ones in its answer (draft-ietf-httpapi-ratelimit-headers). Throws
   * `rate_limited` (429) with `retry_after` in seconds beyond the limit. Each process counts separately.
   */
  check(request: FastifyRequest, reply: FastifyReply, asked: Asked): Promise<void>;
};

/** Requires @fastify/rate-limit to be registered without a global limit. */
export function limiterFor(app: FastifyInstance, limits: Limits): Limiter {
  const keys = new WeakMap<FastifyRequest, string>();
  const keyGenerator = (request: FastifyRequest) => keys.get(request) ?? request.ip;
  const limited = (max: number) => app.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator });
  const general = limited(limits.per_minute);
  const sign_in = limited(limits.sign_in_per_minute);
  return {
    async check(request, reply, { principal, is_sign_in }) {
      keys.set(request, is_sign_in ? `sign in ${request.ip}` : keyOf(principal, request.ip));
      const count = await (is_sign_in ? sign_in : general)(request);
      if (count.isAllowed) return;
      const policy = is_sign_in ? 'sign_in' : 'default';
      reply.header('ratelimit-policy', `"${policy}";q=${count.max};w=${WINDOW_MS / 1_000}`);
      reply.header('ratelimit', `"${policy}";r=${Math.max(0, count.remaining)};t=${count.ttlInSeconds}`);
      if (!count.isExceeded) return;
      const retry_after = Math.max(1, count.ttlInSeconds);
      throw new AppError('rate_limited', `More than ${count.max} requests in a minute.`, {
        hint: `Try again in ${retry_after} s.`,
        extra: { retry_after },
      });
    },
  };
}

function keyOf(principal: Principal | null, ip: string): string {
  if (principal === null) return `address ${ip}`;
  const key = Object.values(actorOf(principal)).join(' ');
  return createHash('sha256').update(key).digest('base64url');
}
