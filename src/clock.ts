/**
 * The one clock. Every stored, compared, or printed time comes from here; no other code reads the machine's clock. At speed
 * 1 it is real time plus a fixed offset (zero in production); at a higher speed, which only embedded mode allows, weeks
 * pass in minutes.
 */
export type Clock = {
  now(): Date;
  now_ms(): number;
  /** Simulated seconds per real second. */
  readonly speed: number;
};

/**
 * Starts a clock at `start_ms` (epoch milliseconds; default: now) that runs at `speed` times real time. The monotonic timer
 * drives it, so it never goes back.
 */
export function startClock(options: { start_ms?: number; speed?: number } = {}): Clock {
  const speed = options.speed ?? 1;
  const start_ms = options.start_ms ?? Date.now();
  const anchor_ms = performance.now();
  const now_ms = () => Math.floor(start_ms + (performance.now() - anchor_ms) * speed);
  return { speed, now_ms, now: () => new Date(now_ms()) };
}
