import type { GateTrace, Wake } from '../decision.ts';
import { isInstant, localDayAt } from '../schedule.ts';
import { type Opening, openingOf } from '../send_hours.ts';
import { ANY_HOUR, firstFitMs, touchesInWindow, touchesOnDay } from '../touch_window.ts';
import { hoursWords, touchCount } from '../words.ts';
import { type About, declareGate, type GateAnswer } from './gate.ts';

type Saw = GateTrace['saw'];

const CASES = {
  transactional: { text: 'A transactional message does not count toward the caps.' },
  cap_zero: {
    text: 'The policy sets a cap of 0: no touch may be sent until the policy changes.',
    why: 'the policy sets a cap of 0',
    leads: 'the policy sets a cap of 0',
  },
  clock_unreadable: {
    text: 'The time could not be read, so nothing may be sent.',
    why: 'the time could not be read',
    leads: 'the time could not be read',
  },
  under_cap: { text: (saw: Saw, about: About) => `${counts(saw, about)}. 1 touch available now.` },
  window_full: {
    text: (saw: Saw, about: About) => `${counts(saw, about)}. The window is full.${hoursAfter(saw, about)}`,
    leads: 'they reached the cap of the window',
  },
  day_full: {
    text: (saw: Saw, about: About) => `${counts(saw, about)}. The day is full.${hoursAfter(saw, about)}`,
    leads: 'they reached the cap of the day',
  },
  window_and_day_full: {
    text: (saw: Saw, about: About) =>
      `${counts(saw, about)}. The caps of the window and the day are both reached.${hoursAfter(saw, about)}`,
    leads: 'they reached the caps of the window and the day',
  },
};

const { pass, stop, gate } = declareGate({
  name: 'touch_cap',
  label: 'Touch cap',
  decides_by: ['touch_cap'],
  cases: CASES,
  reasons: {
    touch_cap_exceeded: { label: 'Cap reached', why: 'the lead has reached the touch cap' },
  },
});

/**
 * Caps the non-transactional touches to one lead in the rolling window and on the lead's local day, across all
 * campaigns, channels, and senders. A touch over a cap is held until the first instant when it fits both caps within the
 * lead's send window, never longer, so the end shown to people is the time it can be sent. The send window itself holds
 * nothing: a touch under the caps passes at night too.
 */
export const touchCap = gate((facts, policy) => {
  const { now_ms, touches, time_zone } = facts;
  const { window_hours, max_touches_per_window, max_touches_per_day } = policy.touch_cap;
  if (facts.sequence_type === 'transactional') {
    return pass('transactional', { sequence_type: 'transactional' });
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
  if (!window_full && !day_full) return pass('under_cap', saw);
  const because = window_full ? (day_full ? 'window_and_day_full' : 'window_full') : 'day_full';
  const fitsFrom = (open: Opening) => firstFitMs(touches, now_ms, time_zone, policy.touch_cap, open);
  const until_ms = fitsFrom(openingOf(facts, policy));
  const room_ms = fitsFrom(ANY_HOUR);
  // The trace records that the hold ends later than the caps require.
  const seen = room_ms === until_ms ? saw : { ...saw, room_from_ms: room_ms };
  return held(because, seen, until_ms, 'at_until');
});

function held(because: keyof typeof CASES, saw: Saw, until_ms: number | null, wake: Wake): GateAnswer {
  return stop(because, saw, {
    outcome: 'hold',
    reason: 'touch_cap_exceeded',
    until_ms,
    wake,
  });
}

function counts(saw: Saw, { window_hours }: About): string {
  const window = window_hours === null ? 'in the rolling window' : `in the last ${hoursWords(window_hours)}`;
  const { touches_in_window, max_touches_per_window, touches_today, max_touches_per_day } = saw;
  return (
    `${number(touches_in_window)} of at most ${touchCount(number(max_touches_per_window))} ${window}, ` +
    `${number(touches_today)} of at most ${number(max_touches_per_day)} on the lead’s day`
  );
}

/** Why a hold ends later than the caps require: the touch becomes available at night, on a weekend, or on a holiday. */
function hoursAfter({ room_from_ms }: Saw, { when }: About): string {
  if (typeof room_from_ms !== 'number') return '';
  return ` 1 touch is available from ${when(room_from_ms)}, outside the send window, so the hold ends when the window opens.`;
}

function number(value: Saw[string] | undefined): string {
  return typeof value === 'number' ? String(value) : 'some';
}
