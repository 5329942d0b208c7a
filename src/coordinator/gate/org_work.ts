import type { Clock } from '../../clock.ts';
import { type AnyPool, transaction } from '../../db/pool.ts';
import { coordinatorActor, type Scope } from './scope.ts';

/** The context of a periodic check: it takes many short transactions, so it holds the database instead of one. */
export type OrgWork = { db: AnyPool; clock: Clock; org_id: string };

/** Checks can wait for their next turn; users of the same rows cannot. */
const PATIENCE = { statement_timeout_ms: 10_000, lock_timeout_ms: 500 };

export function inOrg<T>({ db, clock, org_id }: OrgWork, fn: (scope: Scope) => Promise<T>): Promise<T> {
  return transaction(db, coordinatorActor(org_id), (tx) => fn({ tx, org_id, clock }), PATIENCE);
}
