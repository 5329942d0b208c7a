import { z } from 'zod';
import type { OauthClient } from '../../connectors/oauth_port.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { MAIL_PROVIDERS, readOauthUrl } from '../../mail/providers.ts';
import { OAUTH_PROVIDER_VALUES } from '../../schema.gen.ts';

const word = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'has a control character');
/** RFC 6749 section 3.3. */
const scope = z
  .string()
  .max(500)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no scope');
const url = z.string().trim().max(2_000);

/** Who Touchline is at a provider, and which one that is. */
export const clientInput = {
  provider: z
    .enum(OAUTH_PROVIDER_VALUES)
    .optional()
    .describe('custom: any other, by its URLs. Left out: it is connected again as it was'),
  client_id: word(500).optional().describe('what the provider calls the client that you made there'),
  client_secret: word(4_096).optional().describe('sealed, and never shown again; a public client has none'),
  authorize_url: url.optional().describe('of a custom provider: https, or this machine'),
  token_url: url.optional().describe('of a custom provider: https on the open internet'),
  scopes: z.array(scope).max(50).optional().describe('default: what mail needs at google and microsoft'),
  user: word(320).optional().describe('as whom the mail servers are entered; default: the address'),
};
const client = z.object(clientInput);
type ClientInput = z.output<typeof client>;

/** Whether the mailbox is to be connected as it was before. Throws `oauth_client_incomplete` where that is half said. */
export function isAsBefore(given: ClientInput): boolean {
  if (given.provider !== undefined) return false;
  const { provider: _, ...rest } = given;
  const named = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (named.length === 0) return true;
  throw clientIncomplete([{ path: 'provider', message: `is required with ${named[0]![0]}` }]);
}

/**
 * The client as it was given. `has_token`: nobody has to be sent to the provider. Throws `oauth_client_incomplete` and
 * `oauth_url_refused`.
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
    const known = MAIL_PROVIDERS[provider];
    const { authorize_url: consent_url, token_url: tokens_url } = known;
    const wanted = scopes ?? known.scopes;
    return { ...named, authorize_url: consent_url, token_url: tokens_url, scopes: wanted };
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
  return new AppError('oauth_client_incomplete', 'This does not say how the mailbox is to be connected.', {
    errors,
    hint: 'Make a client at the provider, and give provider, client_id and its client_secret.',
  });
}
