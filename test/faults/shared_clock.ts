import type { Clock } from '../../src/clock.ts';

/** A simulated clock that all processes on one machine read alike. */
export type SharedClock = {
  /** Reading of `machineMs` at which the simulation began. */
  anchor_real_ms: number;
  /** The simulated instant at that reading, in epoch milliseconds. */
  start_ms: number;
  /** Simulated seconds per second. */
  speed: number;
};

/** Milliseconds of the machine's monotonic timer: the same in every process, never set back. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A simulation that begins now. */
export function beginSharedClock(start_ms: number, speed: number): SharedClock {
  return { anchor_real_ms: machineMs(), start_ms, speed };
}

/** The product's clock over a shared one. */
export function sharedClock(shared: SharedClock): Clock {
  const now_ms = () => simulatedMs(shared, machineMs());
  return { speed: shared.speed, now_ms, now: () => new Date(now_ms()) };
}

/** The simulated instant at a reading of `machineMs`. */
export function simulatedMs({ anchor_real_ms, start_ms, speed }: SharedClock, machine_ms: number): number {
  return Math.floor(start_ms + (machine_ms - anchor_real_ms) * speed);
}
