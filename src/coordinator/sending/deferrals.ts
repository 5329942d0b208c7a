import { HOUR_MS } from '../../core/durations.ts';
import { earliestDepartureMs } from '../../core/gate/departure.ts';
import { closedUntil, localDay } from '../../core/gate/schedule.ts';
import { closedDates, type Opening } from '../../core/gate/send_hours.ts';
import { deferItems, endDeferrals } from '../../db/queries/send_queue.gen.ts';
import type { DeferredReason, Json, SalesSendQueueRow, SequenceType } from '../../schema.gen.ts';
import type { EventSubject, NewEvent } from '../gate/events.ts';
import type { LeadSnapshot } from '../gate/facts.ts';
import { rowsJson } from '../gate/rows.ts';
import type { OrgPolicy, Scope } from '../gate/scope.ts';
import type { MailboxTurn } from './mailbox_turns.ts';

type Deferrable = Pick<SalesSendQueueRow, 'id' | 'scheduled_at' | 'deferred_reason' | 'step_number'> & {
  sequence_type: SequenceType;
};
type Recipient = Pick<LeadSnapshot, 'time_zone' | 'calendar' | 'touches' | 'email_domain'>;
type Delay = { until_ms: number; reason: DeferredReason; detail: Record<string, Json> };

/** A smaller move of the planned time is not recorded: some message took a moment longer. */
const SAME_TURN_MS = HOUR_MS;

/** Touches that passed the gates but not the send window or the mailbox's limits, in one batch of one mailbox. */
export class Deferrals {
  readonly #rows: Partial<SalesSendQueueRow>[] = [];
  readonly #ended: string[] = [];
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #org_policy: OrgPolicy;
  readonly #turn: MailboxTurn;

  constructor({ scope, now_ms, org_policy, turn }: DeferralParts) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#org_policy = org_policy;
    this.#turn = turn;
  }

  /**
   * Defers a touch that may not be sent now, because of the send window or the mailbox's limits. Returns null if it may be
   * sent and has its place; otherwise the event, or `told` if an earlier event said the same.
   */
  defer(item: Deferrable, subject: EventSubject, lead: Recipient): NewEvent | 'told' | null {
    const delay = this.#closed(item, lead) ?? this.#bounced(item, lead) ?? this.#limited(item, lead);
    if (delay === null) {
      if (item.deferred_reason !== null) this.#ended.push(item.id);
      return null;
    }
    const { reason, detail } = delay;
    const until = new Date(delay.until_ms);
    const policy_version = this.#org_policy.version;
    const { org_id } = this.#scope;
    const why = { deferred_reason: reason, deferred_policy_version: policy_version, deferred_detail: detail };
    this.#rows.push({ org_id, id: item.id, scheduled_at: until, ...why });
    if (item.deferred_reason === reason && isSameTurn(item.scheduled_at.getTime(), delay)) return 'told';
    const deferred = { event_type: 'deferred', coordinator_action: 'defer', resolution: reason } as const;
    return { ...subject, ...deferred, moment: 'sent', until, policy_version, detail };
  }

  async write(): Promise<void> {
    const { tx, org_id } = this.#scope;
    if (this.#rows.length > 0) await deferItems.run({ rows: rowsJson(this.#rows) }, tx);
    if (this.#ended.length === 0) return;
    await endDeferrals.run({ org_id, ids: this.#ended, now: new Date(this.#now_ms) }, tx);
  }

  #closed(item: Deferrable, lead: Recipient): Delay | null {
    const { time_zone, calendar } = lead;
    const { business_hours, holidays } = this.#org_policy.policy;
    const closed_dates = closedDates(calendar.public_holidays, holidays);
    const closed = closedUntil(this.#now_ms, time_zone, business_hours, closed_dates);
    if (closed === null) return null;
    const holiday = closed.reason === 'holiday' ? calendar.nameOf(localDay(this.#now_ms, time_zone)) : null;
    const until_ms = this.#departure(item, lead)(this.#now_ms);
    return { until_ms, reason: closed.reason, detail: holiday === null ? {} : { holiday } };
  }

  /** Follow-ups continue: their addresses accepted a message before. */
  #bounced(item: Deferrable, lead: Recipient): Delay | null {
    const { bounce_stop, mailbox } = this.#turn;
    if (bounce_stop === null || item.step_number > 1) return null;
    const { until_ms, sent_count, bounced_count } = bounce_stop;
    const detail = { address: mailbox.address, sent_count, bounced_count };
    return { until_ms: this.#departure(item, lead)(until_ms), reason: 'bounce_rate', detail };
  }

  #limited(item: Deferrable, lead: Recipient): Delay | null {
    const { plan, mailbox } = this.#turn;
    const { email_domain: domain } = lead;
    const { at_ms, hit } = plan.fit(domain, this.#now_ms, this.#departure(item, lead));
    plan.take({ at_ms, domain });
    if (hit === null) return null;
    const { reason, ...counted } = hit;
    const detail = { mailbox_id: mailbox.id, address: mailbox.address, ...counted };
    return { until_ms: at_ms, reason, detail };
  }

  /** The earliest departure of the touch from an instant on. One exists, because the gates passed. */
  #departure({ sequence_type }: Deferrable, { calendar, ...lead }: Recipient): Opening {
    const touch = { ...lead, public_holidays: calendar.public_holidays, sequence_type };
    return (from_ms) => earliestDepartureMs(touch, this.#org_policy.policy, this.#now_ms, from_ms) ?? from_ms;
  }
}

export type DeferralParts = { scope: Scope; now_ms: number; org_policy: OrgPolicy; turn: MailboxTurn };

function isSameTurn(before_ms: number, { until_ms, reason }: Delay): boolean {
  if (reason === 'business_hours' || reason === 'holiday') return before_ms === until_ms;
  return Math.abs(until_ms - before_ms) < SAME_TURN_MS;
}
