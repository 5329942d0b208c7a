import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import type { Answers, Job } from './jobs.ts';
import type { Budget } from './port.ts';
import { Progress } from './progress.ts';
import type { ThreadData } from './thread.ts';

export type ThreadLimits = {
  /** Processor time in milliseconds: for a whole job, or for each place in it. */
  budget_ms: number;
  budget_of: 'job' | 'place';
  /**
   * Wall time in milliseconds, including the start of the thread. Beyond it, the machine is overloaded and no caller is to
   * blame.
   */
  wall_ms: number;
  memory_mb: number;
  /** How far the thread yields to the rest of the process; 0: not at all. */
  nice: number;
};

/** The outcome of a job: its answer, or the exceeded budget and its place. */
export type Outcome<Kind extends Job['kind'] = Job['kind']> =
  | { answer: Answers[Kind] }
  | { over_budget: Budget; place: number };

/** The shortest interval between checks of a thread that is just within its budget. */
const LOOK_MIN_MS = 10;

type Settle = { resolve: (outcome: Outcome) => void; reject: (error: unknown) => void };

/** One thread and its current job. It keeps the process alive only while it works. */
export class ThreadHandle {
  readonly #worker: Worker;
  readonly #progress = new Progress();
  readonly #limits: ThreadLimits;
  #settle: Settle | null = null;
  #has_ended = false;

  constructor(limits: ThreadLimits) {
    this.#limits = limits;
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: { progress: this.#progress.shared, nice: limits.nice } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: limits.memory_mb, maxYoungGenerationSizeMb: 16 },
      // The thread needs nothing from the environment, and sees none of its secrets.
      env: {},
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('message', (outcome: Outcome) => this.#settle?.resolve(outcome));
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

  /**
   * Runs one job; none may be in progress. Over its budget, the caller must end the thread. Throws `checks_busy` (503)
   * after `wall_ms`, in any state of the thread; the caller must then end it too.
   */
  async run(job: Job): Promise<Outcome> {
    const { promise, ...settle } = Promise.withResolvers<Outcome>();
    this.#settle = settle;
    this.#progress.reset();
    this.#worker.ref();
    const stop = this.#watch(settle);
    this.#worker.postMessage(job);
    try {
      return await promise;
    } finally {
      stop();
      this.#settle = null;
      this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  /**
   * Checks the processor time at intervals and settles the job once it is over budget. Most jobs end before the first check.
   * The wall clock has a timer of its own, so a thread that reports no processor time still ends. Returns a function that
   * stops the checks.
   */
  #watch(settle: Settle): () => void {
    const { budget_ms, wall_ms } = this.#limits;
    const wall = setTimeout(() => settle.reject(checksBusy()), wall_ms);
    let next: NodeJS.Timeout;
    let is_over = false;
    const look = async () => {
      const left_ms = budget_ms - (await this.#usedMs());
      if (is_over) return;
      if (left_ms <= 0) settle.resolve(this.#over('time'));
      else lookIn(left_ms);
    };
    const lookIn = (after_ms: number) => {
      // Asking fails only once the thread has ended, and its `exit` settles the job.
      next = setTimeout(() => look().catch(() => {}), Math.max(LOOK_MIN_MS, after_ms));
    };
    lookIn(budget_ms);
    return () => {
      is_over = true;
      clearTimeout(wall);
      clearTimeout(next);
    };
  }

  #over(over_budget: Budget): Outcome {
    return { over_budget, place: this.#progress.place };
  }

  /** Processor time that the job, or its current place, has used so far. */
  async #usedMs(): Promise<number> {
    const { user, system } = await this.#worker.cpuUsage();
    const began_ms = this.#progress.beganMs(this.#limits.budget_of);
    return began_ms === null ? 0 : (user + system) / 1_000 - began_ms;
  }
}

export function checksBusy(): AppError {
  return new AppError('checks_busy', 'Too many templates are waiting to be checked.', {
    hint: 'Try again in a few seconds.',
  });
}
