import pg from 'pg';
import { sqlState } from './errors.ts';
import { isOutdatedPlan, retried } from './retries.ts';

/** What every statement after one that failed is told. */
const IN_FAILED_TRANSACTION = '25P02';
/** The server takes no changes any more: the next connection may find one that does. */
const READ_ONLY = '25006';

/** `command` is the server's word for what it did, such as INSERT, or ROLLBACK where COMMIT was asked. */
export type QueryResult<Row> = { rows: Row[]; rowCount: number; command: string };

/** Under which name the connection keeps a statement with its plan; by itself, it has one for any parameters. */
export type KeptStatement = { name: string };

/** Where SQL can be sent. This alone says nothing of in whose name, so no named statement runs on it. */
export type Statements = {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    kept?: KeptStatement,
  ): Promise<QueryResult<Row>>;
};

/** What named statements run on: a transaction, the pool as one actor has it, or an owner's. It knows in whose name. */
export type Queryable = Statements & { readonly actor: Actor | 'owner' };

/** A connection of one's own, for what must not share one: transactions, advisory locks of a session, migrations. */
export type Connection = Statements & {
  /** Gives it back; `discard` closes it instead, which also ends its locks and settings. */
  release(discard?: boolean): void;
};

/** What every pool has, whoever works with it. */
export type Connections = {
  checkout(): Promise<Connection>;
  /** Learns the array types of enums that were created since the pool was opened. */
  refreshTypes(): Promise<void>;
  /** Where what is done here comes from: told to every transaction, for the audit. */
  origin?: Origin;
  stats(): { total: number; idle: number; waiting: number };
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
};

/**
 * The application's connections, as `openAppPool` opens them: row-level security shows them nothing until somebody acts. So there
 * is no `query` here, and none can be forgotten: `transaction`, `statementAs`, `actingDb` and `systemDb` take the actor.
 * The processes and the worker have this one.
 */
export type Pool = Connections & { readonly actor: null };

/** The same connections as one actor has them (`actingDb`): each statement is in that actor's name. Operations have this one. */
export type ActingDb = Connections & Queryable & { readonly actor: Actor };

/** Connections that are no org's and may query in nobody's name (`openOwnerPool`): migrations, tools, a test's superuser. */
export type OwnerPool = Connections & Queryable & { readonly actor: 'owner' };

/** Where a transaction can begin, since it names its actor itself. */
export type AnyPool = Pool | ActingDb | OwnerPool;

declare const inTransaction: unique symbol;
/** An open transaction. Its own type, so that what must be atomic cannot be handed the pool by mistake. `actor` began it. */
export type Tx = Queryable & { readonly actor: Actor; readonly [inTransaction]: true };

/** What someone used to get here. */
export type Origin = {
  surface: 'http' | 'mcp' | 'cli' | 'web' | 'link' | 'worker';
  operation: string;
  request_id: string;
  /** When, by the product's clock; ISO 8601. */
  at: string;
  /** Who asked, also where the coordinator acts on their behalf. */
  asked_by: { kind: 'human' | 'agent' | 'public'; id: string };
};

export type Actor = {
  /** null only for work that belongs to no organization. */
  org_id: string | null;
  kind: 'human' | 'agent' | 'coordinator' | 'system';
  id: string | null;
  /** What a caller shows before its org is known: SHA-256 of a key or token as hex, or an address. It opens those rows. */
  presented?: string;
};

/** Longer waits for a transaction that has to get through, such as an unsubscribe during a large import. */
export type TransactionOptions = { statement_timeout_ms?: number; lock_timeout_ms?: number };

/**
 * Runs `fn` in one READ COMMITTED transaction that carries `actor` to the triggers and row policies as
 * `touchline.org`, `touchline.actor_kind` and `touchline.actor_id`. Commits when `fn` returns, rolls back
 * when it throws. A deadlock or a serialization failure runs the whole of `fn` again, up to three times:
 * it must not have effects outside the database.
 */
export function transaction<T>(
  db: AnyPool,
  actor: Actor,
  fn: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return retried(() => attempt(db, { actor, begin: beginStatement(actor, options, db.origin) }, fn));
}

/** The same for one statement, which is sent together with the beginning and the end: one round trip for all. */
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

/** Who begins, and the statement that says so. */
type Beginning = { actor: Actor; begin: string };

async function attempt<T>(db: AnyPool, { actor, begin }: Beginning, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return onConnection(db, async (own) => {
    let open = true;
    // It goes out with the first statement. Should it fail, that one shows nobody anything: no org was named.
    const begun = own.query(begin);
    begun.catch(() => undefined);
    // Of statements that are under way together all fail after the first that did, and `fn` may learn of a later one sooner.
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

/** Lends `run` a connection. After a failure it is rolled back; one that cannot even do that is closed, which does it too. */
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

/** COMMIT of a failed transaction is no error to the server: it rolls back and says so. */
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
  const settings: [string, string][] = [
    ['touchline.org', org_id ?? ''],
    ['touchline.actor_kind', kind],
    ['touchline.actor_id', id ?? ''],
  ];
  if (presented !== undefined) settings.push(['touchline.presented', presented]);
  if (origin !== undefined) settings.push(['touchline.origin', JSON.stringify(origin)]);
  for (const [name, value] of [
    ['statement_timeout', options.statement_timeout_ms],
    ['lock_timeout', options.lock_timeout_ms],
    ['plan_cache_mode', options.plan_cache_mode],
  ] as const) {
    if (value !== undefined) settings.push([name, String(value)]);
  }
  const calls = settings.map(([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, true)`);
  return `begin isolation level read committed; select ${calls.join(', ')}`;
}
