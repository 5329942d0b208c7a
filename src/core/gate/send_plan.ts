/**
 * When a message fits the limits of its mailbox. Sent, unfinished, and planned messages count alike. Pure; instants are
 * epoch milliseconds, days are in the mailbox's zone.
 */

import type { DeferredReason } from '../../schema.gen.ts';
import { DAY_MS, HOUR_MS } from '../durations.ts';
import { type LocalDay, localDayAt } from './schedule.ts';

export type SendLimits = {
  /** Messages in any 60 minutes; null: no cap. The same holds for the other caps. */
  hourly_cap: number | null;
  daily_cap: number | null;
  /** Between two messages. */
  gap_seconds: number;
  /** To addresses of one domain on one day. */
  recipient_domain_daily_cap: number | null;
  /** Null: warm-up is complete. `began_on` is its first day, `YYYY-MM-DD`. */
  warm_up: { began_on: string; start_count: number; step_count: number } | null;
};

/** A message with a place: when it was or will be sent, and to which domain. */
export type Place = { at_ms: number; domain: string | null };

type LimitReason = Extract<
  DeferredReason,
  'mailbox_hourly' | 'mailbox_daily' | 'mailbox_gap' | 'mailbox_warm_up' | 'recipient_domain_daily'
>;

/** The first limit reached, with its count. `warm_up_day` counts from 1. */
export type LimitHit = {
  reason: LimitReason;
  count: number;
  limit: number;
  warm_up_day?: number;
  domain?: string;
};

export type Fit = { at_ms: number; hit: LimitHit | null };

/** Planned messages keep this extra distance, so a slow send does not delay the next. */
const SLACK_MS = 5_000;
/** The longest search: by then every daily limit has been reset. */
const SEARCH_DAYS = 366;

/** The places of one mailbox. Places given within a batch count at once, so its messages see each other. */
export class SendPlan {
  readonly #limits: SendLimits;
  readonly #time_zone: string;
  readonly #places: Place[];

  constructor(limits: SendLimits, time_zone: string, places: readonly Place[]) {
    this.#limits = limits;
    this.#time_zone = time_zone;
    this.#places = [...places].sort((a, b) => a.at_ms - b.at_ms);
  }

  take(place: Place): void {
    this.#places.splice(this.#indexAfter(place.at_ms), 0, place);
  }

  /**
   * The first instant from `now_ms` at which the message fits, and the first limit that prevents it now. `open` finds when
   * the recipient may be contacted.
   */
  fit(domain: string | null, now_ms: number, open: (from_ms: number) => number = (from_ms) => from_ms): Fit {
    const last_ms = now_ms + SEARCH_DAYS * DAY_MS;
    let hit: LimitHit | null = null;
    let at_ms = open(now_ms);
    while (at_ms < last_ms) {
      const obstacle = this.#obstacle(at_ms, domain, at_ms > now_ms ? SLACK_MS : 0);
      if (obstacle === null) break;
      hit ??= obstacle.hit;
      at_ms = open(Math.max(obstacle.past_ms, at_ms + 1));
    }
    return { at_ms, hit };
  }

  use(now_ms: number): { hour_count: number; day_count: number; day_cap: DayCap } {
    const day = localDayAt(now_ms, this.#time_zone);
    const in_hour = this.#places.filter(({ at_ms }) => at_ms > now_ms - HOUR_MS && at_ms <= now_ms);
    return {
      hour_count: in_hour.length,
      day_count: this.#ofDay(day).filter(({ at_ms }) => at_ms <= now_ms).length,
      day_cap: dayCap(this.#limits, day),
    };
  }

  #obstacle(
    at_ms: number,
    domain: string | null,
    slack_ms: number,
  ): { past_ms: number; hit: LimitHit } | null {
    return (
      this.#dayObstacle(at_ms, domain) ??
      this.#gapObstacle(at_ms, slack_ms) ??
      this.#hourObstacle(at_ms, slack_ms)
    );
  }

  #dayObstacle(at_ms: number, domain: string | null) {
    const day = localDayAt(at_ms, this.#time_zone);
    const cap = dayCap(this.#limits, day);
    const domain_cap = this.#limits.recipient_domain_daily_cap;
    if (cap.limit === null && domain_cap === null) return null;
    const places = this.#ofDay(day);
    const past_ms = day.end_ms;
    if (cap.limit !== null && places.length >= cap.limit) {
      const { limit, warm_up_day } = cap;
      const counted = { count: places.length, limit };
      return warm_up_day === null
        ? { past_ms, hit: { reason: 'mailbox_daily' as const, ...counted } }
        : { past_ms, hit: { reason: 'mailbox_warm_up' as const, ...counted, warm_up_day } };
    }
    if (domain_cap === null || domain === null) return null;
    const count = places.filter((place) => place.domain === domain).length;
    if (count < domain_cap) return null;
    return { past_ms, hit: { reason: 'recipient_domain_daily' as const, count, limit: domain_cap, domain } };
  }

  #gapObstacle(at_ms: number, slack_ms: number) {
    const gap_ms = this.#limits.gap_seconds * 1_000;
    if (gap_ms === 0) return null;
    const next_index = this.#indexAfter(at_ms);
    const before = this.#places[next_index - 1];
    const after = this.#places[next_index];
    const hit = { reason: 'mailbox_gap' as const, count: 1, limit: this.#limits.gap_seconds };
    if (before !== undefined && at_ms - before.at_ms < gap_ms)
      return { past_ms: before.at_ms + gap_ms + slack_ms, hit };
    if (after !== undefined && after.at_ms - at_ms < gap_ms)
      return { past_ms: after.at_ms + gap_ms + slack_ms, hit };
    return null;
  }

  /**
   * In any row of `cap + 1` messages the last is an hour or more after the first, so each row that would include this
   * message is checked.
   */
  #hourObstacle(at_ms: number, slack_ms: number) {
    const cap = this.#limits.hourly_cap;
    if (cap === null) return null;
    const own = this.#indexAfter(at_ms);
    for (let first = Math.max(0, own - cap); first <= own; first += 1) {
      // With this message included, a row that starts at `first` has `cap` places.
      const last = this.#places[first + cap - 1];
      const begin_ms = first === own ? at_ms : this.#places[first]!.at_ms;
      const end_ms = first + cap === own ? at_ms : last?.at_ms;
      if (end_ms === undefined || end_ms - begin_ms >= HOUR_MS) continue;
      const past_ms = first === own ? end_ms : begin_ms + HOUR_MS + slack_ms;
      return { past_ms, hit: { reason: 'mailbox_hourly' as const, count: cap, limit: cap } };
    }
    return null;
  }

  #ofDay(day: LocalDay): Place[] {
    return this.#places.slice(this.#indexAfter(day.start_ms - 1), this.#indexAfter(day.end_ms - 1));
  }

  /** The number of places at or before an instant. */
  #indexAfter(at_ms: number): number {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]!.at_ms <= at_ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export type DayCap = { limit: number | null; warm_up_day: number | null };

/** The limit for a day: the daily cap, or less during warm-up; `warm_up_day` is null if warm-up does not decide. */
export function dayCap(
  { daily_cap, warm_up }: Pick<SendLimits, 'daily_cap' | 'warm_up'>,
  day: Pick<LocalDay, 'date'>,
): DayCap {
  if (warm_up === null) return { limit: daily_cap, warm_up_day: null };
  const days = Temporal.PlainDate.from(warm_up.began_on).until(day.date).days;
  const ramp = warm_up.start_count + Math.max(0, days) * warm_up.step_count;
  if (daily_cap !== null && ramp >= daily_cap) return { limit: daily_cap, warm_up_day: null };
  return { limit: ramp, warm_up_day: Math.max(0, days) + 1 };
}
