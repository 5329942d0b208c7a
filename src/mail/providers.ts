import { AppError } from '../errors.ts';
import { readOutsideUrl } from '../public_address.ts';
import type { OauthProvider } from '../schema.gen.ts';

type KnownProvider = {
  authorize_url: string;
  token_url: string;
  /** RFC 7009; null: the provider has none, so users revoke the consent there. */
  revoke_url: string | null;
  scopes: readonly string[];
  /** Extra parameters that make the provider issue a refresh token every time. */
  asked_with: Readonly<Record<string, string>>;
};

/**
 * Endpoints published by the providers. Their mail servers are in db/routines/mailbox_grants.sql, since the database keeps
 * tokens from other hosts.
 * - google: developers.google.com/identity/protocols/oauth2/web-server and /workspace/gmail/imap/xoauth2-protocol
 * - microsoft:
 *   learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
 */
export const MAIL_PROVIDERS: Readonly<Record<Exclude<OauthProvider, 'custom'>, KnownProvider>> = {
  google: {
    authorize_url: 'https://accounts.google.com/o/oauth2/v2/auth',
    token_url: 'https://oauth2.googleapis.com/token',
    revoke_url: 'https://oauth2.googleapis.com/revoke',
    scopes: ['https://mail.google.com/'],
    asked_with: { access_type: 'offline', prompt: 'consent' },
  },
  microsoft: {
    authorize_url: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    token_url: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    revoke_url: null,
    scopes: [
      'https://outlook.office.com/SMTP.Send',
      'https://outlook.office.com/IMAP.AccessAsUser.All',
      'offline_access',
    ],
    asked_with: {},
  },
};

/** The URL of a custom provider, read by `readOutsideUrl`. Throws `oauth_url_refused` with the path. */
export function readOauthUrl(
  text: string,
  path: string,
  options: { allow_local: boolean; is_asked_by_us: boolean },
): string {
  return readOutsideUrl(text, options, (why) => refused(path, why)).href;
}

function refused(path: string, why: string): AppError {
  return new AppError('oauth_url_refused', `The ${path} ${why}.`, {
    errors: [{ path, message: why }],
    hint: 'Use the https URL that the provider names for its authorization or token endpoint.',
  });
}
