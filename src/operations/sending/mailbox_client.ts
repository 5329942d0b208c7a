import { z } from 'zod';
import type { OauthClient } from '../../connectors/oauth_port.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { MAIL_PROVIDERS, readOauthUrl } from '../../mail/providers.ts';
import { OAUTH_PROVIDER_VALUES } from '../../schema.gen.ts';

/** A text without control characters. */
export const word = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'has a control character');
/** RFC 6749 section 3.3. */
const scope = z
  .string()
  .max(500)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is not a scope');
const url = z.string().trim().max(2_000);

/** The OAuth client at a provider. */
export const clientInput = {
  provider: z
    .enum(OAUTH_PROVIDER_VALUES)
    .optional()
    .describe('custom: any other, by its URLs; default: as before'),
  client_id: word(500).optional().describe('id of your client at the provider'),
  client_secret: word(4_096).optional().describe('sealed and never shown again; none for a public client'),
  authorize_url: url.optional().describe('for a custom provider: https, or this machine'),
  token_url: url.optional().describe('for a custom provider: https on the public internet'),
  scopes: z.array(scope).max(50).optional().describe('default: the mail scopes of google and microsoft'),
  user: word(320).optional().describe('login at the mail servers; default: the address'),
};
const client = z.object(clientInput);
type ClientInput = z.output<typeof client>;

/**
 * True if the mailbox reconnects with its former client. Throws `oauth_client_incomplete` if fields are given without a
 * provider.
 */
export function isAsBefore(given: ClientInput): boolean {
  if (given.provider !== undefined) return false;
  const { provider: _, ...rest } = given;
  const named = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (named.length === 0) return true;
  throw clientIncomplete([{ path: 'provider', message: `is required with ${named[0]![0]}` }]);
}

/**
 * The client from the input. `has_token`: no consent is needed. Throws `oauth_client_incomplete` and `oauth_url_refused`.
 */
export function clientGiven(
  { provider = 'custom', client_id, client_secret, authorize_url, token_url, scopes }: ClientInput,
  { has_token, allow_local }: { has_token: boolean; allow_local: boolean },
): OauthClient {
  const errors: FieldError[] = [];
  const fault = (path: string, message: string) => errors.push({ path, message });
  if (client_id === undefined) fault('client_id', 'is required with a provider');
  if (provider !== 'custom') {
    if (authorize_url !== undefined) fault('authorize_url', `must be left out: ${provider} has its own`);
    if (token_url !== undefined) fault('token_url', `must be left out: ${provider} has its own`);
  } else {
    if (token_url === undefined) fault('token_url', 'is required with a custom provider');
    if (authorize_url === undefined && !has_token)
      fault('authorize_url', 'is required with a custom provider, unless there is a refresh_token');
  }
  if (errors.length > 0) throw clientIncomplete(errors);
  const named = { provider, client_id: client_id!, client_secret: client_secret ?? null };
  if (provider !== 'custom') {
    const { authorize_url, token_url, scopes: usual } = MAIL_PROVIDERS[provider];
    return { ...named, authorize_url, token_url, scopes: scopes ?? usual };
  }
  const read = (text: string, path: string, is_asked_by_us: boolean) =>
    readOauthUrl(text, path, { allow_local, is_asked_by_us });
  return {
    ...named,
    authorize_url: authorize_url === undefined ? null : read(authorize_url, 'authorize_url', false),
    token_url: read(token_url!, 'token_url', true),
    scopes: scopes ?? [],
  };
}

export function clientIncomplete(errors: FieldError[]): AppError {
  return new AppError('oauth_client_incomplete', 'The details to connect the mailbox are incomplete.', {
    errors,
    hint: 'Create a client at the provider, then give provider, client_id, and client_secret.',
  });
}
