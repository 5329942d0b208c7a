import { setImmediate } from 'node:timers/promises';

/** CPU time per turn of the event loop. A request takes several turns and waits this long in each. */
const SLICE_MS = 1;

/** All imports of a process share one slice of each turn of the event loop. */
class Turns {
  #spent_ms = 0;
  #next: Promise<void> | null = null;

  /** Runs a short piece of work in this turn, or in a later turn once the slice is used up. */
  async run<Result>(work: () => Result): Promise<Result> {
    while (this.#spent_ms >= SLICE_MS) await this.#nextTurn();
    const began_ms = performance.now();
    try {
      return work();
    } finally {
      this.#spent_ms += performance.now() - began_ms;
      void this.#nextTurn();
    }
  }

  #nextTurn(): Promise<void> {
    this.#next ??= setImmediate().then(() => {
      this.#spent_ms = 0;
      this.#next = null;
    });
    return this.#next;
  }
}

export const importTurns = new Turns();
