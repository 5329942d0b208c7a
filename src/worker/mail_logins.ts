import type { SendOutcome } from '../connectors/connector.ts';
import type { Context } from '../context.ts';
import { freshToken } from '../coordinator/sending/mailbox_tokens.ts';
import { backOff, pauseByServer, type SendingMailbox } from '../coordinator/sending/mailboxes.ts';
import { systemDb } from '../db/acting.ts';
import { mailboxesToRenew } from '../db/queries/mailbox_grants.gen.ts';
import { inScope } from './in_scope.ts';

/** The metric label: part of sending. */
const STAGE = 'send';
const AT_ONCE = 20;
/** Credentials invalid (RFC 4954 section 6): a server's answer to an expired token. */
const LOGIN_REFUSED = 535;

/**
 * Renews expiring tokens of an organization's sending mailboxes, outside any transaction and before any reservation. If a
 * provider refuses, its mailbox is paused until a person connects it again; if a provider is unreachable, the mailbox waits
 * as for an unreachable mail server. Never throws.
 */
export async function renewTokens(context: Context, org_id: string): Promise<void> {
  if (context.mail_oauth === undefined) return;
  const { db, clock, log } = context;
  try {
    const asked = { org_id, now: clock.now(), limit: AT_ONCE };
    const ending = await mailboxesToRenew.run(asked, systemDb(db, org_id));
    const renewed = ending.map(({ id }) => renew(context, org_id, id));
    for (const one of await Promise.allSettled(renewed)) if (one.status === 'rejected') throw one.reason;
  } catch (err) {
    log.error({ err, org_id }, 'mailbox tokens could not be renewed; retrying');
  }
}

async function renew(context: Context, org_id: string, mailbox_id: string): Promise<void> {
  const answer = await freshToken(context, { org_id, mailbox_id });
  if (answer.kind === 'token') return;
  const { kind, code, reason } = answer;
  context.log.warn({ org_id, mailbox_id, code }, 'a mailbox token was refused');
  await inScope(context, { org_id, stage: STAGE }, async (scope) => {
    if (kind === 'refused') await pauseByServer(scope, mailbox_id, reason, { failure: code });
    else await backOff(scope, mailbox_id, reason);
  });
}

/**
 * Sends, and retries once if the server refused the token, which may have expired earlier than its provider said. No part
 * of the message was sent by then. Later messages of the mailbox use the new token.
 */
export async function withFreshLogin(
  context: Context,
  mailbox: SendingMailbox,
  { org_id }: { org_id: string },
  send: () => Promise<SendOutcome>,
): Promise<SendOutcome> {
  const { connection, id: mailbox_id } = mailbox;
  const outcome = await send();
  const auth = connection?.auth;
  if (!connection || !auth || 'pass' in auth || !isLoginRefused(outcome)) return outcome;
  const answer = await freshToken(context, { org_id, mailbox_id }, { refused: auth.access_token });
  if (answer.kind === 'token') {
    const { user, access_token } = answer;
    mailbox.connection = { ...connection, auth: { user, access_token } };
    return send();
  }
  const { reason: response } = answer;
  if (answer.kind === 'unreachable') return { kind: 'deferred', response, unreachable: true };
  return { kind: 'rejected', smtp_code: LOGIN_REFUSED, response, scope: 'sender', stage: 'open' };
}

function isLoginRefused(outcome: SendOutcome): boolean {
  return outcome.kind === 'rejected' && outcome.stage === 'open' && outcome.smtp_code === LOGIN_REFUSED;
}
