import { type ActingDb, type Actor, type AnyPool, type Origin, statementAs } from './pool.ts';

/**
 * The pool for one actor: each statement is its own transaction that begins by naming the actor, so row policies apply.
 * Transactions on it name their own actor as usual and carry `origin`.
 */
export function actingDb(db: AnyPool, actor: Actor, origin: Origin | undefined = db.origin): ActingDb {
  const own = origin === undefined ? db : { ...db, origin };
  return {
    ...own,
    actor,
    query: (text, values, kept) => statementAs(own, actor, text, values, kept),
  };
}

/** For work that concerns no organization or that no caller requested: starting up, and listing organizations. */
export function systemDb(db: AnyPool, org_id: string | null = null): ActingDb {
  return actingDb(db, { org_id, kind: 'system', id: null });
}
