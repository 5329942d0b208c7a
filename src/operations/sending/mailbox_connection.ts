import { z } from 'zod';
import type { OauthAnswer, OauthTokens } from '../../connectors/oauth_port.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import {
  sealedTokens,
  type TokenOwner,
  waitsForConnection,
} from '../../coordinator/sending/mailbox_tokens.ts';
import { resumeByPerson } from '../../coordinator/sending/mailboxes.ts';
import type { Queryable } from '../../db/pool.ts';
import {
  connectMailboxGrant,
  type ShownMailboxGrantsResult,
  shownMailboxGrants,
} from '../../db/queries/mailbox_grants.gen.ts';
import { lockMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { OAUTH_PROVIDER_VALUES } from '../../schema.gen.ts';
import { id, noun, nullableInstant } from '../fields.ts';

/** Where the provider sends the browser back to, behind the public URL: the client there has to know this address. */
export const MAILBOX_CALLBACK = '/api/v1/mailboxes/oauth/callback';

export type LastingTokens = OauthTokens & { refresh_token: string };

/**
 * Keeps what the provider gave, in the name of who connected the mailbox; one that stood still for want of it goes on. False:
 * meanwhile it was to be connected otherwise, or its servers are others. `state_sha256`: of the consent that was asked for.
 */
export async function keepConnection(
  scope: Scope,
  owner: TokenOwner,
  tokens: LastingTokens,
  by: { user_id: string; state_sha256: Buffer | null; secret: string },
): Promise<boolean> {
  const { tx, org_id, clock } = scope;
  const { user_id, state_sha256, secret } = by;
  const [mailbox] = await lockMailbox.run({ org_id, id: owner.mailbox_id }, tx);
  const sealed = sealedTokens({ secret, clock }, owner, tokens);
  const kept = { ...sealed, refresh_token: sealed.refresh_token!, user_id, state_sha256, now: clock.now() };
  const connected = await connectMailboxGrant.run({ ...owner, ...kept }, tx);
  if (connected.length === 0 || mailbox === undefined) return false;
  if (waitsForConnection(mailbox)) await resumeByPerson(scope, mailbox.id, user_id);
  return true;
}

/** What was given, if it lasts. Throws `oauth_refused` and `oauth_unavailable`. */
export function lastingTokens(answer: OauthAnswer, shown: string | null = null): LastingTokens {
  if (answer.kind === 'tokens') {
    const refresh_token = answer.tokens.refresh_token ?? shown;
    if (refresh_token !== null) return { ...answer.tokens, refresh_token };
    throw new AppError('oauth_refused', 'The provider gave no refresh token, so the connection would end.', {
      hint: 'Allow the client offline access at the provider (often the scope offline_access), and begin again.',
    });
  }
  if (answer.kind === 'unreachable') throw oauthUnavailable(answer.code);
  throw new AppError('oauth_refused', `The provider did not connect the mailbox (${answer.code}).`, {
    hint: HINTS[answer.code] ?? 'Look at the client at the provider, and begin again.',
  });
}

export function oauthMissing(): AppError {
  return new AppError('oauth_unavailable', 'This process asks no providers for tokens.', {
    status: 409,
    hint: 'Begin again at a server that was started by touchline up or touchline serve.',
  });
}

function oauthUnavailable(code: string): AppError {
  return new AppError('oauth_unavailable', `The provider could not be asked (${code}).`, {
    status: 503,
    hint: 'Nothing was changed. Look at the token URL, and begin again in a minute.',
  });
}

const HINTS: Readonly<Record<string, string>> = {
  access_denied: 'Begin again, sign in at the provider as the user of the mailbox, and consent.',
  invalid_client: 'Look at client_id and client_secret, and begin again.',
  invalid_grant: 'The code or the refresh token is over, or of another client: begin again.',
  unauthorized_client: 'Allow the client this address to come back to, and refresh tokens; then begin again.',
};

export const oauthOutput = noun('MailboxGrant', {
  provider: z.enum(OAUTH_PROVIDER_VALUES),
  user: z.string().describe('as whom the mail servers are entered'),
  connected_at: nullableInstant.describe('null: it is not connected, and has to be before it sends'),
  connected_by: id.nullable(),
  failed_at: nullableInstant.describe('when the provider last gave no token'),
  failure: z.string().nullable().describe('why, in one stable word; invalid_grant: connect it again'),
});

/** What is shown of the grants of these mailboxes, by their ids. */
export async function shownGrants(
  db: Queryable,
  mailboxes: readonly { org_id: string; id: string }[],
): Promise<ReadonlyMap<string, z.input<typeof oauthOutput>>> {
  const [first] = mailboxes;
  if (first === undefined) return new Map();
  const asked = { org_id: first.org_id, mailbox_ids: mailboxes.map((mailbox) => mailbox.id) };
  return new Map((await shownMailboxGrants.run(asked, db)).map((grant) => [grant.mailbox_id, shown(grant)]));
}

function shown({ mailbox_id: _, login_user: user, ...rest }: ShownMailboxGrantsResult) {
  return { ...rest, user };
}
