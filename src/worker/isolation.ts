import type { Context } from '../context.ts';
import { MINUTE_MS } from '../core/durations.ts';
import { toAppError } from '../db/errors.ts';
import { runStage, type Stage } from './stages.ts';

/** How long a row that failed its batch is set aside: long enough to be no load, short enough to be noticed. */
const SET_ASIDE_MS = 10 * MINUTE_MS;
/** Beyond this, more than single rows are faulty, and setting them aside would only hide it. */
const SET_ASIDE_MAX = 1_000;

/**
 * Runs stages so that one faulty row does not block the rows behind it. A failed batch is retried at half its size, down to
 * one row; a row that fails alone is set aside for ten minutes and logged with its id. Failures because the database is
 * busy or unavailable are rethrown for the next round.
 */
export class Isolation {
  readonly #context: Context;
  /** Per organization and stage: the rows set aside, and until when (epoch milliseconds of the process's own timer). */
  readonly #aside = new Map<string, Map<string, number>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Returns the number of claimed rows; 0 once the stage is done for this round. */
  async run(org_id: string, stage: Stage): Promise<number> {
    const aside = this.#asideOf(org_id, stage);
    for (let { limit } = stage; ; limit = Math.ceil(limit / 2)) {
      let claimed: readonly string[] = [];
      try {
        return await runStage(this.#context, org_id, stage, {
          limit,
          set_aside: [...aside.keys()],
          claimed: (ids) => {
            claimed = ids;
          },
        });
      } catch (error) {
        if (toAppError(error)?.status === 503 || claimed.length === 0) throw error;
        if (claimed.length > 1) {
          limit = Math.min(limit, claimed.length);
          continue;
        }
        if (aside.size >= SET_ASIDE_MAX) throw error;
        const [id] = claimed;
        aside.set(id!, performance.now() + SET_ASIDE_MS);
        this.#context.metrics?.setAside(stage.name, 1);
        this.#context.metrics?.failed(stage.name);
        this.#context.log.error(
          { err: error, stage: stage.name, org_id, id },
          'this row failed and is set aside for ten minutes; the others continue',
        );
        return claimed.length;
      }
    }
  }

  #asideOf(org_id: string, stage: Stage): Map<string, number> {
    const key = `${org_id} ${stage.name}`;
    const aside = this.#aside.get(key) ?? new Map<string, number>();
    this.#aside.set(key, aside);
    const now_ms = performance.now();
    for (const [id, until_ms] of aside) {
      if (until_ms > now_ms) continue;
      aside.delete(id);
      this.#context.metrics?.setAside(stage.name, -1);
    }
    return aside;
  }
}
