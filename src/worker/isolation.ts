import type { Context } from '../context.ts';
import { toAppError } from '../db/errors.ts';
import { runStage, type Stage } from './stages.ts';

/** How long something that made its batch fail is left alone. Long enough to be no load, short enough to be noticed. */
const SET_ASIDE_MS = 10 * 60_000;
/** Beyond this something is wrong with more than single rows, and setting aside would only hide it. */
const SET_ASIDE_MAX = 1_000;

/**
 * Runs stages so that one row that cannot be worked on does not hold up the rows behind it. A batch that fails is
 * tried again with half its size, down to one; what fails alone is set aside for ten minutes, and logged with its id.
 * What fails because the database is busy or away is nobody's fault: that is thrown, for the next round.
 */
export class Isolation {
  readonly #context: Context;
  /** Of each org and stage: what is set aside, until when (epoch milliseconds, of the process's own timer). */
  readonly #aside = new Map<string, Map<string, number>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** How many were claimed; 0 once there is nothing more to do for this stage in this round. */
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
          'this cannot be worked on; it is set aside for ten minutes, the rest goes on',
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
