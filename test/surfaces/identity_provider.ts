import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider from 'oidc-provider';

export const CLIENT = { client_id: 'touchline', client_secret: 'a secret of this test only' };

export type IdentityProvider = {
  issuer: string;
  /**
   * The browser's part between `auth_url` and the callback: signs in with this address and consents. Returns the callback.
   */
  signIn(auth_url: string, email: string): Promise<URL>;
  /** A token with the provider's own signature, with any claims and header. */
  signed(claims: Record<string, unknown>, header?: { typ?: string; alg?: string }): Promise<string>;
  close(): Promise<void>;
};

/** A real provider on loopback. It reports addresses that begin with `unverified` as unverified, all others as verified. */
export async function startIdentityProvider(redirect_uri: string, port = 0): Promise<IdentityProvider> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = 'a key of this test only';
  const vouched = (sub: string) => ({ email: sub, email_verified: !sub.startsWith('unverified') });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }] },
    clients: [{ ...CLIENT, redirect_uris: [redirect_uri], response_types: ['code'] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    cookies: { keys: ['a cookie key of this test only'] },
    findAccount: async (_ctx, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, ...vouched(sub) }),
    }),
    features: {
      resourceIndicators: { enabled: true, getResourceServerInfo: (_ctx, resource) => tokensFor(resource) },
    },
    extraTokenClaims: async (_ctx, token) => ('accountId' in token ? vouched(String(token.accountId)) : {}),
  });
  server.on('request', provider.callback());
  return {
    issuer,
    signIn: (auth_url, email) => browse(auth_url, email, redirect_uri),
    signed: (claims, header) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid, ...header })
        .sign(privateKey),
    close: () => close(server),
  };
}

/** JWTs for every requested audience (RFC 8707, RFC 9068). */
function tokensFor(audience: string) {
  const jwt = { sign: { alg: 'RS256' as const } };
  return { scope: 'read write', audience, accessTokenFormat: 'jwt' as const, accessTokenTTL: 60, jwt };
}

async function browse(auth_url: string, email: string, redirect_uri: string): Promise<URL> {
  const jar = new Map<string, string>();
  let form: URLSearchParams | null = null;
  let url = new URL(auth_url);
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form === null ? {} : { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [name, ...value] = line.split(';')[0]!.split('=');
      jar.set(name!, value.join('='));
    }
    form = null;
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url);
      if (url.href.startsWith(redirect_uri)) return url;
      continue;
    }
    const html = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
    if (prompt === undefined) throw new Error(`the provider answered ${response.status}: ${html}`);
    form = new URLSearchParams({ prompt, login: email, password: 'any' });
  }
  throw new Error('the provider goes in circles');
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
