import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { Principal } from '../principal.ts';

/** The owner of a key or a session; null for anything unknown, expired, or revoked. */
export type Principals = {
  byKey(text: string): Promise<Principal | null>;
  bySession(token: string): Promise<Principal | null>;
};

/** Access tokens of an identity provider, if one is configured. */
export type McpOauth = {
  issuer: string;
  /** The owner of a token; null for any invalid one. Throws `sso_unavailable`. */
  byToken(token: string): Promise<Principal | null>;
};

export type Credential = { kind: 'key' | 'session'; text: string };

/** The credential of the request. A key precedes a cookie, and a valid cookie does not replace a wrong key. */
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

/**
 * Throws `unauthenticated` for a credential without an owner, and names its kind: asking the holder of a revoked key for a
 * key would not help. The reason is never revealed.
 */
export function refuseUnknown(credential: Credential | null, principal: Principal | null): void {
  if (credential === null || principal !== null) return;
  if (credential.kind === 'session') {
    throw new AppError('unauthenticated', 'This session has ended.', {
      hint: 'Sign in again; from a terminal: touchline sign-in.',
    });
  }
  throw unknownKey();
}

export function unknownKey(): AppError {
  return new AppError('unauthenticated', 'This API key is unknown, revoked, or expired.', {
    hint: 'List keys with touchline keys; create one with touchline keys create NAME.',
  });
}

/**
 * A browser adds its cookie to requests from any page. A change by cookie is therefore accepted only from our own pages:
 * the Origin must be the public URL or the requested host.
 */
export function checkOrigin(request: FastifyRequest, public_url: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.canParse(origin)) {
    if (new URL(origin).origin === new URL(public_url).origin) return;
    if (host !== undefined && new URL(origin).host === host) return;
  }
  throw new AppError('origin_refused', 'The request’s origin is not a page of this server.', {
    hint: `With a session cookie, send the header Origin: ${new URL(public_url).origin}. Scripts should send an API key instead: touchline keys create NAME.`,
  });
}
