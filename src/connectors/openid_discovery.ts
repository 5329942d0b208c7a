import { allowInsecureRequests, type Configuration, discovery } from 'openid-client';
import { AppError } from '../errors.ts';

export type OpenIdSettings = { issuer: string; client_id: string; client_secret: string };

/** The provider's endpoints and capabilities. Throws `sso_unavailable`. */
export type OpenIdConfiguration = () => Promise<Configuration>;

/** Short, since people wait for it. */
const TIMEOUT_S = 5;

/** Identity providers without TLS are allowed on this machine only. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Queries the provider on first use, so that it may be down when Touchline starts. */
export function openIdConfiguration({
  issuer,
  client_id,
  client_secret,
}: OpenIdSettings): OpenIdConfiguration {
  let known: Promise<Configuration> | null = null;
  return () => {
    const server = new URL(issuer);
    const execute = LOOPBACK.test(server.hostname) ? [allowInsecureRequests] : [];
    const asked =
      known ?? discovery(server, client_id, client_secret, undefined, { execute, timeout: TIMEOUT_S });
    known = asked;
    asked.catch(() => {
      known = null;
    });
    return asked.catch((cause: unknown) => {
      throw providerUnavailable(cause);
    });
  };
}

export function providerUnavailable(cause: unknown): AppError {
  return new AppError('sso_unavailable', 'The identity provider cannot be reached.', {
    hint: 'Try again in a minute, or sign in with a password or link.',
    cause,
  });
}
