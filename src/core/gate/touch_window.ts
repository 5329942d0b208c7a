/**
 * Counting touches: how many lie in the rolling window, how many on a local day, and when one more fits.
 * The window is hours in UTC, since seven days are not 168 hours when a clock is changed; the day is the
 * lead's own.
 */
import { HOUR_MS } from '../durations.ts';
import type { TouchFact } from './facts.ts';
import type { Policy } from './policy.ts';
import { isInstant, type LocalDay, localDayAt } from './schedule.ts';
import type { Opening } from './send_hours.ts';

/**
 * Touches younger than `window_hours` at `now_ms`; one of exactly that age is outside. A touch of the future
 * (another machine's clock) counts, and so does one whose outcome is open, whatever its age.
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
 * Touches on a local day: by their instant, or by the local date recorded with them. After a lead's zone
 * was changed the two may differ, and the stricter holds.
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
 * The first instant >= `now_ms` at which one more touch fits both caps within sending hours, in epoch
 * milliseconds; `now_ms` itself when it fits now. Touches whose outcome is open are taken to leave now. Both
 * caps must be at least 1, `now_ms` must be an instant. `open` of the caps alone: `ANY_HOUR`.
 */
export function firstFitMs(
  touches: readonly TouchFact[],
  now_ms: number,
  time_zone: string,
  cap: Policy['touch_cap'],
  open: Opening,
): number {
  // Every step goes over time in which it does not fit: the window only empties, and a full day stays full.
  let at_ms = open(Math.max(now_ms, windowReleaseMs(touches, now_ms, cap)));
  for (;;) {
    const day = localDayAt(at_ms, time_zone);
    if (touchesOnDay(touches, day, now_ms) < cap.max_touches_per_day) return at_ms;
    at_ms = open(day.end_ms);
  }
}

/** Sending hours of a policy that enforces none. */
export const ANY_HOUR: Opening = (from_ms) => from_ms;

/**
 * When each of `count` touches that wait in line can leave at the earliest, if each one before it leaves at its own
 * first chance: ascending instants >= `now_ms`. Demands of caps and `now_ms` as in `firstFitMs`.
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

/** When the window has room: as soon as the touch that fills the last place leaves it. */
function windowReleaseMs(touches: readonly TouchFact[], now_ms: number, cap: Policy['touch_cap']): number {
  const cap_touches = cap.max_touches_per_window;
  if (touches.length < cap_touches) return now_ms;
  const newest_first = touches
    .map((touch) => (countsAsOfNow(touch) ? now_ms : touch.at_ms))
    .sort((a, b) => b - a);
  return newest_first[cap_touches - 1]! + cap.window_hours * HOUR_MS;
}

/** Open outcome, or a time that no calendar has: both are counted in the strictest way. */
function countsAsOfNow(touch: TouchFact): boolean {
  return !touch.settled || !isInstant(touch.at_ms);
}
