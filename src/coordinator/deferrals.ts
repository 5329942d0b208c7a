import type { Policy } from '../core/policy.ts';
import { type Closed, closedUntil } from '../core/schedule.ts';
import { deferItems, endDeferrals } from '../db/queries/send_queue.gen.ts';
import type { SalesSendQueueRow } from '../schema.gen.ts';
import type { EventSubject, NewEvent } from './events.ts';
import { rowsJson } from './rows.ts';
import type { OrgPolicy, Scope } from './scope.ts';

type Deferrable = Pick<SalesSendQueueRow, 'id' | 'scheduled_at' | 'deferred_reason'>;

/** Touches that the gate lets go and the clock does not, in one batch. */
export class Deferrals {
  readonly #rows: Partial<SalesSendQueueRow>[] = [];
  readonly #ended: string[] = [];
  readonly #scope: Scope;
  readonly #now_ms: number;
  readonly #org_policy: OrgPolicy;

  constructor(scope: Scope, now_ms: number, org_policy: OrgPolicy) {
    this.#scope = scope;
    this.#now_ms = now_ms;
    this.#org_policy = org_policy;
  }

  /**
   * Puts a touch off if messages may not leave in this zone now. Null: it may leave. Otherwise the event that tells of
   * it, or `told` where an earlier one said the same.
   */
  defer(item: Deferrable, subject: EventSubject, time_zone: string): NewEvent | 'told' | null {
    const { policy, version } = this.#org_policy;
    const closed = closedNow(this.#now_ms, time_zone, policy);
    if (closed === null) {
      if (item.deferred_reason !== null) this.#ended.push(item.id);
      return null;
    }
    const until = new Date(closed.until_ms);
    const { reason } = closed;
    const { org_id } = this.#scope;
    const why = { deferred_reason: reason, deferred_policy_version: version };
    this.#rows.push({ org_id, id: item.id, scheduled_at: until, ...why });
    if (item.deferred_reason === reason && item.scheduled_at.getTime() === closed.until_ms) return 'told';
    const deferred = { event_type: 'deferred', coordinator_action: 'defer', resolution: reason } as const;
    return { ...subject, ...deferred, moment: 'sent', until, policy_version: version };
  }

  async write(): Promise<void> {
    const { tx, org_id } = this.#scope;
    if (this.#rows.length > 0) await deferItems.run({ rows: rowsJson(this.#rows) }, tx);
    if (this.#ended.length === 0) return;
    await endDeferrals.run({ org_id, ids: this.#ended, now: new Date(this.#now_ms) }, tx);
  }
}

function closedNow(now_ms: number, time_zone: string, policy: Policy): Closed | null {
  return closedUntil(now_ms, time_zone, policy.business_hours, policy.holidays);
}
