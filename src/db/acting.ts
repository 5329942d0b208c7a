import { type ActingDb, type Actor, type AnyPool, type Origin, statementAs } from './pool.ts';

/**
 * The pool as one actor has it: each statement is a transaction of its own that begins by saying who acts, so that the
 * row policies show what is theirs. Transactions on it name their actor as ever and carry `origin`.
 */
export function actingDb(db: AnyPool, actor: Actor, origin: Origin | undefined = db.origin): ActingDb {
  const own = origin === undefined ? db : { ...db, origin };
  return {
    ...own,
    actor,
    query: (text, values, kept) => statementAs(own, actor, text, values, kept),
  };
}

/** For what concerns no org, or is not done by anyone who asked: starting up, and learning which orgs there are. */
export function systemDb(db: AnyPool, org_id: string | null = null): ActingDb {
  return actingDb(db, { org_id, kind: 'system', id: null });
}
