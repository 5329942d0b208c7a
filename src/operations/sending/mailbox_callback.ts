import type { Context } from '../../context.ts';
import { clientOf, grantSecretOwner } from '../../coordinator/sending/mailbox_tokens.ts';
import { openSecret } from '../../coordinator/sending/sealed_secret.ts';
import { actingDb } from '../../db/acting.ts';
import { type ActingDb, transaction } from '../../db/pool.ts';
import { takeMailboxGrant } from '../../db/queries/mailbox_grants.gen.ts';
import { getMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf, type Principal } from '../../principal.ts';
import { sha256 } from '../access/sessions.ts';
import { requirePerson } from '../fields.ts';
import { PERMISSIONS } from '../permissions.ts';
import { requirePermission } from '../run.ts';
import { keepConnection, lastingTokens, MAILBOX_CALLBACK, oauthMissing } from './mailbox_connection.ts';

const STATE_MAX = 500;

export type ConnectedMailbox = { id: string; address: string; paused_reason: string | null };

/**
 * Completes a connection that a person began: the provider redirects them here with a code, in a browser where they are
 * signed in. Someone else's link, a second visit, or a late one finds nothing. Throws `unauthenticated`,
 * `oauth_state_invalid`, `oauth_refused`, `oauth_unavailable`, `secret_unreadable`.
 */
export async function finishConnecting(
  context: Context,
  principal: Principal | null,
  query: URLSearchParams,
  { request_id }: { request_id: string },
): Promise<ConnectedMailbox> {
  if (principal === null) {
    throw new AppError('unauthenticated', 'Not signed in to Touchline in this browser.', {
      hint: 'Sign in as the person who began the connection, then reload this page.',
    });
  }
  requirePermission(PERMISSIONS.connect_mailbox, principal);
  const user_id = requirePerson(principal);
  const { clock, secret, mail_oauth } = context;
  const { org_id } = principal;
  const db = callbackDb(context, principal, request_id);
  const state = query.get('state') ?? '';
  if (state === '' || state.length > STATE_MAX) throw stateInvalid();
  const state_sha256 = sha256(state);
  const grant = await takeMailboxGrant.one({ org_id, state_sha256, user_id, now: clock.now() }, db);
  if (grant === undefined) throw stateInvalid();
  const { mailbox_id } = grant;
  const owner = { org_id, mailbox_id };
  const client = clientOf(grant, secret);
  const code_verifier = openSecret(secret, grant.code_verifier!, grantSecretOwner('code_verifier', owner));
  if (client === null || code_verifier === null)
    throw new AppError('secret_unreadable', 'The connection began with another TOUCHLINE_SECRET.', AGAIN);
  if (mail_oauth === undefined) throw oauthMissing();
  const callback_url = new URL(`${context.public_url}${MAILBOX_CALLBACK}?${query}`);
  const tokens = lastingTokens(await mail_oauth.exchange(client, callback_url, { state, code_verifier }));
  const connected = await transaction(db, actorOf(principal), async (tx) => {
    const scope = { tx, org_id, clock };
    if (!(await keepConnection(scope, owner, tokens, { user_id, state_sha256, secret })))
      throw stateInvalid();
    return getMailbox.one({ org_id, id: mailbox_id }, tx);
  });
  context.nudge();
  const { id, address, paused_reason } = connected!;
  return { id, address, paused_reason };
}

/** Recorded as the second half of connect_mailbox. */
function callbackDb({ db, clock }: Context, principal: Principal, request_id: string): ActingDb {
  const actor = actorOf(principal);
  const asked_by = { kind: 'human', id: actor.id ?? '' } as const;
  const at = clock.now().toISOString();
  return actingDb(db, actor, { surface: 'web', operation: 'connect_mailbox', request_id, at, asked_by });
}

const AGAIN = { hint: 'Start again: touchline mailbox connect.' };

const stateInvalid = () =>
  new AppError(
    'oauth_state_invalid',
    'This link is invalid: you did not begin the connection, it was used, or 15 minutes have passed.',
    AGAIN,
  );
