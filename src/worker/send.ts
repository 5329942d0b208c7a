import { setTimeout as sleep } from 'node:timers/promises';
import type { InvalidCause, MailSender, SendOutcome } from '../connectors/connector.ts';
import type { Context } from '../context.ts';
import type { Scope } from '../coordinator/gate/scope.ts';
import { giveBack, reserveEach } from '../coordinator/sending/attempts.ts';
import { recordOutcome } from '../coordinator/sending/outcomes.ts';
import { mayBeginData, type ReservedSend, reserveSends } from '../coordinator/sending/sending.ts';
import { isTransient, sqlState } from '../db/errors.ts';
import type { TransactionOptions } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import { type Attributes, traced } from '../telemetry/ports.ts';
import { inScope } from './in_scope.ts';
import { renewTokens, withFreshLogin } from './mail_logins.ts';
import { outboundMail, type SendingOrg } from './outbound_mail.ts';
import { rest } from './rest.ts';
import { longestSendMs, SEND_SETTINGS, type SendSettings } from './send_settings.ts';

/** A failover of the database takes seconds; a known outcome must outlast it: 0.2 + 0.4 + ... = 6.2 s. */
const RECORD_TRIES = 6;
const RECORD_WAIT_MS = 200;
/** A renewal takes a fraction of this; other mailboxes do not wait for a slower provider. */
const TOKEN_WAIT_MS = 2_000;
/** SQLSTATEs for a mailbox that was paused or retired since, or an organization that still has placeholder details. */
const MAILBOX_STOPPED = ['TL013', 'TL038', 'TL071'];
/** Class 22: a value that the database cannot store. */
const DATA_EXCEPTION = '22';

/** Metric label of this stage. */
export const SEND = 'send';

export type SendOptions = {
  /** Called before each message: once true, the current message is finished and the others are returned. */
  isStopping?: () => boolean;
  settings?: SendSettings;
};

/**
 * A known outcome must be recorded: it waits for the lead longer than the server lets any transaction stay idle with it.
 */
const RECORDING = { lock_timeout_ms: 12_000, statement_timeout_ms: 15_000 };

/**
 * Sends due messages: reserves a batch through the gate, hands each message to the mail server, and records each outcome at
 * once. No transaction stays open in between. Mailboxes send in parallel, so a slow server delays only its own. A mailbox
 * ends early when the worker stops, when the server refuses the mailbox or is unreachable, and when the lease would expire;
 * unsent reservations are returned unchanged. Returns the number of reservations.
 */
export async function sendApproved(
  context: Context,
  org: SendingOrg,
  mail: MailSender,
  { isStopping = () => false, settings = SEND_SETTINGS }: SendOptions = {},
): Promise<number> {
  const sender: Sender = { context, org, mail };
  const renewing = renewTokens(context, org.org_id);
  try {
    await forAWhile(renewing, TOKEN_WAIT_MS);
    return await sendReserved(sender, isStopping, settings);
  } finally {
    // A refresh token in exchange must be stored before the process stops.
    await renewing;
  }
}

async function forAWhile(work: Promise<void>, wait_ms: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, rest(wait_ms, over.signal)]);
  over.abort();
}

async function sendReserved(
  sender: Sender,
  isStopping: () => boolean,
  settings: SendSettings,
): Promise<number> {
  const reserved = await reserve(sender, settings);
  const by_mailbox = Map.groupBy(reserved, ({ mailbox }) => mailbox.id);
  const sending = Array.from(by_mailbox.values(), async (rest) => {
    try {
      while (rest.length > 0 && !isStopping() && leaseLasts(sender.context, rest[0]!, settings)) {
        const outcome = await sendOne(sender, rest.shift()!);
        if (concernsMailbox(outcome)) break;
      }
    } finally {
      await giveBackRest(sender, rest);
    }
  });
  for (const ended of await Promise.allSettled(sending)) if (ended.status === 'rejected') throw ended.reason;
  return reserved.length;
}

type Sender = { context: Context; org: SendingOrg; mail: MailSender };

async function reserve(sender: Sender, settings: SendSettings): Promise<ReservedSend[]> {
  const { clock, secret, log } = sender.context;
  const { batch: limit, lease_ms } = settings;
  const options = { limit, secret, lease_ms, speed: clock.speed };
  try {
    return await asCoordinator(sender, (scope) => reserveSends(scope, options));
  } catch (error) {
    if (isMailboxStopped(error)) return [];
    if (isTransient(error)) throw error;
    log.error({ err: error }, 'a batch could not be reserved; retrying each item alone');
    const report = (err: unknown, about: Record<string, string>) =>
      log.error({ err, ...about }, 'an item could not be reserved; it stays queued');
    return asCoordinator(sender, (scope) => reserveEach(scope, options, report));
  }
}

function isMailboxStopped(error: unknown): boolean {
  return MAILBOX_STOPPED.includes(sqlState(error) ?? '');
}

/** A hand-over that could outlast its lease is not begun. */
function leaseLasts({ clock }: Context, { lease_until }: ReservedSend, settings: SendSettings): boolean {
  return (lease_until.getTime() - clock.now_ms()) / clock.speed > longestSendMs(settings);
}

/** An answer about the server or the mailbox applies to every other message of the batch. */
function concernsMailbox(outcome: SendOutcome): boolean {
  if (outcome.kind === 'deferred') return outcome.unreachable ?? false;
  if (outcome.kind === 'invalid') return outcome.cause !== 'message';
  return outcome.kind === 'rejected' && outcome.scope === 'sender';
}

async function sendOne(sender: Sender, send: ReservedSend): Promise<SendOutcome> {
  const { metrics, tracer } = sender.context;
  const began_ms = performance.now();
  const outcome = await traced(tracer, { name: 'smtp send', kind: 'client' }, async (span) => {
    const known = await handOver(sender, send);
    span?.set(attributesOf(known));
    return known;
  });
  metrics?.handedOver(outcome.kind, (performance.now() - began_ms) / 1_000);
  await record(sender, send, outcome);
  return outcome;
}

/** A server's answer may contain an address; its codes do not. */
function attributesOf(outcome: SendOutcome): Attributes {
  const smtp_code = 'smtp_code' in outcome ? outcome.smtp_code : undefined;
  return {
    'touchline.outcome': outcome.kind,
    ...(smtp_code === undefined ? {} : { 'smtp.response.status_code': smtp_code }),
  };
}

/** A throw means that nothing was delivered: the message must not be sent, or the database was unreachable. */
async function handOver(sender: Sender, send: ReservedSend): Promise<SendOutcome> {
  const { context, org, mail } = sender;
  const beforeData = () => asCoordinator(sender, (scope) => mayBeginData(scope, send));
  try {
    return await withFreshLogin(context, send.mailbox, org, async () =>
      mail.send(outboundMail(context, org, send), { beforeData }),
    );
  } catch (error) {
    if (isMailboxStopped(error)) return { kind: 'canceled' };
    const response = error instanceof Error ? error.message : String(error);
    context.log.error({ err: error, queue_id: send.item.id }, 'a message could not be handed over');
    const cause = invalidCause(error);
    return cause === null ? { kind: 'deferred', response } : { kind: 'invalid', cause, response };
  }
}

/** The part to fix before the message can be built; null: none. */
function invalidCause(error: unknown): InvalidCause | null {
  if (!(error instanceof AppError)) return null;
  if (error.code === 'dkim_key_invalid') return 'mailbox';
  if (error.code === 'mail_footer_missing') return 'organization';
  if (!['mail_header_invalid', 'mail_address_invalid'].includes(error.code)) return null;
  const path = error.errors?.[0]?.path ?? '';
  if (path === 'from') return 'mailbox';
  return path.startsWith('footer.') || path === 'list_unsubscribe_url' ? 'organization' : 'message';
}

/**
 * Records a message's outcome. Omits a detail that the database refuses, never the outcome. If several attempts fail, the
 * sweep settles it: a possible delivery becomes unknown when its lease ends, and is never resent automatically.
 */
async function record(sender: Sender, send: ReservedSend, known: SendOutcome): Promise<void> {
  const { item, attempt_id } = send;
  let outcome = known;
  for (let tries = 1; ; tries += 1) {
    try {
      const settled = { item, attempt_id, outcome };
      return await asCoordinator(sender, (scope) => recordOutcome(scope, settled), RECORDING);
    } catch (err) {
      if (isTransient(err) && tries < RECORD_TRIES) {
        await sleep(RECORD_WAIT_MS * 2 ** (tries - 1));
        continue;
      }
      if (sqlState(err)?.startsWith(DATA_EXCEPTION) && outcome === known) {
        outcome = withoutDetail(known);
        continue;
      }
      const about = { err, attempt_id, queue_id: item.id, outcome: outcome.kind };
      sender.context.log.error(about, 'an outcome could not be recorded; it is settled when the lease ends');
      return;
    }
  }
}

function withoutDetail(outcome: SendOutcome): SendOutcome {
  return 'response' in outcome ? { ...outcome, response: 'the server’s response cannot be stored' } : outcome;
}

/** If even this cannot be recorded, the leases expire on their own. */
async function giveBackRest(sender: Sender, rest: readonly ReservedSend[]): Promise<void> {
  if (rest.length === 0) return;
  try {
    await asCoordinator(sender, (scope) => giveBack(scope, rest));
  } catch (err) {
    sender.context.log.error({ err, count: rest.length }, 'reserved messages could not be released');
  }
}

function asCoordinator<T>(
  { context, org }: Sender,
  run: (scope: Scope) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return inScope(context, { org_id: org.org_id, stage: SEND }, run, options);
}
