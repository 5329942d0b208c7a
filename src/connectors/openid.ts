import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { AppError } from '../errors.ts';
import type { OpenIdProvider } from './connector.ts';

export type OpenIdSettings = { issuer: string; client_id: string; client_secret: string };

/** People wait for it, so not for long. */
const TIMEOUT_S = 5;

/** Only on this machine may an identity provider be spoken to without TLS. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), state and nonce. The provider is asked what it
 * can at the first sign-in, so that it may be away when Touchline starts.
 */
export function openIdProvider({ issuer, client_id, client_secret }: OpenIdSettings): OpenIdProvider {
  let known: Promise<Configuration> | null = null;
  const configuration = (): Promise<Configuration> => {
    const server = new URL(issuer);
    const execute = LOOPBACK.test(server.hostname) ? [allowInsecureRequests] : [];
    const asked =
      known ?? discovery(server, client_id, client_secret, undefined, { execute, timeout: TIMEOUT_S });
    known = asked;
    asked.catch(() => {
      known = null;
    });
    return asked.catch((cause: unknown) => {
      throw new AppError('sso_unavailable', 'The identity provider cannot be reached.', {
        status: 503,
        hint: 'Try again in a minute, or sign in with a password or link.',
        cause,
      });
    });
  };
  return {
    async begin(redirect_uri) {
      const config = await configuration();
      const flow = { state: randomState(), nonce: randomNonce(), code_verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        redirect_uri,
        scope: 'openid email',
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await calculatePKCECodeChallenge(flow.code_verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, flow };
    },
    async finish(callback_url, { state, nonce, code_verifier }) {
      const config = await configuration();
      const claims = await claimsOf(config, callback_url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: code_verifier,
        idTokenExpected: true,
      });
      const { email, email_verified } = claims;
      if (typeof email === 'string' && email_verified === true) return { email };
      throw new AppError('sso_email_unverified', 'The identity provider does not vouch for your address.', {
        status: 403,
        hint: 'It has to say email_verified. Ask those who run it.',
      });
    },
  };
}

async function claimsOf(
  config: Configuration,
  callback_url: URL,
  checks: Parameters<typeof authorizationCodeGrant>[2],
): Promise<Record<string, unknown>> {
  try {
    const tokens = await authorizationCodeGrant(config, callback_url, checks);
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('there is no ID token');
    if (claims.email !== undefined) return claims;
    return await fetchUserInfo(config, tokens.access_token, claims.sub);
  } catch (cause) {
    throw new AppError('sso_refused', 'The identity provider did not sign you in.', {
      status: 401,
      hint: 'Begin again from the sign-in page.',
      cause,
    });
  }
}
