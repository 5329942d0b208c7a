import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../clock.ts';

/**
 * An operation's `set_session` signs a user in (a token) or out (null). It becomes the cookie and never appears in a body.
 */
const setSession = z
  .object({ token: z.string().min(1), expires_at: z.union([z.date(), z.iso.datetime()]) })
  .nullable();

export const SET_SESSION = 'set_session';

/** A browser's session, or what it keeps during the visit to the identity provider. */
export function cookieOf(kind: 'session' | 'sso', public_url: string) {
  const secure = public_url.startsWith('https://');
  // Lax, because the browser returns from the provider's site.
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  // Over HTTPS, the name's prefix makes browsers insist on Secure, Path=/, and no Domain.
  return { name: `${secure ? '__Host-' : ''}touchline_${kind}`, attributes };
}

/** Takes `set_session` out of an answer and sets or clears the cookie. Returns the rest. */
export function applySession(
  output: unknown,
  reply: FastifyReply,
  { clock, public_url }: { clock: Clock; public_url: string },
): unknown {
  if (typeof output !== 'object' || output === null || !(SET_SESSION in output)) return output;
  const { [SET_SESSION]: given, ...rest } = output;
  if (given === undefined) return rest;
  const session = setSession.parse(given);
  const { name, attributes } = cookieOf('session', public_url);
  if (session === null) {
    reply.clearCookie(name, attributes);
  } else {
    // The browser lives in real time, the product possibly in a faster one.
    const left_ms = new Date(session.expires_at).getTime() - clock.now_ms();
    const maxAge = Math.max(0, Math.floor(left_ms / 1_000 / clock.speed));
    reply.setCookie(name, session.token, { ...attributes, maxAge });
  }
  return rest;
}
