import type { OauthProvider } from '../schema.gen.ts';

/** The port of OAuth 2.0 for mail servers, besides those of connector.ts. Never log its values. */

/** Provider errors that no wait resolves: RFC 6749 sections 4.1.2.1 and 5.2, and OpenID Connect. */
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

/** Our registration at a provider, and the provider's endpoints. */
export type OauthClient = {
  provider: OauthProvider;
  /** Null: no consent page. */
  authorize_url: string | null;
  token_url: string;
  client_id: string;
  /** Null: a public client. */
  client_secret: string | null;
  scopes: readonly string[];
};

/** The start of one consent. The requester keeps it. */
export type OauthFlow = { state: string; code_verifier: string };

/** `refresh_token` is null if the previous one stays valid. */
export type OauthTokens = { access_token: string; refresh_token: string | null; expires_in_s: number };

/**
 * - `tokens`: the provider granted them.
 * - `refused`: an error of `OAUTH_REFUSALS`, final until a person acts.
 * - `unreachable`: no understandable answer; possibly temporary. `code` is a stable word, never the provider's text.
 */
export type OauthAnswer =
  | { kind: 'tokens'; tokens: OauthTokens }
  | { kind: 'refused'; code: string }
  | { kind: 'unreachable'; code: string };

/** Requests tokens from providers. Each request ends within 10 s; only `begin` throws. */
export type MailOauth = {
  /** Whether providers on this machine are allowed. */
  allow_local: boolean;
  /**
   * The page to send the user to: authorization code with PKCE (RFC 7636, S256). `login_hint`: the account that should
   * consent.
   */
  begin(
    client: OauthClient,
    asked: { redirect_uri: string; login_hint: string },
  ): Promise<{ url: string; flow: OauthFlow }>;
  /** Exchanges the code of a consent. `callback_url` is the redirect URI with the provider's parameters. */
  exchange(client: OauthClient, callback_url: URL, flow: OauthFlow): Promise<OauthAnswer>;
  renew(client: OauthClient, refresh_token: string): Promise<OauthAnswer>;
  /** Revokes a token if the provider supports it; false if not revoked. */
  revoke(client: OauthClient, token: string): Promise<boolean>;
  close(): Promise<void>;
};
