import type { Job } from './jobs.ts';
import type { Pauses } from './pauses.ts';
import { checksBusy, type Outcome, ThreadHandle, type ThreadLimits } from './thread_handle.ts';

type Waiting = {
  job: Job;
  asker: string;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
};

/** Queued jobs per caller and in total; beyond it, callers must retry later. */
const WAITING_OF_ASKER_MAX = 32;
const WAITING_MAX = 256;

/**
 * One thread that runs jobs, each within its budget; started on first use. A job over its budget ends with its thread, and
 * a new thread starts at once. Callers take turns, so a caller with many jobs delays only itself.
 */
export class BudgetedThread {
  readonly #limits: ThreadLimits;
  readonly #pauses: Pauses | null;
  /** Queued jobs by caller, in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waiting_count = 0;
  #thread: ThreadHandle | null = null;
  #is_busy = false;
  #is_closed = false;

  /** `pauses`: refuses jobs of callers that exceeded the budget too often. Null: refuses none. */
  constructor(limits: ThreadLimits, pauses: Pauses | null = null) {
    this.#limits = limits;
    this.#pauses = pauses;
  }

  /**
   * Throws `checks_busy` (503) if too many jobs are queued, if the machine has no time, or once this is closed, and
   * `checks_paused` (429).
   */
  async run<Kind extends Job['kind']>(job: Job & { kind: Kind }, asker: string): Promise<Outcome<Kind>> {
    this.#pauses?.check(asker);
    const line = this.#waiting.get(asker) ?? [];
    const is_full = line.length >= WAITING_OF_ASKER_MAX || this.#waiting_count >= WAITING_MAX;
    if (is_full || this.#is_closed) throw checksBusy();
    const { promise, ...settle } = Promise.withResolvers<Outcome>();
    this.#waiting.set(asker, [...line, { job, asker, ...settle }]);
    this.#waiting_count += 1;
    if (!this.#is_busy) void this.#work();
    return promise as Promise<Outcome<Kind>>;
  }

  /** Ends the thread and refuses queued jobs with `checks_busy`. */
  async close(): Promise<void> {
    this.#is_closed = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) next.reject(checksBusy());
    await this.#endThread();
  }

  async #work(): Promise<void> {
    this.#is_busy = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        // Jobs queued before the pause are not run either.
        this.#pauses?.check(next.asker);
      } catch (error) {
        next.reject(error);
        continue;
      }
      await this.#do(next);
    }
    this.#is_busy = false;
  }

  async #do({ job, asker, resolve, reject }: Waiting): Promise<void> {
    try {
      const outcome = await this.#liveThread().run(job);
      if (!('answer' in outcome)) {
        this.#pauses?.add(asker);
        this.#replaceThread();
      }
      resolve(outcome);
    } catch (error) {
      reject(this.#is_closed ? checksBusy() : error);
      this.#replaceThread();
    }
  }

  #liveThread(): ThreadHandle {
    if (this.#thread === null || this.#thread.has_ended) this.#thread = new ThreadHandle(this.#limits);
    return this.#thread;
  }

  /** The new thread loads while the old one ends. */
  #replaceThread(): void {
    void this.#endThread();
    if (!this.#is_closed) this.#thread = new ThreadHandle(this.#limits);
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.end();
  }

  /** The first job of the caller that has waited longest for a turn. */
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
