import type { Job } from './jobs.ts';
import { checksBusy, type Outcome, ThreadHandle, type ThreadLimits } from './thread_handle.ts';

type Waiting = { job: Job; resolve: (outcome: Outcome) => void; reject: (error: unknown) => void };

/** Of one asker, and of all: whoever asks for more is to come back later. */
const WAITING_OF_ASKER_MAX = 32;
const WAITING_MAX = 256;

/**
 * One thread that does jobs, each within its budget; started when it is first needed. A job over its budget is ended with
 * its thread, and the next one gets a new thread. Askers take turns, so that whoever asks for much waits for it alone.
 */
export class BudgetedThread {
  readonly #limits: ThreadLimits;
  /** By asker, in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waiting_count = 0;
  #thread: ThreadHandle | null = null;
  #is_busy = false;
  #is_closed = false;

  constructor(limits: ThreadLimits) {
    this.#limits = limits;
  }

  /** Throws `checks_busy` (503) where too much waits, where the machine has no time for it, and once this is closed. */
  async run<Kind extends Job['kind']>(job: Job & { kind: Kind }, asker: string): Promise<Outcome<Kind>> {
    const line = this.#waiting.get(asker) ?? [];
    const is_full = line.length >= WAITING_OF_ASKER_MAX || this.#waiting_count >= WAITING_MAX;
    if (is_full || this.#is_closed) throw checksBusy();
    const { promise, ...settle } = Promise.withResolvers<Outcome>();
    this.#waiting.set(asker, [...line, { job, ...settle }]);
    this.#waiting_count += 1;
    if (!this.#is_busy) void this.#work();
    return promise as Promise<Outcome<Kind>>;
  }

  /** Ends the thread; what waits is refused with `checks_busy`. */
  async close(): Promise<void> {
    this.#is_closed = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) next.reject(checksBusy());
    await this.#endThread();
  }

  async #work(): Promise<void> {
    this.#is_busy = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        const outcome = await this.#liveThread().run(next.job);
        next.resolve(outcome);
        if (!('answer' in outcome)) await this.#endThread();
      } catch (error) {
        next.reject(this.#is_closed ? checksBusy() : error);
        await this.#endThread();
      }
    }
    this.#is_busy = false;
  }

  #liveThread(): ThreadHandle {
    if (this.#thread === null || this.#thread.has_ended) this.#thread = new ThreadHandle(this.#limits);
    return this.#thread;
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.end();
  }

  /** The first of whoever has waited longest for a turn. */
  #next(): Waiting | undefined {
    const [turn] = this.#waiting;
    if (turn === undefined) return undefined;
    const [asker, [first, ...rest]] = turn;
    this.#waiting.delete(asker);
    if (rest.length > 0) this.#waiting.set(asker, rest);
    this.#waiting_count -= 1;
    return first;
  }
}
