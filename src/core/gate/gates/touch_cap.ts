import type { GateTrace, Wake } from '../decision.ts';
import type { Facts } from '../facts.ts';
import type { Policy } from '../policy.ts';
import { isInstant, localDayAt } from '../schedule.ts';
import { type Opening, openingOf } from '../send_hours.ts';
import { ANY_HOUR, firstFitMs, touchesInWindow, touchesOnDay } from '../touch_window.ts';
import { type GateAnswer, pass, stop } from './answer.ts';

/**
 * Gate 3. At most so many non-transactional touches to one lead in the rolling window and on one local day
 * of the lead, over all campaigns, channels and senders. A touch too many is held until the first instant
 * at which it fits both within the lead's sending hours, never longer: then it can leave, so that is the time
 * that people are given. Sending hours hold nothing themselves; a touch under the caps passes at night too.
 */
export function touchCap(facts: Facts, policy: Policy): GateAnswer {
  const { now_ms, touches, time_zone } = facts;
  const { window_hours, max_touches_per_window, max_touches_per_day } = policy.touch_cap;
  if (facts.sequence_type === 'transactional') {
    return pass('touch_cap', 'transactional', { sequence_type: 'transactional' });
  }
  if (max_touches_per_window <= 0 || max_touches_per_day <= 0) {
    return held('cap_zero', { max_touches_per_window, max_touches_per_day }, null, 'policy_changes');
  }
  if (!isInstant(now_ms)) return held('clock_unreadable', { now_ms: String(now_ms) }, null, 'never');

  const day = localDayAt(now_ms, time_zone);
  const touches_in_window = touchesInWindow(touches, now_ms, window_hours);
  const touches_today = touchesOnDay(touches, day, now_ms);
  const saw = {
    touches_in_window,
    max_touches_per_window,
    touches_today,
    max_touches_per_day,
    local_day: day.date,
    time_zone: day.time_zone,
  };
  const window_full = touches_in_window >= max_touches_per_window;
  const day_full = touches_today >= max_touches_per_day;
  if (!window_full && !day_full) return pass('touch_cap', 'under_cap', saw);
  const because = window_full ? (day_full ? 'window_and_day_full' : 'window_full') : 'day_full';
  const fitsFrom = (open: Opening) => firstFitMs(touches, now_ms, time_zone, policy.touch_cap, open);
  const until_ms = fitsFrom(openingOf(facts, policy));
  const room_ms = fitsFrom(ANY_HOUR);
  // The hold that ends later than the caps ask says so.
  const seen = room_ms === until_ms ? saw : { ...saw, room_from_ms: room_ms };
  return held(because, seen, until_ms, 'at_until');
}

function held(because: string, saw: GateTrace['saw'], until_ms: number | null, wake: Wake): GateAnswer {
  return stop('touch_cap', because, saw, {
    outcome: 'hold',
    reason: 'touch_cap_exceeded',
    until_ms,
    wake,
  });
}
