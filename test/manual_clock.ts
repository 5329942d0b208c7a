import type { Clock } from '../src/clock.ts';

/** A clock that moves only when told to: for tests and simulations. */
export function manualClock(start_ms: number): Clock & { set(ms: number): void; advance(ms: number): void } {
  let current_ms = start_ms;
  return {
    speed: 1,
    now_ms: () => current_ms,
    now: () => new Date(current_ms),
    set: (ms) => {
      current_ms = ms;
    },
    advance: (ms) => {
      current_ms += ms;
    },
  };
}
