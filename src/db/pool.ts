import pg from 'pg';
import { sqlState } from './errors.ts';
import { isOutdatedPlan, retried } from './retries.ts';

/** The error of every statement after a failed one. */
const IN_FAILED_TRANSACTION = '25P02';
/** The server no longer accepts changes: the next connection may find one that does. */
const READ_ONLY = '25006';

/** `command` is what the server reports, for example INSERT, or ROLLBACK in answer to COMMIT. */
export type QueryResult<Row> = { rows: Row[]; rowCount: number; command: string };

/** The name under which the connection keeps a statement with its generic plan. */
export type KeptStatement = { name: string };

/** Runs SQL without naming an actor, so no named statement runs on it. */
export type Statements = {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    kept?: KeptStatement,
  ): Promise<QueryResult<Row>>;
};

/** Runs named statements: a transaction, an actor's pool, or an owner's. It names its actor. */
export type Queryable = Statements & { readonly actor: Actor | 'owner' };

/** A separate connection for work that must not share one: transactions, session-level advisory locks, migrations. */
export type Connection = Statements & {
  /** Returns the connection; `discard` closes it instead, which also ends its locks and settings. */
  release(discard?: boolean): void;
};

/** The part common to all pools. */
export type Connections = {
  checkout(): Promise<Connection>;
  /** Learns the array types of enums created since the pool was opened. */
  refreshTypes(): Promise<void>;
  /** The origin of the work, passed to every transaction for the audit. */
  origin?: Origin;
  stats(): { total: number; idle: number; waiting: number };
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
};

/**
 * The application's connections, as `openAppPool` opens them: row-level security shows nothing until an actor is named. So
 * there is no `query` here to forget one: `transaction`, `statementAs`, `actingDb`, and `systemDb` take the actor.
 * Processes and workers have this pool.
 */
export type Pool = Connections & { readonly actor: null };

/** The same connections for one actor (`actingDb`): each statement runs in that actor's name. Operations have this pool. */
export type ActingDb = Connections & Queryable & { readonly actor: Actor };

/**
 * Connections outside any organization, which may query without an actor (`openOwnerPool`): migrations, tools, a test's
 * superuser.
 */
export type OwnerPool = Connections & Queryable & { readonly actor: 'owner' };

/** Can begin a transaction, which names its own actor. */
export type AnyPool = Pool | ActingDb | OwnerPool;

declare const inTransaction: unique symbol;
/** An open transaction. Its own type, so atomic work cannot receive the pool by mistake. `actor` began it. */
export type Tx = Queryable & { readonly actor: Actor; readonly [inTransaction]: true };

/** How the caller reached the operation. */
export type Origin = {
  surface: 'http' | 'mcp' | 'cli' | 'web' | 'link' | 'worker';
  operation: string;
  request_id: string;
  /** The time by the product's clock; ISO 8601. */
  at: string;
  /** The requester, also when the coordinator acts on their behalf. */
  asked_by: { kind: 'human' | 'agent' | 'public'; id: string };
};

export type Actor = {
  /** null only for work outside any organization. */
  org_id: string | null;
  kind: 'human' | 'agent' | 'coordinator' | 'system';
  id: string | null;
  /**
   * What a caller presents before its organization is known: the SHA-256 of a key or token as hex, or an address. Opens
   * those rows.
   */
  presented?: string;
};

/** Longer waits for a transaction that must succeed, for example an unsubscribe during a large import. */
export type TransactionOptions = { statement_timeout_ms?: number; lock_timeout_ms?: number };

/**
 * Runs `fn` in one READ COMMITTED transaction that passes `actor` to the triggers and row policies as `touchline.org`,
 * `touchline.actor_kind`, and `touchline.actor_id`. Commits when `fn` returns, rolls back when it throws. After a deadlock
 * or a serialization failure it runs all of `fn` again, up to three times: `fn` must have no effects outside the database.
 */
export function transaction<T>(
  db: AnyPool,
  actor: Actor,
  fn: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return retried(() => attempt(db, actor, beginStatement(actor, options, db.origin), fn));
}

/** The same for one statement, sent together with BEGIN and COMMIT in one round trip. */
export function statementAs<Row>(
  db: AnyPool,
  actor: Actor,
  text: string,
  values?: readonly unknown[],
  kept?: KeptStatement,
): Promise<QueryResult<Row>> {
  return retried(async () => {
    const plans = kept ? ({ plan_cache_mode: 'force_generic_plan' } as const) : {};
    const begin = beginStatement(actor, plans, db.origin);
    return onConnection(db, async (own) => {
      const [begun, answer, committed] = await Promise.allSettled([
        own.query(begin),
        own.query<Row>(text, values, kept),
        own.query('commit'),
      ]);
      for (const step of [begun, answer, committed]) if (step.status === 'rejected') throw step.reason;
      return (answer as PromiseFulfilledResult<QueryResult<Row>>).value;
    });
  });
}

/** `begin` is the statement that names the actor. */
async function attempt<T>(db: AnyPool, actor: Actor, begin: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return onConnection(db, async (own) => {
    let open = true;
    // Sent with the first statement. If it fails, that statement sees no rows, because no organization was named.
    const begun = own.query(begin);
    begun.catch(() => undefined);
    // After a failure, all statements in flight fail, and `fn` may see a later one first.
    let first: unknown;
    const query: Statements['query'] = async (text, values, kept) => {
      if (!open) throw new Error('a statement came after the end of its transaction');
      return own.query<never>(text, values, kept).catch((error: unknown) => {
        first ??= error;
        throw error;
      });
    };
    try {
      const value = await fn({ query, actor } as Tx);
      await begun;
      open = false;
      await commit(own);
      return value;
    } catch (error) {
      open = false;
      await begun;
      throw sqlState(error) === IN_FAILED_TRANSACTION ? first : error;
    }
  });
}

/** Lends `run` a connection. After a failure it is rolled back, or closed if even that fails. */
async function onConnection<T>(db: AnyPool, run: (own: Connection) => Promise<T>): Promise<T> {
  const own = await db.checkout();
  let broken = true;
  try {
    const value = await run(own);
    broken = false;
    return value;
  } catch (error) {
    await own.query('rollback').then(
      () => {
        broken = isOutdatedPlan(error) || sqlState(error) === READ_ONLY;
      },
      () => undefined,
    );
    throw error;
  } finally {
    own.release(broken);
  }
}

/** The server does not treat COMMIT of a failed transaction as an error: it rolls back and reports that. */
async function commit(own: Connection): Promise<void> {
  const { command } = await own.query('commit');
  if (command !== 'COMMIT')
    throw new Error('a failed statement was ignored: its transaction was rolled back');
}

/** BEGIN and the settings in one round trip: the simple protocol takes several statements but no parameters. */
function beginStatement(
  { org_id, kind, id, presented }: Actor,
  options: TransactionOptions & { plan_cache_mode?: 'force_generic_plan' },
  origin: Origin | undefined,
): string {
  const settings = {
    'touchline.org': org_id ?? '',
    'touchline.actor_kind': kind,
    'touchline.actor_id': id ?? '',
    'touchline.presented': presented,
    'touchline.origin': origin && JSON.stringify(origin),
    statement_timeout: options.statement_timeout_ms,
    lock_timeout: options.lock_timeout_ms,
    plan_cache_mode: options.plan_cache_mode,
  };
  const calls = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `set_config('${name}', ${pg.escapeLiteral(String(value))}, true)`);
  return `begin isolation level read committed; select ${calls.join(', ')}`;
}

/**
 * Runs `fn` so that its failure undoes only its own work and leaves the transaction usable. Rethrows the error. One at a
 * time: a nested savepoint would replace the outer one.
 */
export async function savepoint<T>(tx: Tx, fn: () => Promise<T>): Promise<T> {
  await tx.query('SAVEPOINT undo');
  try {
    const value = await fn();
    await tx.query('RELEASE SAVEPOINT undo');
    return value;
  } catch (error) {
    // On a broken connection these fail too: then the connection's error counts.
    await tx.query('ROLLBACK TO SAVEPOINT undo');
    await tx.query('RELEASE SAVEPOINT undo');
    throw error;
  }
}
