import { setTimeout as sleep } from 'node:timers/promises';

/** About 20 ms of one core. */
const ROUNDS = 20_000_000;
/** The best of this many, since anything may interrupt one. */
const TRIES = 3;
/** Above this factor the measurement is of the machine. */
const SLOWDOWN_MAX = 1.4;
const PAUSE_MS = 5_000;

export type OnMachine<Result> = {
  result: Result;
  /** Time of a constant loop around the measurement; the fastest of a run shows the machine undisturbed. */
  loop_ms: number;
};

/**
 * Measures on a machine that others share: for minutes it may be two or three times slower than before. Only the end of a
 * run shows how fast the machine can be; then the disturbed measurements are known and repeated.
 */
export function openMachine() {
  let best_ms = loopMs();
  const slowdown = ({ loop_ms }: { loop_ms: number }) => loop_ms / best_ms;
  return {
    slowdown,
    isDisturbed: (measured: { loop_ms: number }) => slowdown(measured) > SLOWDOWN_MAX,
    /** Waits until the machine is fast, at most until `until_ms`. */
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
  // Keeps the compiler from dropping the loop.
  return sum === 1 ? 0 : took_ms;
}
