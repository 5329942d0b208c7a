import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import type { Answers, Job } from './jobs.ts';
import type { Budget } from './port.ts';
import type { ThreadData } from './thread.ts';

export type ThreadLimits = {
  /** Of the processor's time, in milliseconds: for a whole job, or for each place in it. */
  budget_ms: number;
  budget_of: 'job' | 'place';
  /** By the clock on the wall, in milliseconds: after that the machine is at its limits, and nobody knows whose fault it is. */
  wall_ms: number;
  memory_mb: number;
  /** How far the thread gives way to the rest of the process; 0: not at all. */
  nice: number;
};

/** What came of a job: its answer, or what it used up, and at which place in it. */
export type Outcome<Kind extends Job['kind'] = Job['kind']> =
  | { answer: Answers[Kind] }
  | { over_budget: Budget; place: number };

/** A thread that is just within its budget is not looked at every millisecond. */
const LOOK_MIN_MS = 10;

type Settle = { resolve: (outcome: Outcome | 'ready') => void; reject: (error: unknown) => void };

/** One thread and what it does now. It keeps the process alive while it works, and not longer. */
export class ThreadHandle {
  readonly #worker: Worker;
  readonly #place = new Int32Array(new SharedArrayBuffer(4));
  readonly #limits: ThreadLimits;
  #settle: Settle | null = null;
  #has_ended = false;

  constructor(limits: ThreadLimits) {
    this.#limits = limits;
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: { place: this.#place, nice: limits.nice } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: limits.memory_mb, maxYoungGenerationSizeMb: 16 },
      // It needs nothing of how the process was started, and is told none of its secrets.
      env: {},
      execArgv: [],
    });
    this.#worker.on('message', (said: Outcome | 'ready') => this.#settle?.resolve(said));
    this.#worker.on('error', (error: Error & { code?: string }) => {
      this.#has_ended = true;
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.#settle?.resolve(this.#over('memory'));
      else this.#settle?.reject(error);
    });
    this.#worker.on('exit', () => {
      this.#has_ended = true;
      this.#settle?.reject(new Error('a thread ended while it worked'));
    });
  }

  get has_ended(): boolean {
    return this.#has_ended;
  }

  /** Loads what the thread works with, which counts for no job. */
  async ready(): Promise<void> {
    await this.#next(() => {});
  }

  /** Does one job; there is none under way. Over its budget, the thread is to be ended. */
  async run(job: Job): Promise<Outcome> {
    Atomics.store(this.#place, 0, 0);
    const before_ms = await this.#processorMs();
    let stop = () => {};
    try {
      return (await this.#next((settle) => {
        stop = this.#watch(settle, before_ms);
        this.#worker.postMessage(job);
      })) as Outcome;
    } finally {
      stop();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /** What the thread says next, or why it says nothing any more. */
  async #next(begin: (settle: Settle) => void): Promise<Outcome | 'ready'> {
    const { promise, ...settle } = Promise.withResolvers<Outcome | 'ready'>();
    this.#settle = settle;
    this.#worker.ref();
    begin(settle);
    return promise.finally(() => {
      this.#settle = null;
      this.#worker.unref();
    });
  }

  /** Looks from time to time how much was used, and settles the job once that is too much. Returns how to stop looking. */
  #watch(settle: Settle, began_with_ms: number): () => void {
    const { budget_ms, budget_of, wall_ms } = this.#limits;
    const until_ms = performance.now() + wall_ms;
    let before_ms = began_with_ms;
    let seen = 0;
    let timer: NodeJS.Timeout;
    const look = async () => {
      const used_ms = await this.#processorMs();
      const place = Atomics.load(this.#place, 0);
      if (budget_of === 'place' && place !== seen) {
        seen = place;
        before_ms = used_ms;
      }
      const left_ms = budget_ms - (used_ms - before_ms);
      if (left_ms <= 0) settle.resolve(this.#over('time'));
      else if (performance.now() > until_ms) settle.reject(checksBusy());
      else if (this.#settle === settle) lookIn(left_ms);
    };
    const lookIn = (after_ms: number) => {
      timer = setTimeout(() => look().catch(settle.reject), Math.max(LOOK_MIN_MS, after_ms));
    };
    lookIn(budget_ms);
    return () => clearTimeout(timer);
  }

  #over(over_budget: Budget): Outcome {
    return { over_budget, place: Atomics.load(this.#place, 0) };
  }

  async #processorMs(): Promise<number> {
    const { user, system } = await this.#worker.cpuUsage();
    return (user + system) / 1_000;
  }
}

export function checksBusy(): AppError {
  return new AppError('checks_busy', 'Too many templates are waiting to be checked.', {
    status: 503,
    hint: 'Try again in a few seconds.',
  });
}
