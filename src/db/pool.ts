import { Socket } from 'node:net';
import pg from 'pg';
import { AppError } from '../errors.ts';
import { sqlState } from './errors.ts';
import { isOutdatedPlan, retried } from './retries.ts';
import { toRows } from './rows.ts';
import { type SessionOptions, sessionSettings } from './session_settings.ts';
import { sentByTurns } from './socket.ts';
import { typeParsers } from './types.ts';

/** The oldest server that has what the schema uses (`security_invoker` views, `unnest` plans, MERGE). */
const OLDEST_SERVER = 150_000;
/** A new connection has to plan what the ones before it knew, just when there is so much to do that another is needed. */
const IDLE_MS = 300_000;
/** What every statement after one that failed is told. */
const IN_FAILED_TRANSACTION = '25P02';

/** `command` is the server's word for what it did, such as INSERT, or ROLLBACK where COMMIT was asked. */
export type QueryResult<Row> = { rows: Row[]; rowCount: number; command: string };

/** Under which name the connection keeps a statement with its plan; by itself, it has one for any parameters. */
export type KeptStatement = { name: string };

/** What a statement runs on: the pool (each statement by itself) or a transaction. */
export type Queryable = {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    kept?: KeptStatement,
  ): Promise<QueryResult<Row>>;
};

/** A connection of one's own, for what must not share one: advisory locks of a session, migrations. */
export type Connection = Queryable & {
  /** Gives it back; `discard` closes it instead, which also ends its locks and settings. */
  release(discard?: boolean): void;
};

export type Db = Queryable & {
  checkout(): Promise<Connection>;
  /** Learns the array types of enums that were created since the pool was opened. */
  refreshTypes(): Promise<void>;
  /** Where what is done here comes from: told to every transaction, for the audit. */
  origin?: Origin;
  stats(): { total: number; idle: number; waiting: number };
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
};

declare const inTransaction: unique symbol;
/** An open transaction. Its own type, so that what must be atomic cannot be handed the pool by mistake. */
export type Tx = Queryable & { readonly [inTransaction]: true };

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

export type PoolOptions = SessionOptions & {
  url: string;
  application_name?: string;
  max?: number;
  /** Told when an idle connection breaks, which is no statement's failure. */
  on_error?: (error: Error) => void;
};

/**
 * Opens the pool and checks the server. Throws `postgres_too_old` (503), or the driver's error when the
 * server cannot be reached; `toAppError` turns that into `unavailable`.
 *
 * timestamptz comes as Date, date as 'YYYY-MM-DD', numeric as string, int8 as number (a value beyond
 * 2^53 throws), arrays of enums as string arrays.
 */
export async function openPool(options: PoolOptions): Promise<Db> {
  const parsers = typeParsers();
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.application_name ?? 'touchline',
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    options: sessionSettings(options),
    types: parsers,
    // Statements are sent as they come, and need not wait for the answer to the one before.
    pipeline: true,
    stream: () => sentByTurns(new Socket()),
  });
  // Ending the pool lets its connections go before they have closed: what breaks them then is no news.
  let closing = false;
  pool.on('error', (error) => {
    if (!closing) options.on_error?.(error);
  });
  // A connection that breaks while it is lent, or in the moment of that, emits an event, which ends the process if nobody
  // hears it. The next statement fails on it anyway.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db: Db = {
    ...queryable(pool),
    checkout: async () => connection(await pool.connect()),
    refreshTypes: async () => parsers.learnArrays(await findEnumArrays(db)),
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => {
      closing = true;
      return pool.end();
    },
  };
  try {
    await checkServer(db);
    await db.refreshTypes();
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Enums get their array types' ids anew in each database, so the driver cannot know them. */
async function findEnumArrays(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ oid: number }>(
    `select typarray as oid from pg_type where typtype = 'e' and typarray <> 0`,
  );
  return rows.map(({ oid }) => oid);
}

async function checkServer(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  if (Number(rows[0]!.number) >= OLDEST_SERVER) return;
  const detail = `This server is PostgreSQL ${rows[0]!.name}; Touchline needs 15 or newer.`;
  throw new AppError('postgres_too_old', detail, { status: 503 });
}

function connection(client: pg.PoolClient): Connection {
  return {
    ...queryable(client),
    release(discard) {
      client.release(discard);
    },
  };
}

function queryable(source: pg.Pool | pg.PoolClient): Queryable {
  return {
    async query<Row>(text: string, values?: readonly unknown[], kept?: KeptStatement) {
      const asked = { text, rowMode: 'array' as const, ...(kept && { name: kept.name }) };
      type Answer = pg.QueryArrayResult;
      const answer: Answer | Answer[] = await source.query(asked, values as unknown[]);
      // Several statements in one text answer with several results; the last one counts.
      const { fields, rows, rowCount, command } = Array.isArray(answer) ? answer[answer.length - 1]! : answer;
      return { rows: toRows<Row>(fields, rows), rowCount: rowCount ?? 0, command };
    },
  };
}

/**
 * Runs `fn` in one READ COMMITTED transaction that carries `actor` to the triggers and row policies as
 * `touchline.org`, `touchline.actor_kind` and `touchline.actor_id`. Commits when `fn` returns, rolls back
 * when it throws. A deadlock or a serialization failure runs the whole of `fn` again, up to three times:
 * it must not have effects outside the database.
 */
export function transaction<T>(
  db: Db,
  actor: Actor,
  fn: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return retried(() => attempt(db, beginStatement(actor, options, db.origin), fn));
}

/** The same for one statement, which is sent together with the beginning and the end: one round trip for all. */
export function statementAs<Row>(
  db: Db,
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

async function attempt<T>(db: Db, begin: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return onConnection(db, async (own) => {
    let open = true;
    // It goes out with the first statement. Should it fail, that one shows nobody anything: no org was named.
    const begun = own.query(begin);
    begun.catch(() => undefined);
    // Of statements that are under way together all fail after the first that did, and `fn` may learn of a later one sooner.
    let first: unknown;
    const query: Queryable['query'] = async (text, values, kept) => {
      if (!open) throw new Error('a statement came after the end of its transaction');
      return own.query<never>(text, values, kept).catch((error: unknown) => {
        first ??= error;
        throw error;
      });
    };
    try {
      const value = await fn({ query } as Tx);
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
async function onConnection<T>(db: Db, run: (own: Connection) => Promise<T>): Promise<T> {
  const own = await db.checkout();
  let broken = true;
  try {
    const value = await run(own);
    broken = false;
    return value;
  } catch (error) {
    await own.query('rollback').then(
      () => {
        broken = isOutdatedPlan(error);
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
