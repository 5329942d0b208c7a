import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { AccessTokens } from './connector.ts';
import { type OpenIdConfiguration, providerUnavailable } from './openid_discovery.ts';

/** Of a token with many claims; a header of more is no token of anyone's. */
const TOKEN_MAX_LENGTH = 8_192;

const TIMEOUT_MS = 5_000;

/** Signatures that only the holder of a private key can make: neither `none` nor a secret that others share. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/**
 * JWT access tokens of one identity provider (RFC 9068), for one audience (RFC 8707). Their times are the provider's, so
 * they are compared with the machine's clock and not with the product's, which may run at speed.
 */
export function accessTokens(configuration: OpenIdConfiguration): AccessTokens {
  let keys: { uri: string; get: JWTVerifyGetKey } | null = null;
  const keysAt = (uri: string): JWTVerifyGetKey => {
    if (keys?.uri !== uri) {
      keys = { uri, get: createRemoteJWKSet(new URL(uri), { timeoutDuration: TIMEOUT_MS }) };
    }
    return keys.get;
  };
  return {
    async verify(token, audience) {
      if (token.length > TOKEN_MAX_LENGTH || !looksRight(token, audience)) return null;
      const { issuer, jwks_uri } = (await configuration()).serverMetadata();
      if (jwks_uri === undefined) return null;
      const payload = await verified(token, keysAt(jwks_uri), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        typ: 'at+jwt',
        requiredClaims: ['exp', 'sub', 'iat'],
      });
      return payload === null ? null : bearerOf(payload);
    },
  };
}

/** Read without belief, so that nobody makes us ask the provider for anything with a token that cannot be right. */
function looksRight(token: string, audience: string): boolean {
  try {
    const { alg = '', typ = '' } = decodeProtectedHeader(token);
    const { aud, exp = 0 } = decodeJwt(token);
    const is_access_token = /^(application\/)?at\+jwt$/i.test(typ);
    return ALGORITHMS.includes(alg) && is_access_token && [aud].flat().includes(audience) && exp > 0;
  } catch {
    return false;
  }
}

/** Null for a token that is wrong in any way; throws `sso_unavailable` where that could not be found out. */
async function verified(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload | null> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError && !isOutage(error)) return null;
    throw providerUnavailable(error);
  }
}

/** The provider was too slow, or what it answered is no set of keys. */
function isOutage({ code }: errors.JOSEError): boolean {
  return ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(code);
}

function bearerOf(payload: JWTPayload): Awaited<ReturnType<AccessTokens['verify']>> {
  const { email, email_verified, scope, jti, sub, cnf } = payload;
  // Bound to a key (RFC 7800) that its bearer would have to prove: shown without that proof it may be stolen.
  if (cnf !== undefined) return null;
  if (typeof email !== 'string' || email_verified !== true) return null;
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  return { id: jti ?? sub!, email, scopes };
}
