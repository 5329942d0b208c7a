import { type Actor, type Db, type Origin, statementAs } from './pool.ts';

/**
 * The pool as one actor has it: each statement is a transaction of its own that begins by saying who acts, so that the
 * row policies show what is theirs. Transactions on it name their actor as ever and carry `origin`.
 */
export function actingDb(db: Db, actor: Actor, origin: Origin | undefined = db.origin): Db {
  const own = origin === undefined ? db : { ...db, origin };
  return {
    ...own,
    query: (text, values, kept) => statementAs(own, actor, text, values, kept),
  };
}

/** For what concerns no org, or is not done by anyone who asked: starting up, and learning which orgs there are. */
export function systemDb(db: Db, org_id: string | null = null): Db {
  return actingDb(db, { org_id, kind: 'system', id: null });
}
