import type { SendOutcome } from '../connectors/connector.ts';
import type { Context } from '../context.ts';
import {
  claimNotices,
  type Medium,
  mayBeginNotice,
  type NoticeDelivery,
  type NoticeOutcome,
  queueDigests,
  readNotice,
  settleNotice,
  type ToSend,
} from '../coordinator/notifications/deliveries.ts';
import { type NoticeMail, noticeRequest } from '../coordinator/notifications/notices.ts';
import { notificationUrlOwner } from '../coordinator/notifications/preferences.ts';
import { connectionOf, withToken } from '../coordinator/sending/mailbox_logins.ts';
import { userMessageId } from '../coordinator/sending/message_id.ts';
import { openSecret } from '../coordinator/sending/sealed_secret.ts';
import { MINUTE_MS } from '../core/durations.ts';
import { systemDb } from '../db/acting.ts';
import { noticeMailbox } from '../db/queries/notification_deliveries.gen.ts';
import { AppError } from '../errors.ts';
import type { OutboundMail } from '../mail/messages.ts';
import { inScope } from './in_scope.ts';
import { longestSendMs, SEND_SETTINGS } from './send_settings.ts';

/** Parallel deliveries in this process. Each user has one per medium at a time, so they arrive in order. */
const AT_ONCE_MAX = 16;
const STAGE = 'notifications';
/** Digests begin within this time of their hour. */
const DIGEST_POLL_MS = MINUTE_MS;
const NEVER = { looked_at_ms: Number.NEGATIVE_INFINITY, done_on: null };
const SETTLING = { lock_timeout_ms: 5_000, statement_timeout_ms: 10_000 };

export type NotifiedOrg = {
  org_id: string;
  sender_name: string;
  sender_address: string;
  own_since: Date | null;
};

/**
 * Delivers notifications by email and webhook, and queues the digests. An email whose attempt ended after DATA began is
 * unknown and never repeated; a webhook message may arrive twice after a crash.
 */
export class NotificationDeliverer {
  readonly #context: Context;
  /** User and medium of each delivery in progress. */
  readonly #under_way = new Set<string>();
  readonly #exchanges = new Set<Promise<void>>();
  /** By organization: when this process last looked for digests, and the day for which it queued them. */
  readonly #digests = new Map<string, { looked_at_ms: number; done_on: string | null }>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Queues due digests and begins due deliveries of an organization; returns the number begun. */
  async begin(org: NotifiedOrg): Promise<number> {
    const { org_id } = org;
    const limit = AT_ONCE_MAX - this.#exchanges.size;
    if (limit <= 0) return 0;
    const work = { org_id, stage: STAGE };
    await this.#queueDigests(org_id);
    const lease_ms = longestSendMs(SEND_SETTINGS) + MINUTE_MS;
    const asked = { media: this.#media(org), busy: [...this.#under_way], limit, lease_ms };
    const claimed = await inScope(this.#context, work, (scope) => claimNotices(scope, asked));
    for (const delivery of claimed) this.#start(org, delivery);
    return claimed.length;
  }

  /** Waits for deliveries in progress. */
  async drained(): Promise<void> {
    while (this.#exchanges.size > 0) await Promise.all(this.#exchanges);
  }

  async #queueDigests(org_id: string): Promise<void> {
    const now_ms = this.#context.clock.now_ms();
    const { looked_at_ms, done_on } = this.#digests.get(org_id) ?? NEVER;
    if (now_ms - looked_at_ms < DIGEST_POLL_MS) return;
    const work = { org_id, stage: STAGE };
    const queued_on = await inScope(this.#context, work, (scope) => queueDigests(scope, done_on));
    this.#digests.set(org_id, { looked_at_ms: now_ms, done_on: queued_on });
  }

  /** With placeholder details, real mail is held: the addresses of users may be samples too. */
  #media({ own_since }: NotifiedOrg): Medium[] {
    const { mail, catcher, webhooks } = this.#context;
    const may_mail = mail?.send !== undefined && (own_since !== null || catcher !== null);
    return [...(may_mail ? ['email' as const] : []), ...(webhooks === undefined ? [] : ['webhook' as const])];
  }

  #start(org: NotifiedOrg, delivery: NoticeDelivery): void {
    const key = `${delivery.user_id} ${delivery.medium}`;
    this.#under_way.add(key);
    const exchange = this.#deliver(org, delivery).finally(() => {
      this.#under_way.delete(key);
      this.#exchanges.delete(exchange);
    });
    this.#exchanges.add(exchange);
  }

  async #deliver(org: NotifiedOrg, delivery: NoticeDelivery): Promise<void> {
    const work = { org_id: org.org_id, stage: STAGE };
    const { log, public_url } = this.#context;
    try {
      const said = await inScope(this.#context, work, (scope) => readNotice(scope, delivery, public_url));
      const outcome = await this.#handOver(org, delivery, said);
      if (outcome === null) return;
      await inScope(this.#context, work, (scope) => settleNotice(scope, delivery, outcome), SETTLING);
    } catch (err) {
      log.error({ err, delivery_id: delivery.id }, 'a notification could not be delivered; retrying');
    }
  }

  /** Null: another claimant has taken over. */
  async #handOver(org: NotifiedOrg, delivery: NoticeDelivery, said: ToSend): Promise<NoticeOutcome | null> {
    if (said.kind === 'email') return this.#mail(org, delivery, said);
    if (said.kind !== 'webhook') return { kind: said.kind };
    const { webhooks, secret } = this.#context;
    const url = openSecret(secret, said.sealed, notificationUrlOwner(org.org_id, delivery.user_id));
    if (url === null) return { kind: 'failed', error: 'secret_lost' };
    const answer = await webhooks!.post(noticeRequest(said.form, url, said.notice));
    if (answer.kind !== 'answered') return { kind: 'again', error: answer.why };
    const { status } = answer;
    return {
      kind: status >= 200 && status < 300 ? 'delivered' : status === 410 ? 'failed' : 'again',
      status,
    };
  }

  async #mail(
    org: NotifiedOrg,
    delivery: NoticeDelivery,
    { to, mail }: { to: { name: string; address: string }; mail: NoticeMail },
  ): Promise<NoticeOutcome | null> {
    const work = { org_id: org.org_id, stage: STAGE };
    const beforeData = () => inScope(this.#context, work, (scope) => mayBeginNotice(scope, delivery));
    try {
      const message = await this.#message(org, delivery.id, { to, ...mail });
      return outcomeOf(await this.#context.mail!.send!(message, { beforeData }));
    } catch (err) {
      if (!(err instanceof AppError)) throw err;
      this.#context.log.warn({ err, delivery_id: delivery.id }, 'a notification could not be sent by email');
      return { kind: 'again', error: err.code };
    }
  }

  /** No touch: neither caps nor limits of mailboxes count it, and no gate is asked. */
  async #message(
    { org_id, sender_name, sender_address }: NotifiedOrg,
    id: string,
    words: { to: { name: string; address: string } } & NoticeMail,
  ): Promise<OutboundMail> {
    const { db, secret, clock } = this.#context;
    const [mailbox] = await noticeMailbox.run({ org_id }, systemDb(db, org_id));
    const from =
      mailbox === undefined
        ? { name: sender_name, address: sender_address }
        : { name: mailbox.display_name, address: mailbox.address };
    let connection = mailbox === undefined ? null : connectionOf(mailbox, secret);
    if (connection === undefined)
      throw new AppError('secret_unreadable', 'The mailbox’s password cannot be decrypted.');
    if (connection !== null && mailbox!.smtp_oauth)
      connection = await withToken(this.#context, mailbox!, connection);
    const mail_domain = from.address.slice(from.address.indexOf('@') + 1);
    return {
      message_id: userMessageId({ secret, mail_domain }, org_id, id),
      from,
      ...words,
      list_unsubscribe_url: null,
      footer: null,
      date: clock.now(),
      // RFC 3834 section 5: no automatic answer is wanted.
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...(connection === null ? {} : { connection }),
    };
  }
}

/** Only what follows DATA without an answer is unknown; everything else is known. */
function outcomeOf(outcome: SendOutcome): NoticeOutcome | null {
  switch (outcome.kind) {
    case 'sent':
      return { kind: 'delivered' };
    case 'unknown':
      return { kind: 'unknown', error: 'unanswered' };
    case 'canceled':
      return null;
    case 'rejected':
      return { kind: outcome.scope === 'recipient' ? 'failed' : 'again', status: outcome.smtp_code };
    case 'deferred':
      return { kind: 'again', status: outcome.smtp_code ?? null, error: 'deferred' };
    case 'invalid':
      return { kind: 'failed', error: 'message_invalid' };
  }
}
