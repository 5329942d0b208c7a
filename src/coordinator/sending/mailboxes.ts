import * as sql from '../../db/queries/mailboxes.gen.ts';
import type { DkimKey, MailConnection } from '../../mail/messages.ts';
import type { Json } from '../../schema.gen.ts';
import { raiseFlags, resolveFlags } from '../gate/flags.ts';
import type { Scope } from '../gate/scope.ts';
import { sendingConnection } from './mailbox_logins.ts';
import { reconnectReason } from './mailbox_tokens.ts';
import type { LimitedMailbox, MailboxTurn } from './mailbox_turns.ts';
import { openSecret } from './sealed_secret.ts';

/** Waits while the mail server is unreachable; the last one repeats until it is back. */
const UNREACHABLE_WAITS_S = [60, 5 * 60, 15 * 60, 60 * 60];
/** A restart of the server takes less time; from here on (six minutes) a person should know. */
export const UNREACHABLE_FLAG_AT = 3;

export type SendingMailbox = {
  id: string;
  address: string;
  display_name: string;
  dkim: DkimKey | null;
  /** Its own server; null means the default server. */
  connection: MailConnection | null;
  limited: LimitedMailbox;
  /** The last attempt did not reach the server: single messages test whether it is back. */
  probing: boolean;
};

/**
 * Locks and returns the mailboxes that may send and have something to send: their counts cannot change until the
 * transaction ends. Retired or paused mailboxes, and those with an unreachable server or no token, are left out. One whose
 * key or password cannot be opened is paused: no message is sent unsigned or through another server instead.
 */
export async function lockSending(
  scope: Scope,
  { secret, policy_version, limit }: { secret: string; policy_version: number; limit: number },
): Promise<SendingMailbox[]> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const locked = await sql.lockSendingMailboxes.run({ org_id, now, policy_version, limit }, tx);
  if (locked.length === 0) return [];
  // Read in a separate statement, to see changes made while the first one waited for the lock.
  const rows = await sql.usableMailboxes.run({ org_id, ids: locked.map(({ id }) => id), now }, tx);
  const sending: SendingMailbox[] = [];
  for (const row of rows) {
    const dkim = dkimOf(row, secret);
    const connection = sendingConnection(row, { secret, now });
    // The token is being renewed (src/worker/mail_logins.ts), or its renewal failed, which the mailbox then reports.
    if (connection === 'no_token') continue;
    if (dkim === undefined || connection === undefined) {
      const by_token = dkim !== undefined && row.smtp_oauth;
      const what = dkim === undefined ? 'the DKIM key' : 'the password of its mail server';
      const reason = by_token
        ? reconnectReason({ mailbox_id: row.id }, 'secret_unreadable')
        : `${what} cannot be opened with this TOUCHLINE_SECRET: set it again`;
      await pauseByServer(scope, row.id, reason, {});
      continue;
    }
    const { id, address, display_name, unreachable_count } = row;
    const probing = unreachable_count > 0;
    sending.push({ id, address, display_name, dkim, connection, limited: row, probing });
  }
  return sending;
}

export function dkimKeyOwner(org_id: string, mailbox_id: string): readonly string[] {
  return ['mailbox_dkim', org_id, mailbox_id];
}

function dkimOf(row: sql.UsableMailboxesResult, secret: string): DkimKey | null | undefined {
  const { org_id, id, dkim_domain, dkim_selector, dkim_private_key } = row;
  if (dkim_domain === null || dkim_selector === null || dkim_private_key === null) return null;
  const private_key = openSecret(secret, dkim_private_key, dkimKeyOwner(org_id, id));
  return private_key === null ? undefined : { domain: dkim_domain, selector: dkim_selector, private_key };
}

/** The mail server rejected the mailbox, not the message: nothing more is sent from it until a person resumes it. */
export async function pauseByServer(
  scope: Scope,
  id: string,
  reason: string,
  detail: Record<string, Json>,
): Promise<void> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const pause = { org_id, id, now, reason, paused_by: 'server' as const, paused_by_user_id: null };
  const [paused] = await sql.pauseMailbox.run(pause, tx);
  if (paused === undefined) return;
  const about = { org_id, mailbox_id: id };
  scope.log?.warn(about, 'a mailbox was paused; resume it with touchline mailbox resume');
  // An open warning about an unreachable server would suppress this one, which says more.
  await resolveFlags(scope, { kind: 'mailbox_health', subjects: [id], resolution: 'paused' });
  await raiseMailboxHealth(scope, id, { address: paused.address, cause: 'paused', reason, ...detail });
}

/** Returns false if it was already paused. Raises no warning, since a person paused it. */
export async function pauseByPerson(
  scope: Scope,
  id: string,
  pause: { reason: string; user_id: string },
): Promise<boolean> {
  const { reason, user_id: paused_by_user_id } = pause;
  const row = { org_id: scope.org_id, id, now: scope.clock.now(), reason, paused_by_user_id };
  const paused = await sql.pauseMailbox.run({ ...row, paused_by: 'person' }, scope.tx);
  return paused.length > 0;
}

/** Lets a mailbox send at once, regardless of the cause of the pause. Only in a person's name: the database refuses any other actor. */
export async function resumeByPerson(scope: Scope, id: string, user_id: string): Promise<void> {
  const { tx, org_id } = scope;
  await sql.resumeMailbox.run({ org_id, id }, tx);
  const gone = { kind: 'mailbox_health' as const, subjects: [id], resolution: 'resumed' };
  await resolveFlags(scope, { ...gone, by_user_id: user_id });
}

/**
 * The server is unreachable: the whole mailbox waits 1, 5, 15, then 60 minutes, so that no message is charged with an
 * attempt. Returns the next attempt, or null if another worker began the wait.
 */
export async function backOff(scope: Scope, id: string, error: string): Promise<Date | null> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const [waits] = await sql.backOffMailbox.run({ org_id, id, now, error, waits_s: UNREACHABLE_WAITS_S }, tx);
  if (waits === undefined) return null;
  if (waits.unreachable_count >= UNREACHABLE_FLAG_AT) {
    const { address, unreachable_count } = waits;
    await raiseMailboxHealth(scope, id, { address, cause: 'unreachable', reason: error, unreachable_count });
  }
  return waits.retry_at;
}

/** The server answered: its failure count resets. */
export async function markReachable(scope: Scope, id: string): Promise<void> {
  const { tx, org_id } = scope;
  const reached = await sql.reachMailbox.run({ org_id, id }, tx);
  if (reached.length === 0) return;
  await resolveFlags(scope, { kind: 'mailbox_health', subjects: [id], resolution: 'cause_gone' });
}

/** Too many messages bounced: new enrollments wait, and a person should check the source of the addresses. */
export async function raiseBounceRate(scope: Scope, { mailbox, bounce_stop }: MailboxTurn): Promise<void> {
  if (bounce_stop === null) return;
  const { sent_count, bounced_count } = bounce_stop;
  const reason = `${bounced_count} of the ${sent_count} messages of the last 24 hours bounced`;
  const counted = { cause: 'bounce_rate', reason, sent_count, bounced_count };
  await raiseMailboxHealth(scope, mailbox.id, { address: mailbox.address, ...counted });
}

/** The server does not let us read the mailbox: replies and bounces stay unseen until a person fixes it. */
export async function reportUnreadable(scope: Scope, mailbox_id: string, reason: string): Promise<void> {
  const [mailbox] = await sql.getMailbox.run({ org_id: scope.org_id, id: mailbox_id }, scope.tx);
  const address = mailbox?.address ?? null;
  await raiseMailboxHealth(scope, mailbox_id, { address, cause: 'unreadable', reason });
}

export async function raiseMailboxHealth(
  scope: Scope,
  mailbox_id: string,
  detail: Record<string, Json>,
): Promise<void> {
  const about = { subject: mailbox_id, detail: { mailbox_id, ...detail } };
  await raiseFlags(scope, [{ kind: 'mailbox_health', for_role: 'revops', ...about }]);
}
