import type { Decision } from '../../core/gate/decision.ts';
import { decide } from '../../core/gate/gates.ts';
import { sendableDrafts } from '../../db/queries/drafts.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import * as claimSql from '../../db/queries/send_claims.gen.ts';
import * as queueSql from '../../db/queries/send_queue.gen.ts';
import { insertTouches } from '../../db/queries/touches.gen.ts';
import { newId } from '../../ids.ts';
import type { SalesSendQueueRow, SendAttemptsRow, TouchesRow } from '../../schema.gen.ts';
import { holdRow } from '../cadence/holds.ts';
import { type AskedAbout, decisionEvent, itemSubject, type NewEvent } from '../gate/events.ts';
import { factsOf, type LeadSnapshot, lockAndReadLeads } from '../gate/facts.ts';
import { writeDecisions } from '../gate/pauses.ts';
import { rowsJson } from '../gate/rows.ts';
import { type OrgPolicy, orgPolicy, type Scope } from '../gate/scope.ts';
import { touchRow } from '../gate/touches.ts';
import { Deferrals } from './deferrals.ts';
import { settleMailboxes } from './mailbox_choice.ts';
import { readTurn } from './mailbox_turns.ts';
import { lockSending, raiseBounceRate, type SendingMailbox } from './mailboxes.ts';
import { messageId } from './message_id.ts';
import { approvedUntil } from './undo_time.ts';

export type SendableItem = claimSql.ClaimSendableItemsResult;

export type ReservedSend = {
  attempt_id: string;
  message_id: string;
  mailbox: SendingMailbox;
  item: SendableItem;
  to_id: string;
  subject: string;
  body: string;
  /** Message-IDs of the enrollment's earlier messages, oldest first. */
  thread: readonly string[];
  /** By the product's clock: the attempt is no longer ours after this. */
  lease_until: Date;
};

export type ReserveOptions = {
  limit: number;
  /** Makes the Message-ID the same for every attempt of the same text, and opens the mailbox's key. */
  secret: string;
  /** Real time; `speed` is the clock's speed, so that a faster clock does not end a lease early. */
  lease_ms: number;
  speed: number;
};

export type ClaimedItems = { mailbox: SendingMailbox; items: readonly SendableItem[] };

/**
 * Decides approved touches that are due, under their leads' locks, and reserves those that pass: the touch is in the ledger
 * and the attempt recorded before a mail server gets anything. One touch per lead at a time; the others wait for the next
 * round and see it. A touch outside the send window or over its mailbox's limit is deferred, which is not a suppression.
 * While a mailbox may not send, its items are not even claimed; every mailbox has its share of the batch, so that none
 * waits behind another's items.
 */
export async function reserveSends(scope: Scope, options: ReserveOptions): Promise<ReservedSend[]> {
  const reserved: ReservedSend[] = [];
  for (const claimed of await claimForSending(scope, options)) {
    reserved.push(...(await reserveItems(scope, claimed, options)));
  }
  return reserved;
}

/**
 * Empty if there is nothing to send, or no mailbox to send from. A mailbox whose server has yet to prove that it is back
 * gets one item. Mailboxes are locked before any lead, which never makes them wait.
 */
export async function claimForSending(scope: Scope, options: ReserveOptions): Promise<ClaimedItems[]> {
  const { secret, limit } = options;
  await settleMailboxes(scope);
  const { policy, version: policy_version } = await orgPolicy(scope);
  const mailboxes = await lockSending(scope, { secret, policy_version, limit });
  const share = Math.ceil(limit / Math.max(1, mailboxes.length));
  const now = scope.clock.now();
  const due = { now, policy_version, approved_until: approvedUntil(policy, now, options.speed) };
  const claimed: ClaimedItems[] = [];
  for (const mailbox of mailboxes) {
    const items = await claimItems(scope, mailbox, due, mailbox.probing ? 1 : share);
    if (items.length > 0) claimed.push({ mailbox, items: onePerLead(items) });
  }
  return claimed;
}

async function claimItems(
  { tx, org_id }: Scope,
  { id: mailbox_id }: SendingMailbox,
  { now, policy_version, approved_until }: { now: Date; policy_version: number; approved_until: Date },
  limit: number,
): Promise<SendableItem[]> {
  const own = { org_id, mailbox_id, now, approved_until };
  const items = await claimSql.claimSendableItems.run({ ...own, limit }, tx);
  const room = limit - items.length;
  if (room === 0) return items;
  return [...items, ...(await claimSql.claimDeferredItems.run({ ...own, policy_version, limit: room }, tx))];
}

export async function reserveItems(
  scope: Scope,
  { mailbox, items }: ClaimedItems,
  options: ReserveOptions,
): Promise<ReservedSend[]> {
  const { tx, org_id } = scope;
  const org_policy = await orgPolicy(scope);
  const lead_ids = items.map((item) => item.lead_id);
  const { now_ms, leads } = await lockAndReadLeads(scope, lead_ids, org_policy.policy, { wait: false });
  const ids = items.map((item) => item.id);
  const unreserved = new Set((await claimSql.unreservedItems.run({ org_id, ids }, tx)).map((row) => row.id));
  const turn = await readTurn(scope, mailbox.limited, org_policy);
  const deferrals = new Deferrals({ scope, now_ms, org_policy, turn });
  const batch = new SendBatch(scope, { now_ms, org_policy, deferrals, caught: isCaught(scope, mailbox) });
  for (const item of items) {
    if (!unreserved.has(item.id)) continue;
    const lead = leads.get(item.lead_id);
    if (lead !== undefined) batch.add(item, lead);
  }
  await batch.writeRefusals();
  await raiseBounceRate(scope, turn);
  return batch.reserve(mailbox, options);
}

/**
 * The point of no return, checked just before DATA, under the lead's lock: true only if the attempt is still this
 * process's, its lease runs, nothing has stopped the touch since it was reserved, and the policy that allowed it is
 * current. An edit, cancel, opt-out, or pause of the enrollment, its campaign, or its lead either comes before it and stops
 * the message, or comes after it and finds a message being sent. A stopped message stays approved and is decided again.
 */
export async function mayBeginData(scope: Scope, send: ReservedSend): Promise<boolean> {
  const { tx, org_id } = scope;
  await lockLeads.run({ org_id, lead_ids: [send.item.lead_id] }, tx);
  const rows = await queueSql.beginData.run({ org_id, id: send.attempt_id, now: scope.clock.now() }, tx);
  return rows.length === 1;
}

/** True if the embedded catcher takes the mail; a mailbox with its own server is never caught. */
function isCaught({ catches_mail }: Scope, { connection }: SendingMailbox): boolean {
  return catches_mail === true && connection === null;
}

function onePerLead(items: readonly SendableItem[]): SendableItem[] {
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(item.lead_id) && seen.add(item.lead_id));
}

type BatchParts = { now_ms: number; org_policy: OrgPolicy; deferrals: Deferrals; caught: boolean };

class SendBatch {
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #org_policy: OrgPolicy;
  readonly #caught: boolean;
  readonly #allowed: { item: SendableItem; lead: LeadSnapshot; decision: Decision }[] = [];
  readonly #held: Partial<SalesSendQueueRow>[] = [];
  readonly #deferrals: Deferrals;
  readonly #events: NewEvent[] = [];
  readonly #asked: AskedAbout[] = [];
  readonly #blocked_leads: string[] = [];

  constructor(scope: Scope, { now_ms, org_policy, deferrals, caught }: BatchParts) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#org_policy = org_policy;
    this.#deferrals = deferrals;
    this.#caught = caught;
  }

  add(item: SendableItem, lead: LeadSnapshot): void {
    const { policy, version } = this.#org_policy;
    const to_real_server = !this.#caught;
    const decision = decide(factsOf(lead, item, 'sent', this.#now_ms, { to_real_server }), policy);
    const subject = itemSubject(item);
    this.#asked.push({ subject, decision });
    if (decision.outcome === 'allow') {
      const deferred = this.#deferrals.defer(item, subject, lead);
      if (deferred === null) this.#allowed.push({ item, lead, decision });
      else if (deferred !== 'told') this.#events.push(deferred);
      return;
    }
    const allowed = { event_type: 'sent' as const, coordinator_action: 'send' };
    this.#events.push(
      decisionEvent(subject, lead, decision, { moment: 'sent', policy_version: version, allowed }),
    );
    if (decision.reason === 'compliance_block') this.#blocked_leads.push(item.lead_id);
    else this.#held.push(holdRow(this.#scope, item.id, decision));
  }

  async writeRefusals(): Promise<void> {
    const { tx } = this.#scope;
    const now_ms = this.#now_ms;
    if (this.#held.length > 0) await queueSql.holdItems.run({ rows: rowsJson(this.#held) }, tx);
    await this.#deferrals.write();
    const batch = { events: this.#events, asked: this.#asked, blocked_leads: this.#blocked_leads };
    await writeDecisions(this.#scope, now_ms, batch);
  }

  async reserve(mailbox: SendingMailbox, options: ReserveOptions): Promise<ReservedSend[]> {
    if (this.#allowed.length === 0) return [];
    const { tx, org_id, clock } = this.#scope;
    const queue_ids = this.#allowed.map(({ item }) => item.id);
    const drafts = await sendableDrafts.run({ org_id, queue_ids }, tx);
    const draft_of = new Map(drafts.map((draft) => [draft.queue_id, draft]));
    const enrollment_ids = this.#allowed.map(({ item }) => item.enrollment_id);
    const threads = await queueSql.threadsOfEnrollments.run({ org_id, enrollment_ids }, tx);
    const thread_of = new Map(threads.map((row) => [row.enrollment_id, row.message_ids]));
    const at = new Date(this.#now_ms);
    const lease_until = new Date(this.#now_ms + options.lease_ms * options.speed);
    const mail_domain = mailbox.address.slice(mailbox.address.indexOf('@') + 1);
    const attempts: Partial<SendAttemptsRow>[] = [];
    const touches: Partial<TouchesRow>[] = [];
    const reserved: ReservedSend[] = [];
    for (const { item, lead } of this.#allowed) {
      const draft = draft_of.get(item.id);
      if (draft === undefined) continue;
      const attempt_id = newId(clock);
      const own_id = [org_id, item.id, String(draft.version)];
      const message_id = messageId({ secret: options.secret, mail_domain }, own_id);
      const { id: draft_id, content_hash } = draft;
      const ids = { org_id, queue_id: item.id };
      attempts.push({
        ...ids,
        id: attempt_id,
        draft_id,
        mailbox_id: mailbox.id,
        content_hash,
        message_id,
        stage: 'intent',
        policy_version: this.#org_policy.version,
        lease_until,
        started_at: at,
        recipient_domain: lead.email_domain,
        process_id: this.#scope.process_id ?? null,
        caught: this.#caught,
      });
      touches.push(touchRow(this.#scope, item, this.#now_ms));
      const { to_id, subject, body } = draft;
      reserved.push({
        attempt_id,
        message_id,
        mailbox,
        lease_until,
        item,
        to_id,
        subject: subject ?? '',
        body,
        thread: thread_of.get(item.enrollment_id) ?? [],
      });
    }
    await insertTouches.run({ rows: rowsJson(touches) }, tx);
    await queueSql.insertAttempts.run({ rows: rowsJson(attempts) }, tx);
    return reserved;
  }
}
