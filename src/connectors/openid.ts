import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { AppError } from '../errors.ts';
import type { OpenIdProvider } from './connector.ts';
import type { OpenIdConfiguration } from './openid_discovery.ts';

/**
 * OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), state and nonce.
 */
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
