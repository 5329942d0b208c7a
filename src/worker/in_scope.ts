import type { Context } from '../context.ts';
import { coordinatorActor, type Scope, type WorkScope } from '../coordinator/gate/scope.ts';
import { type TransactionOptions, transaction } from '../db/pool.ts';

export type WorkContext = Pick<
  Context,
  'db' | 'clock' | 'log' | 'metrics' | 'model' | 'process' | 'templates'
> &
  Partial<Pick<Context, 'catcher'>>;

/** The organization of the work, and its name in the metrics. */
export type Work = { org_id: string; stage: string };

/**
 * Runs the coordinator's work of an organization in its own transaction. Counts the gate's decisions after the commit:
 * decisions that were rolled back or repeated do not count.
 */
export async function inScope<T>(
  context: WorkContext,
  work: Work,
  run: (scope: WorkScope) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { db, clock, log, metrics, model, process, templates, catcher = null } = context;
  const catches_mail = catcher !== null;
  const { org_id, stage } = work;
  const beside: Scope['beside'] = (other) => inScope(context, work, other, options);
  let decisions: Parameters<NonNullable<Scope['decided']>>[0][] = [];
  const value = await transaction(
    db,
    coordinatorActor(org_id),
    (tx) => {
      decisions = [];
      const decided: Scope['decided'] = (decision) => decisions.push(decision);
      const process_id = process?.held() ?? null;
      const has_model = model !== undefined;
      const own = { tx, org_id, clock, log, decided, has_model, catches_mail, process_id, beside };
      return run({ ...own, templates });
    },
    options,
  );
  for (const decision of decisions) metrics?.decided(stage, decision);
  return value;
}
