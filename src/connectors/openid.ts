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
import { hostOf, isLoopbackAddress } from '../public_address.ts';
import type { OpenIdProvider } from './connector.ts';

export type OpenIdSettings = { issuer: string; client_id: string; client_secret: string };

/** The provider's endpoints and capabilities. Throws `sso_unavailable`. */
export type OpenIdConfiguration = () => Promise<Configuration>;

/** Short, since people wait for it. */
const TIMEOUT_S = 5;

/** Queries the provider on first use, so that it may be down when Touchline starts. */
export function openIdConfiguration({
  issuer,
  client_id,
  client_secret,
}: OpenIdSettings): OpenIdConfiguration {
  const server = new URL(issuer);
  // Identity providers without TLS are allowed on this machine only.
  const is_local = server.hostname === 'localhost' || isLoopbackAddress(hostOf(server));
  const options = { execute: is_local ? [allowInsecureRequests] : [], timeout: TIMEOUT_S };
  let known: Promise<Configuration> | null = null;
  return () => {
    known ??= discovery(server, client_id, client_secret, undefined, options).catch((cause: unknown) => {
      known = null;
      throw providerUnavailable(cause);
    });
    return known;
  };
}

export function providerUnavailable(cause: unknown): AppError {
  return new AppError('sso_unavailable', 'The identity provider cannot be reached.', {
    hint: 'Try again in a minute, or sign in with a password or link.',
    cause,
  });
}

/** OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), state and nonce. */
export function openIdProvider(configuration: OpenIdConfiguration): OpenIdProvider {
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
      throw new AppError(
        'sso_email_unverified',
        'The identity provider has not verified your email address.',
        {
          hint: 'The email_verified claim is required. Ask the provider’s administrator.',
        },
      );
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
      hint: 'Start again from the sign-in page.',
      cause,
    });
  }
}
