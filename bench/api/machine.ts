import { setTimeout as sleep } from 'node:timers/promises';

/** Some 20 ms of one core. */
const ROUNDS = 20_000_000;
/** The best of so many, since anything may interrupt one. */
const TRIES = 3;
/** Slower than that, and it is the machine that was measured. */
const SLOWDOWN_MAX = 1.4;
const PAUSE_MS = 5_000;

export type OnMachine<Result> = {
  result: Result;
  /** What a loop that is always the same took around it; the quickest of a run is the machine by itself. */
  loop_ms: number;
};

/**
 * Measures on a machine whose processors others use as well: for minutes it may be two or three times as slow as before. Of a
 * run only the end knows how quick the machine can be, so that what was disturbed is known then, and can be measured again.
 */
export function openMachine() {
  let best_ms = loopMs();
  const slowdown = ({ loop_ms }: { loop_ms: number }) => loop_ms / best_ms;
  return {
    slowdown,
    isDisturbed: (measured: { loop_ms: number }) => slowdown(measured) > SLOWDOWN_MAX,
    /** Waits until it is, and no longer than until then. */
    async isQuick(until_ms: number): Promise<boolean> {
      for (;;) {
        if (slowdown({ loop_ms: loopMs() }) <= SLOWDOWN_MAX) return true;
        if (performance.now() > until_ms) return false;
        await sleep(PAUSE_MS);
      }
    },
    async measure<Result>(run: () => Promise<Result>): Promise<OnMachine<Result>> {
      const before_ms = loopMs();
      const result = await run();
      const after_ms = loopMs();
      best_ms = Math.min(best_ms, before_ms, after_ms);
      return { result, loop_ms: Math.max(before_ms, after_ms) };
    },
  };
}

function loopMs(): number {
  return Math.min(...Array.from({ length: TRIES }, oneLoopMs));
}

function oneLoopMs(): number {
  const started_ms = performance.now();
  let sum = 0;
  for (let at = 0; at < ROUNDS; at += 1) sum = (sum + at * 7) | 0;
  const took_ms = performance.now() - started_ms;
  // So that the loop is not found to be for nothing.
  return sum === 1 ? 0 : took_ms;
}
