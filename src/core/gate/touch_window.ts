/**
 * Counts touches in the rolling window and on a local day, and finds when the next touch fits. The window is hours in UTC,
 * since seven days are not 168 hours when clocks change; the day is the lead's own.
 */
import { HOUR_MS } from '../durations.ts';
import type { TouchFact } from './facts.ts';
import type { Policy } from './policy.ts';
import { isInstant, type LocalDay, localDayAt } from './schedule.ts';
import type { Opening } from './send_hours.ts';

/**
 * Touches younger than `window_hours` at `now_ms`; a touch of exactly that age is outside. Touches in the future (another
 * machine's clock) and those with an open outcome always count.
 */
export function touchesInWindow(touches: readonly TouchFact[], now_ms: number, window_hours: number): number {
  const window_ms = window_hours * HOUR_MS;
  let count = 0;
  for (const touch of touches) {
    if (countsAsOfNow(touch) || now_ms - touch.at_ms < window_ms) count += 1;
  }
  return count;
}

/**
 * Touches on a local day: by their instant or by the local date recorded with them. They may differ after a lead's zone
 * changed; the stricter counts.
 */
export function touchesOnDay(touches: readonly TouchFact[], day: LocalDay, now_ms: number): number {
  let count = 0;
  for (const touch of touches) {
    const at_ms = countsAsOfNow(touch) ? now_ms : touch.at_ms;
    const in_day = at_ms >= day.start_ms && at_ms < day.end_ms;
    if (in_day || (touch.local_day === day.date && !countsAsOfNow(touch))) count += 1;
  }
  return count;
}

/**
 * The first instant >= `now_ms` at which one more touch fits both caps within the send window, in epoch milliseconds.
 * Touches with an open outcome count as sent now. Both caps must be at least 1, and `now_ms` must be an instant. For the
 * caps alone pass `ANY_HOUR` as `open`.
 */
export function firstFitMs(
  touches: readonly TouchFact[],
  now_ms: number,
  time_zone: string,
  cap: Policy['touch_cap'],
  open: Opening,
): number {
  // Skipping ahead is safe: the window only empties, and a full day stays full.
  let at_ms = open(Math.max(now_ms, windowReleaseMs(touches, now_ms, cap)));
  for (;;) {
    const day = localDayAt(at_ms, time_zone);
    if (touchesOnDay(touches, day, now_ms) < cap.max_touches_per_day) return at_ms;
    at_ms = open(day.end_ms);
  }
}

/** The send window of a policy that enforces none. */
export const ANY_HOUR: Opening = (from_ms) => from_ms;

/**
 * The earliest send times of `count` waiting touches, if each is sent at its first chance: ascending instants >= `now_ms`.
 * The requirements are those of `firstFitMs`.
 */
export function turnsMs(
  touches: readonly TouchFact[],
  now_ms: number,
  time_zone: string,
  cap: Policy['touch_cap'],
  open: Opening,
  count: number,
): number[] {
  const taken = [...touches];
  const turns: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const at_ms = firstFitMs(taken, now_ms, time_zone, cap, open);
    taken.push({ at_ms, local_day: localDayAt(at_ms, time_zone).date, settled: true });
    turns.push(at_ms);
  }
  return turns;
}

/** When the window has room: once the touch that fills the last place leaves it. */
function windowReleaseMs(touches: readonly TouchFact[], now_ms: number, cap: Policy['touch_cap']): number {
  const cap_touches = cap.max_touches_per_window;
  if (touches.length < cap_touches) return now_ms;
  const newest_first = touches
    .map((touch) => (countsAsOfNow(touch) ? now_ms : touch.at_ms))
    .sort((a, b) => b - a);
  return newest_first[cap_touches - 1]! + cap.window_hours * HOUR_MS;
}

/** An open outcome or an invalid time: both count in the strictest way. */
function countsAsOfNow(touch: TouchFact): boolean {
  return !touch.settled || !isInstant(touch.at_ms);
}
