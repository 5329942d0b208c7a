/** A thread's progress in its job, in shared memory: the parent reads it while the thread is busy. */
export class Progress {
  /** Three 64-bit integers: the place, then the thread's processor time in µs when it began the job and the place. */
  readonly shared: SharedArrayBuffer;
  readonly #numbers: BigInt64Array;

  constructor(shared = new SharedArrayBuffer(24)) {
    this.shared = shared;
    this.#numbers = new BigInt64Array(shared);
  }

  /** Called by the parent before it posts a job. */
  reset(): void {
    this.#write(0, NOT_BEGUN_US, NOT_BEGUN_US);
  }

  /** Called by the thread when it begins a job. */
  begin(): void {
    const now_us = threadUs();
    this.#write(0, now_us, now_us);
  }

  /** Called by the thread when it begins a place (a step or a rendering) of the job. */
  goTo(place: number): void {
    this.#write(place, Number(Atomics.load(this.#numbers, 1)), threadUs());
  }

  get place(): number {
    return Number(Atomics.load(this.#numbers, 0));
  }

  /** The thread's processor time in ms when it began the job or the place; null before it began. */
  beganMs(what: 'job' | 'place'): number | null {
    const began_us = Number(Atomics.load(this.#numbers, what === 'job' ? 1 : 2));
    return began_us === NOT_BEGUN_US ? null : began_us / 1_000;
  }

  #write(place: number, job_us: number, place_us: number): void {
    for (const [at, value] of [place, job_us, place_us].entries()) {
      Atomics.store(this.#numbers, at, BigInt(value));
    }
  }
}

const NOT_BEGUN_US = -1;

function threadUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
