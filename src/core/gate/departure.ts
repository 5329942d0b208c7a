import type { SequenceType, TouchFact } from './facts.ts';
import type { Policy } from './policy.ts';
import { openingOf } from './send_hours.ts';
import { firstFitMs } from './touch_window.ts';

export type Departing = {
  time_zone: string;
  public_holidays: readonly string[];
  sequence_type: SequenceType;
  touches: readonly TouchFact[];
};

/**
 * The earliest instant >= `from_ms` at which a touch can be sent, by the caps and the send window known at `now_ms` (both
 * epoch milliseconds). Null if the policy allows none. It does not predict mailbox limits, the lead's other touches, or new
 * conflicts.
 */
export function earliestDepartureMs(
  touch: Departing,
  policy: Policy,
  now_ms: number,
  from_ms: number,
): number | null {
  const open = openingOf(touch, policy);
  const openFrom = (at_ms: number) => open(Math.max(at_ms, from_ms));
  if (touch.sequence_type === 'transactional') return openFrom(now_ms);
  const { touch_cap } = policy;
  if (touch_cap.max_touches_per_window <= 0 || touch_cap.max_touches_per_day <= 0) return null;
  return firstFitMs(touch.touches, now_ms, touch.time_zone, touch_cap, openFrom);
}
