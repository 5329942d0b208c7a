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
import { connectMailboxGrant, shownMailboxGrants } from '../../db/queries/mailbox_grants.gen.ts';
import { lockMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { OAUTH_PROVIDER_VALUES } from '../../schema.gen.ts';
import { id, noun, nullableInstant } from '../fields.ts';

/** The redirect path behind the public URL, which must be registered at the provider. */
export const MAILBOX_CALLBACK = '/api/v1/mailboxes/oauth/callback';

export type LastingTokens = OauthTokens & { refresh_token: string };

/**
 * Stores the tokens in the name of the person who connected the mailbox, and resumes a mailbox that was paused for lack of
 * them. False if the connection was restarted or its servers changed in between. `state_sha256`: of the consent requested.
 */
export async function keepConnection(
  scope: Scope,
  owner: TokenOwner,
  tokens: LastingTokens,
  { user_id, state_sha256, secret }: { user_id: string; state_sha256: Buffer | null; secret: string },
): Promise<boolean> {
  const { tx, org_id, clock } = scope;
  const [mailbox] = await lockMailbox.run({ org_id, id: owner.mailbox_id }, tx);
  const sealed = sealedTokens({ secret, clock }, owner, tokens);
  const kept = { ...sealed, refresh_token: sealed.refresh_token!, user_id, state_sha256, now: clock.now() };
  const connected = await connectMailboxGrant.run({ ...owner, ...kept }, tx);
  if (connected.length === 0 || mailbox === undefined) return false;
  if (waitsForConnection(mailbox)) await resumeByPerson(scope, mailbox.id, user_id);
  return true;
}

/** The tokens, if they can be renewed. Throws `oauth_refused` and `oauth_unavailable`. */
export function lastingTokens(answer: OauthAnswer, shown: string | null = null): LastingTokens {
  if (answer.kind === 'tokens') {
    const refresh_token = answer.tokens.refresh_token ?? shown;
    if (refresh_token !== null) return { ...answer.tokens, refresh_token };
    throw new AppError(
      'oauth_refused',
      'The provider gave no refresh token, so the connection would expire.',
      {
        hint: 'Allow the client offline access at the provider (often the scope offline_access), then start again.',
      },
    );
  }
  if (answer.kind === 'unreachable') {
    throw new AppError('oauth_unavailable', `The provider is unreachable (${answer.code}).`, {
      status: 503,
      hint: 'Nothing was changed. Check the token URL, then try again in a minute.',
    });
  }
  throw new AppError('oauth_refused', `The provider did not connect the mailbox (${answer.code}).`, {
    hint: HINTS[answer.code] ?? 'Check the client at the provider, then start again.',
  });
}

export const oauthMissing = () =>
  new AppError('oauth_unavailable', 'This process cannot request tokens.', {
    status: 409,
    hint: 'Use a server started with touchline up or touchline serve.',
  });

const HINTS: Readonly<Record<string, string>> = {
  access_denied: 'Start again, sign in at the provider as the mailbox’s user, and consent.',
  invalid_client: 'Check client_id and client_secret, then start again.',
  invalid_grant: 'The code or refresh token expired or belongs to another client. Start again.',
  unauthorized_client: 'Allow the client this redirect address and refresh tokens, then start again.',
};

export const oauthOutput = noun('MailboxGrant', {
  provider: z.enum(OAUTH_PROVIDER_VALUES),
  user: z.string().describe('login at the mail servers'),
  connected_at: nullableInstant.describe('null: not connected, so it cannot send'),
  connected_by: id.nullable(),
  failed_at: nullableInstant.describe('when the provider last refused a token'),
  failure: z.string().nullable().describe('why, in one stable word; invalid_grant: connect again'),
});

/** The visible part of the grants of these mailboxes, by mailbox id. */
export async function shownGrants(
  db: Queryable,
  mailboxes: readonly { org_id: string; id: string }[],
): Promise<ReadonlyMap<string, z.input<typeof oauthOutput>>> {
  const [first] = mailboxes;
  if (first === undefined) return new Map();
  const asked = { org_id: first.org_id, mailbox_ids: mailboxes.map((mailbox) => mailbox.id) };
  const grants = await shownMailboxGrants.run(asked, db);
  return new Map(grants.map(({ mailbox_id, login_user: user, ...rest }) => [mailbox_id, { ...rest, user }]));
}
