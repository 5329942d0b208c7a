import { MINUTE_MS } from '../core/durations.ts';
import { AppError } from '../errors.ts';

/** Documents over budget within a minute after which a caller's further jobs are refused for the rest of that minute. */
const OVER_BUDGET_MAX = 3;
/** Each caller in this table has used half a second of processor time, so a minute never has more. */
const ASKERS_MAX = 1_000;

/** Counts documents over budget per caller, in the minute that began with the first. */
export class Pauses {
  readonly #counts = new Map<string, { count: number; until_ms: number }>();
  readonly #now_ms: () => number;

  constructor(now_ms = () => performance.now()) {
    this.#now_ms = now_ms;
  }

  /** Throws `checks_paused` (429), with `retry_after` in seconds, if the caller must wait. */
  check(asker: string): void {
    const found = this.#counts.get(asker);
    if (found === undefined || found.count < OVER_BUDGET_MAX) return;
    const left_ms = found.until_ms - this.#now_ms();
    if (left_ms > 0) throw checksPaused(Math.ceil(left_ms / 1_000));
  }

  add(asker: string): void {
    const now_ms = this.#now_ms();
    const found = this.#counts.get(asker);
    if (found !== undefined && found.until_ms > now_ms) {
      found.count += 1;
      return;
    }
    this.#counts.delete(asker);
    if (this.#counts.size >= ASKERS_MAX) this.#counts.delete(this.#counts.keys().next().value!);
    this.#counts.set(asker, { count: 1, until_ms: now_ms + MINUTE_MS });
  }
}

function checksPaused(retry_after: number): AppError {
  const detail = `${OVER_BUDGET_MAX} of your documents exceeded their budget within a minute, so further ones are not checked now.`;
  return new AppError('checks_paused', detail, {
    hint: `Use fewer and shorter loops, then try again in ${retry_after} s.`,
    extra: { retry_after },
  });
}
