import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  None,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  type TokenEndpointResponse,
  tokenRevocation,
} from 'openid-client';
import { DAY_SECONDS } from '../core/durations.ts';
import { MAIL_PROVIDERS } from '../mail/providers.ts';
import { type MailOauth, OAUTH_REFUSALS, type OauthAnswer, type OauthClient } from './oauth_port.ts';
import { NoAnswer, type PosterOptions, poster, type Reply, reasonOf } from './pinned_http.ts';

const TOKEN_TIMEOUT_MS = 10_000;
/** Tokens have a few kilobytes. */
const ANSWER_MAX_BYTES = 256 * 1024;
/** A token's lifetime if the provider states none, and its maximum. */
const LASTS_S = 600;
const LASTS_MAX_S = 30 * DAY_SECONDS;

/** Temporary errors; every other error that a provider names (RFC 6749 section 5.2) is final. */
const PASSING = ['temporarily_unavailable', 'server_error', 'slow_down'];

/**
 * OAuth 2.0 for mail servers. A custom provider is contacted only on the public internet, at the address that was checked,
 * and redirects are not followed: the request contains a secret, and a person typed the URL.
 */
export function mailOauth(options: PosterOptions): MailOauth {
  const { allow_local } = options;
  const { post, close } = poster({ timeout_ms: TOKEN_TIMEOUT_MS, ...options });
  const configure = (client: OauthClient, read: (reply: Reply) => Response, met: Met): Configuration => {
    const config = configurationOf(client);
    config[customFetch] = async (url, { headers, body }) => {
      const is_own_choice = client.provider !== 'custom';
      const request = { headers, body: String(body ?? ''), max_bytes: ANSWER_MAX_BYTES, is_own_choice };
      try {
        return read(await post(new URL(url), request));
      } catch (error) {
        met.code = reasonOf(error).toLowerCase();
        throw error;
      }
    };
    return config;
  };
  const ask = async (
    client: OauthClient,
    run: (config: Configuration) => Promise<TokenEndpointResponse>,
  ): Promise<OauthAnswer> => {
    const met: Met = { code: null };
    try {
      return tokensOf(await run(configure(client, plainAnswer, met)));
    } catch (error) {
      return met.code === null ? said(error) : { kind: 'unreachable', code: met.code };
    }
  };

  return {
    allow_local,
    async begin(client, { redirect_uri, login_hint }) {
      const flow = { state: randomState(), code_verifier: randomPKCECodeVerifier() };
      const known = knownProvider(client);
      const url = buildAuthorizationUrl(configurationOf(client), {
        redirect_uri,
        ...(client.scopes.length === 0 ? {} : { scope: client.scopes.join(' ') }),
        state: flow.state,
        code_challenge: await calculatePKCECodeChallenge(flow.code_verifier),
        code_challenge_method: 'S256',
        ...(known === null ? {} : { ...known.asked_with, login_hint }),
      });
      return { url: url.href, flow };
    },
    exchange: (client, callback_url, { state, code_verifier }) =>
      ask(client, (config) =>
        authorizationCodeGrant(config, withoutIssuer(callback_url), {
          expectedState: state,
          pkceCodeVerifier: code_verifier,
        }),
      ),
    renew: (client, refresh_token) => ask(client, (config) => refreshTokenGrant(config, refresh_token)),
    async revoke(client, token) {
      if (!knownProvider(client)?.revoke_url) return false;
      const config = configure(client, ({ status }) => new Response(null, { status }), { code: null });
      return tokenRevocation(config, token).then(
        () => true,
        () => false,
      );
    },
    close,
  };
}

/** The fault that prevented the request or its answer. */
type Met = { code: string | null };

function knownProvider({ provider }: OauthClient) {
  return provider === 'custom' ? null : MAIL_PROVIDERS[provider];
}

function configurationOf(client: OauthClient): Configuration {
  const { authorize_url, token_url, client_id, client_secret } = client;
  const revoke_url = knownProvider(client)?.revoke_url;
  const server = {
    issuer: new URL(token_url).origin,
    token_endpoint: token_url,
    ...(authorize_url === null ? {} : { authorization_endpoint: authorize_url }),
    ...(!revoke_url ? {} : { revocation_endpoint: revoke_url }),
  };
  const auth = client_secret === null ? None() : ClientSecretPost(client_secret);
  const config = new Configuration(server, client_id, undefined, auth);
  // Whether http is allowed was decided when the URL was saved, for this machine only.
  if (token_url.startsWith('http:') || authorize_url?.startsWith('http:')) allowInsecureRequests(config);
  return config;
}

/** Keeps only the token fields; ID tokens are ignored. An answer outside RFC 6749 counts as an unreachable endpoint. */
function plainAnswer({ status, body }: Reply): Response {
  if (status !== 200 && status !== 400 && status !== 401 && status !== 403)
    throw new NoAnswer(`http_${status}`);
  const said = objectOf(body);
  const { access_token, refresh_token, expires_in, token_type, scope, error } = said ?? {};
  const is_answer = status === 200 ? typeof access_token === 'string' : typeof error === 'string';
  if (!is_answer) throw new NoAnswer(status === 200 ? 'answer_invalid' : `http_${status}`);
  const kept = status === 200 ? { access_token, refresh_token, expires_in, token_type, scope } : { error };
  return Response.json(kept, { status: status === 200 ? 200 : 400 });
}

function objectOf(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function tokensOf({ access_token, refresh_token, expires_in = LASTS_S }: TokenEndpointResponse): OauthAnswer {
  const expires_in_s = Math.min(Math.max(0, Math.floor(expires_in)), LASTS_MAX_S);
  return { kind: 'tokens', tokens: { access_token, refresh_token: refresh_token ?? null, expires_in_s } };
}

/** By its code alone: its text may be about a person. */
function said(error: unknown): OauthAnswer {
  const { error: named } = error as { error?: unknown };
  if (typeof named !== 'string') return { kind: 'unreachable', code: 'answer_invalid' };
  if (PASSING.includes(named)) return { kind: 'unreachable', code: named };
  return { kind: 'refused', code: OAUTH_REFUSALS.includes(named) ? named : 'refused' };
}

/** The issuer (RFC 9207) is not compared: an admin configured it, and each mailbox has one. */
function withoutIssuer(callback_url: URL): URL {
  const url = new URL(callback_url);
  url.searchParams.delete('iss');
  return url;
}
