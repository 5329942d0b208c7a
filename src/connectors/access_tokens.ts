import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { AccessTokens } from './connector.ts';
import { type OpenIdConfiguration, providerUnavailable } from './openid.ts';

/** Fits a token with many claims; longer values are never tokens. */
const TOKEN_MAX_LENGTH = 8_192;

const TIMEOUT_MS = 5_000;

/** Signatures that only the holder of a private key can make: neither `none` nor shared secrets. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/**
 * JWT access tokens of one identity provider (RFC 9068) for one audience (RFC 8707). Their times are checked against the
 * machine's clock, since the product's clock may run fast.
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
      const verified = jwtVerify(token, keysAt(jwks_uri), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        typ: 'at+jwt',
        requiredClaims: ['exp', 'sub', 'iat'],
      });
      return verified.then(({ payload }) => bearerOf(payload), nullIfInvalid);
    },
  };
}

/** Reads the token without trust, so that an obviously wrong token causes no request to the provider. */
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

/** Throws `sso_unavailable` if the token's validity could not be checked. */
function nullIfInvalid(error: unknown): null {
  if (error instanceof errors.JOSEError && !isOutage(error)) return null;
  throw providerUnavailable(error);
}

/** The provider was too slow or did not return a key set. */
function isOutage({ code }: errors.JOSEError): boolean {
  return ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(code);
}

function bearerOf(payload: JWTPayload): Awaited<ReturnType<AccessTokens['verify']>> {
  const { email, email_verified, scope, jti, sub, cnf } = payload;
  // Bound to a key (RFC 7800) that the bearer would have to prove; without proof it may be stolen.
  if (cnf !== undefined) return null;
  if (typeof email !== 'string' || email_verified !== true) return null;
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  return { id: jti ?? sub!, email, scopes };
}
