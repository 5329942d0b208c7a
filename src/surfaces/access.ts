import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Operation } from '../operations/operation.ts';
import type { Principal } from '../principal.ts';

/** Who a key or a session belongs to; null for anything unknown, expired or revoked. */
export type Principals = {
  byKey(text: string): Promise<Principal | null>;
  bySession(token: string): Promise<Principal | null>;
};

export type Credential = { kind: 'key' | 'session'; text: string };

/** Who runs a public operation without being signed in: a person of no org, with no roles. */
export const nobody: Principal = Object.freeze({
  kind: 'human',
  org_id: '00000000-0000-0000-0000-000000000000',
  user_id: '00000000-0000-0000-0000-000000000000',
  email: '',
  name: 'nobody',
  roles: [],
});

/** What the request shows. A key goes before a cookie, and a key that is wrong is not made up for by a cookie. */
export function credentialOf(request: FastifyRequest, cookie: string): Credential | null {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const match = /^Bearer +(\S+)$/i.exec(header);
    return { kind: 'key', text: match?.[1] ?? '' };
  }
  const text = request.cookies[cookie];
  return text ? { kind: 'session', text } : null;
}

export async function principalOf(credential: Credential, principals: Principals): Promise<Principal | null> {
  if (credential.text === '' || credential.text.length > 500) return null;
  return credential.kind === 'key'
    ? await principals.byKey(credential.text)
    : await principals.bySession(credential.text);
}

/** Throws unless `who` lets this principal in: `unauthenticated`, `forbidden` or, for agents, `not_human`. */
export function checkWho(who: Operation['who'], principal: Principal | null): void {
  if (who === 'public') return;
  if (principal === null) {
    throw new AppError('unauthenticated', 'Sign in, or send an API key.', {
      status: 401,
      hint: 'Authorization: Bearer tl_...',
    });
  }
  if (principal.kind === 'agent') {
    if (!who.agents) {
      throw new AppError('not_human', 'Only people may do this; agents never.', { status: 403 });
    }
    return;
  }
  if (who.people === 'all' || who.people.some((role) => principal.roles.includes(role))) return;
  const roles = who.people.length === 0 ? 'agents only' : `one of: ${who.people.join(', ')}`;
  throw new AppError('forbidden', 'Your roles do not include this.', {
    status: 403,
    hint: `It is for ${roles}.`,
  });
}

/**
 * A browser sends its cookie along with whatever any page asks of it. A change by cookie is therefore only taken
 * from a page of ours: the Origin is the public one or the very host that was asked.
 */
export function checkOrigin(request: FastifyRequest, public_url: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.canParse(origin)) {
    if (new URL(origin).origin === new URL(public_url).origin) return;
    if (host !== undefined && new URL(origin).host === host) return;
  }
  throw new AppError('origin_refused', 'This change does not come from a page of this server.', {
    status: 403,
    hint: 'Scripts send an API key instead of a cookie.',
  });
}
