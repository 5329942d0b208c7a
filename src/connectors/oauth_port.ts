import type { OauthProvider } from '../schema.gen.ts';

/** The port of OAuth 2.0 for mail servers, as connector.ts has the others. Nothing in it is ever to be logged. */

/** Words of providers that no waiting helps against: RFC 6749 sections 4.1.2.1 and 5.2, and of OpenID Connect. */
export const OAUTH_REFUSALS: readonly string[] = [
  'access_denied',
  'consent_required',
  'interaction_required',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'login_required',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  // Any other.
  'refused',
];

/** Who we are at a provider, and where it is. */
export type OauthClient = {
  provider: OauthProvider;
  /** Null: nobody is sent there. */
  authorize_url: string | null;
  token_url: string;
  client_id: string;
  /** Null: a public client. */
  client_secret: string | null;
  scopes: readonly string[];
};

/** What one consent begins with. Whoever asked for it keeps it. */
export type OauthFlow = { state: string; code_verifier: string };

/** `refresh_token` is null where the one that was shown goes on. */
export type OauthTokens = { access_token: string; refresh_token: string | null; expires_in_s: number };

/**
 * - `tokens`: the provider gave them.
 * - `refused`: it said no, in one of `OAUTH_REFUSALS`; it would say so again until a person has been there.
 * - `unreachable`: it could not be asked, or did not answer what can be understood; that may pass.
 * `code` is a stable word, never a text of the provider's.
 */
export type OauthAnswer =
  | { kind: 'tokens'; tokens: OauthTokens }
  | { kind: 'refused'; code: string }
  | { kind: 'unreachable'; code: string };

/** Asks providers for tokens. Each request ends within 10 s; only `begin` throws. */
export type MailOauth = {
  /** Whether providers on this very machine are allowed. */
  allow_local: boolean;
  /** Where to send the person: authorization code with PKCE (RFC 7636, S256). `login_hint`: as whom they are to consent. */
  begin(
    client: OauthClient,
    asked: { redirect_uri: string; login_hint: string },
  ): Promise<{ url: string; flow: OauthFlow }>;
  /** What they came back with. `callback_url` is the redirect URI with what the provider added. */
  exchange(client: OauthClient, callback_url: URL, flow: OauthFlow): Promise<OauthAnswer>;
  renew(client: OauthClient, refresh_token: string): Promise<OauthAnswer>;
  /** Takes a token back where the provider lets us; false: it does not, or could not be asked. */
  revoke(client: OauthClient, token: string): Promise<boolean>;
  close(): Promise<void>;
};
