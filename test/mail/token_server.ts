import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT_SECRET = 'a client secret of this test only';

export type TokenServer = {
  authorize_url: string;
  token_url: string;
  /** Whether this token is valid now. */
  takes(access_token: string): boolean;
  /** Every request for a token, by its client and grant_type. */
  readonly grants: { client_id: string; grant_type: string }[];
  /** Every token issued so far. */
  readonly given: string[];
  expires_in_s: number;
  /** A new refresh token at each renewal; reuse of the old one revokes all of them (RFC 9700 section 4.14.2). */
  rotates: boolean;
  /** Replaces all responses until null. `''`: no response. */
  instead: { status: number; body: string } | '' | null;
  /** Before each response. */
  delay_ms: number;
  /** Ends every access token, whatever lifetime was announced. */
  endAccessTokens(): void;
  /** Revokes every consent. */
  revokeAll(): void;
  /** A refresh token from a consent given elsewhere. */
  refreshToken(): string;
  /** The browser's part between the link and the callback: consents, or refuses. */
  consent(authorize_url: string, verdict?: 'access_denied'): Promise<URL>;
  close(): Promise<void>;
};

type Code = { challenge: string; redirect_uri: string; client_id: string };

/** An OAuth 2.0 server with PKCE on loopback, which consents to every request, with scripted faults. */
export async function startTokenServer(): Promise<TokenServer> {
  const codes = new Map<string, Code>();
  const refresh = new Map<string, 'good' | 'used'>();
  const access = new Set<string>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own: TokenServer = {
    authorize_url: `${origin}/authorize`,
    token_url: `${origin}/token`,
    takes: (token) => access.has(token),
    grants: [],
    given: [],
    expires_in_s: 3_600,
    rotates: false,
    instead: null,
    delay_ms: 0,
    endAccessTokens: () => access.clear(),
    revokeAll: () => refresh.clear(),
    refreshToken: () => newRefreshToken(),
    consent: async (url, verdict) => {
      const response = await fetch(verdict ? `${url}&verdict=${verdict}` : url, { redirect: 'manual' });
      return new URL(response.headers.get('location') ?? '');
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const token = () => {
    const made = randomBytes(24).toString('base64url');
    own.given.push(made);
    return made;
  };
  const newRefreshToken = () => {
    const made = token();
    refresh.set(made, 'good');
    return made;
  };
  const tokens = (refresh_token: string | null) => {
    const access_token = token();
    access.add(access_token);
    const lasting = refresh_token === null ? {} : { refresh_token };
    return { access_token, token_type: 'Bearer', expires_in: own.expires_in_s, ...lasting };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origin);
    if (url.pathname === '/authorize') return authorize(url, response);
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    own.grants.push({ client_id: form.get('client_id') ?? '', grant_type: form.get('grant_type') ?? '' });
    if (own.delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, own.delay_ms));
    const { instead } = own;
    if (instead === '') return void response.destroy();
    const [status, body] = instead === null ? granted(form) : [instead.status, instead.body];
    response.writeHead(status, { 'content-type': 'application/json', location: `${origin}/elsewhere` });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const authorize = ({ searchParams: asked }: URL, response: ServerResponse): void => {
    const redirect_uri = asked.get('redirect_uri') ?? '';
    const back = new URL(redirect_uri);
    const code = randomBytes(16).toString('base64url');
    const verdict = asked.get('verdict');
    if (verdict !== null) back.searchParams.set('error', verdict);
    else back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    back.searchParams.set('iss', 'https://issuer.example');
    const is_right = asked.get('response_type') === 'code' && asked.get('code_challenge_method') === 'S256';
    if (!is_right) return void response.writeHead(400).end();
    const challenge = asked.get('code_challenge') ?? '';
    codes.set(code, { challenge, redirect_uri, client_id: asked.get('client_id') ?? '' });
    response.writeHead(302, { location: back.href }).end();
  };
  const granted = (form: URLSearchParams): [number, object] => {
    if (form.get('client_secret') !== CLIENT_SECRET) return [401, { error: 'invalid_client' }];
    if (form.get('grant_type') === 'authorization_code') {
      const code = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const shown = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const is_right = code?.challenge === shown && code.redirect_uri === form.get('redirect_uri');
      return is_right ? [200, tokens(newRefreshToken())] : [400, { error: 'invalid_grant' }];
    }
    const shown = form.get('refresh_token') ?? '';
    const state = refresh.get(shown);
    if (state === 'used') refresh.clear();
    if (state !== 'good') return [400, { error: 'invalid_grant', error_description: `not ${shown}` }];
    if (!own.rotates) return [200, tokens(null)];
    refresh.set(shown, 'used');
    return [200, tokens(newRefreshToken())];
  };
  return own;
}
