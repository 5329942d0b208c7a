import type { DkimKey } from '../connectors/connector.ts';
import {
  backOffMailbox,
  getMailbox,
  lockMailboxes,
  pauseMailbox,
  reachMailbox,
  resumeMailbox,
  type UnhealthyMailboxesResult,
  type UsableMailboxResult,
  unhealthyMailboxes,
  usableMailbox,
} from '../db/queries/mailboxes.gen.ts';
import type { Json } from '../schema.gen.ts';
import { endWhereGone, inOrg, type OrgWork } from './flag_walks.ts';
import { raiseFlags, resolveFlags } from './flags.ts';
import type { Scope } from './scope.ts';
import { openSecret } from './sealed_secret.ts';

/** Waits while the mail server cannot be reached; the last one goes on until it is back. */
const UNREACHABLE_WAITS_S = [60, 5 * 60, 15 * 60, 60 * 60];
/** A restart of the server is over before this; from here on (six minutes) a person should know. */
const UNREACHABLE_FLAG_AT = 3;
/** Far more than an org has; of its mailboxes one sends. */
const MAILBOXES_MAX = 10_000;

/** A mailbox that may send now. */
export type SendingMailbox = {
  id: string;
  address: string;
  display_name: string;
  dkim: DkimKey | null;
  /** Its server could not be reached at the last try: one message at a time finds out whether it is back. */
  probing: boolean;
};

/**
 * The mailbox that sends for the org, or null while it is paused or its server is left alone. A mailbox whose key
 * cannot be opened is paused: what was to be signed never leaves unsigned.
 */
export async function sendingMailbox(scope: Scope, secret: string): Promise<SendingMailbox | null> {
  const { tx, org_id } = scope;
  const [row] = await usableMailbox.run({ org_id, now: scope.clock.now() }, tx);
  if (row === undefined) return null;
  const dkim = dkimOf(row, secret);
  if (dkim === undefined) {
    const reason = 'the DKIM key cannot be opened with this TOUCHLINE_SECRET: set the key again';
    await pauseByServer(scope, row.id, reason, {});
    return null;
  }
  const { id, address, display_name, unreachable_count } = row;
  return { id, address, display_name, dkim, probing: unreachable_count > 0 };
}

/** What a mailbox's sealed key is bound to. */
export function dkimKeyOwner(org_id: string, mailbox_id: string): readonly string[] {
  return ['mailbox_dkim', org_id, mailbox_id];
}

function dkimOf(row: UsableMailboxResult, secret: string): DkimKey | null | undefined {
  const { org_id, id, dkim_domain, dkim_selector, dkim_private_key } = row;
  if (dkim_domain === null || dkim_selector === null || dkim_private_key === null) return null;
  const private_key = openSecret(secret, dkim_private_key, dkimKeyOwner(org_id, id));
  return private_key === null ? undefined : { domain: dkim_domain, selector: dkim_selector, private_key };
}

/** The mail server refused the mailbox, not the message: nothing more leaves from it until a person resumes it. */
export async function pauseByServer(
  scope: Scope,
  id: string,
  reason: string,
  detail: Record<string, Json>,
): Promise<void> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const pause = { org_id, id, now, reason, paused_by: 'server' as const, paused_by_user_id: null };
  const [paused] = await pauseMailbox.run(pause, tx);
  if (paused === undefined) return;
  scope.log?.warn(
    { org_id, mailbox_id: id },
    'a mailbox was paused: nothing leaves from it until touchline mailbox resume',
  );
  // An open warning that the server is away would keep this one, which says more, from being raised.
  await resolveFlags(scope, { kind: 'mailbox_health', subjects: [id], resolution: 'paused' });
  await raiseMailboxHealth(scope, id, { address: paused.address, cause: 'paused', reason, ...detail });
}

/** False: it was paused already. No flag: whoever paused it knows. */
export async function pauseByPerson(
  scope: Scope,
  id: string,
  pause: { reason: string; user_id: string },
): Promise<boolean> {
  const { reason, user_id: paused_by_user_id } = pause;
  const row = { org_id: scope.org_id, id, now: scope.clock.now(), reason, paused_by_user_id };
  const paused = await pauseMailbox.run({ ...row, paused_by: 'person' }, scope.tx);
  return paused.length > 0;
}

/** Lets a mailbox send at once, whatever kept it. Only in a person's name: the database takes it from nobody else. */
export async function resumeByPerson(scope: Scope, id: string, user_id: string): Promise<void> {
  const { tx, org_id } = scope;
  await resumeMailbox.run({ org_id, id }, tx);
  const gone = { kind: 'mailbox_health' as const, subjects: [id], resolution: 'resumed' };
  await resolveFlags(scope, { ...gone, by_user_id: user_id });
}

/**
 * The server could not be reached: the whole mailbox waits 1, 5, 15, then 60 minutes, so that no message is charged
 * with it. Returns the next try, or null if the wait was begun by someone else already.
 */
export async function backOff(scope: Scope, id: string, error: string): Promise<Date | null> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const [waits] = await backOffMailbox.run({ org_id, id, now, error, waits_s: UNREACHABLE_WAITS_S }, tx);
  if (waits === undefined) return null;
  if (waits.unreachable_count >= UNREACHABLE_FLAG_AT) {
    const { address, unreachable_count } = waits;
    await raiseMailboxHealth(scope, id, { address, cause: 'unreachable', reason: error, unreachable_count });
  }
  return waits.retry_at;
}

/** The server answered: what was counted against it is forgotten. */
export async function markReachable(scope: Scope, id: string): Promise<void> {
  const { tx, org_id } = scope;
  const reached = await reachMailbox.run({ org_id, id }, tx);
  if (reached.length === 0) return;
  await resolveFlags(scope, { kind: 'mailbox_health', subjects: [id], resolution: 'cause_gone' });
}

/** The flag stands exactly as long as a mailbox is refused or cannot be reached. */
export async function checkMailboxes(work: OrgWork): Promise<void> {
  await endWhereGone(work, 'mailbox_health', async (scope) => {
    // Locked first: a pause raises its flag in the same transaction, so neither is seen without the other.
    await lockMailboxes.run({ org_id: scope.org_id, limit: MAILBOXES_MAX }, scope.tx);
    return (await unhealthy(scope)).map((row) => row.id);
  });
  await inOrg(work, async (scope) => {
    for (const row of await unhealthy(scope)) {
      await raiseMailboxHealth(scope, row.id, troubleOf(row));
    }
  });
}

function troubleOf(row: UnhealthyMailboxesResult): Record<string, Json> {
  const { address, paused_by, unreachable_count, reading_error } = row;
  if (paused_by !== null && row.paused_reason !== null) {
    return { address, cause: 'paused', reason: row.paused_reason };
  }
  if (unreachable_count >= UNREACHABLE_FLAG_AT) {
    return { address, cause: 'unreachable', reason: row.unreachable_error, unreachable_count };
  }
  return { address, cause: 'unreadable', reason: reading_error };
}

/** Its server does not let us read it: what comes back is not seen until a person has cleared that up. */
export async function tellOfUnreadable(scope: Scope, mailbox_id: string, reason: string): Promise<void> {
  const [mailbox] = await getMailbox.run({ org_id: scope.org_id, id: mailbox_id }, scope.tx);
  const address = mailbox?.address ?? null;
  await raiseMailboxHealth(scope, mailbox_id, { address, cause: 'unreadable', reason });
}

function unhealthy({ org_id, tx }: Scope) {
  return unhealthyMailboxes.run({ org_id, unreachable_count: UNREACHABLE_FLAG_AT, limit: MAILBOXES_MAX }, tx);
}

async function raiseMailboxHealth(
  scope: Scope,
  mailbox_id: string,
  detail: Record<string, Json>,
): Promise<void> {
  const about = { mailbox_id, ...detail };
  await raiseFlags(scope, [
    { kind: 'mailbox_health', subject: mailbox_id, for_role: 'revops', detail: about },
  ]);
}
