import { Socket } from 'node:net';
import pg from 'pg';
import { AppError } from '../errors.ts';
import type { Connection, Connections, KeptStatement, OwnerPool, Statements } from './pool.ts';
import { driverOptions } from './servers.ts';
import { typeParsers } from './types.ts';

/** The oldest server with everything that the schema uses (`security_invoker` views, `unnest` plans, MERGE). */
const OLDEST_SERVER = 150_000;
/** A new connection must plan again what its predecessors knew, at the moment of the highest load. */
const IDLE_MS = 300_000;

export type PoolOptions = SessionOptions & {
  url: string;
  application_name?: string;
  max?: number;
  /** Called when an idle connection breaks, which fails no statement. */
  on_error?: (error: Error) => void;
};

/**
 * Opens connections for work on the database itself: for the owner of the tables, for tools, and in tests for a superuser.
 * The product's own work uses `openAppPool`. Throws like `openConnections`.
 */
export async function openOwnerPool(options: PoolOptions): Promise<OwnerPool> {
  const { connections, statements } = await openConnections(options);
  return { ...connections, ...statements, actor: 'owner' };
}

/** The parts of a pool. `statements` runs each statement on any free connection, without an actor. */
export type Opened = { connections: Connections; statements: Statements };

/**
 * Opens connections and checks the server. Throws `postgres_too_old` (503), or the driver's error if the server is
 * unreachable; `toAppError` turns that into `unavailable`.
 *
 * timestamptz arrives as Date, date as 'YYYY-MM-DD', numeric as string, int8 as number (a value beyond 2^53 throws), arrays
 * of enums as string arrays.
 */
export async function openConnections(options: PoolOptions): Promise<Opened> {
  const parsers = typeParsers();
  const pool = new pg.Pool({
    ...driverOptions(options.url),
    application_name: options.application_name ?? 'touchline',
    max: options.max ?? 10,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    options: sessionSettings(options),
    types: parsers,
    // Sends statements without waiting for earlier answers.
    pipeline: true,
    stream: () => sentByTurns(new Socket()),
  });
  // Ending the pool releases its connections before they have closed: a break then is not reported.
  let closing = false;
  pool.on('error', (error) => {
    if (!closing) options.on_error?.(error);
  });
  // A connection that breaks while in use emits an event, which would end the process without a listener. Its next
  // statement fails anyway.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const statements = statementsOn(pool);
  const connections: Connections = {
    checkout: async () => connection(await pool.connect()),
    refreshTypes: async () => parsers.learnArrays(await findEnumArrays(statements)),
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => {
      closing = true;
      return pool.end();
    },
  };
  try {
    await checkServer(statements);
    await connections.refreshTypes();
    return { connections, statements };
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/** Array types of enums get new ids in each database, so the driver cannot know them. */
async function findEnumArrays(on: Statements): Promise<number[]> {
  const { rows } = await on.query<{ oid: number }>(
    `select typarray as oid from pg_type where typtype = 'e' and typarray <> 0`,
  );
  return rows.map(({ oid }) => oid);
}

async function checkServer(on: Statements): Promise<void> {
  const { rows } = await on.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  if (Number(rows[0]!.number) >= OLDEST_SERVER) return;
  const detail = `This server is PostgreSQL ${rows[0]!.name}; Touchline needs 15 or newer.`;
  throw new AppError('postgres_too_old', detail);
}

function connection(client: pg.PoolClient): Connection {
  return {
    ...statementsOn(client),
    release(discard) {
      client.release(discard);
    },
  };
}

function statementsOn(source: pg.Pool | pg.PoolClient): Statements {
  return {
    async query<Row>(text: string, values?: readonly unknown[], kept?: KeptStatement) {
      const asked = { text, rowMode: 'array' as const, ...(kept && { name: kept.name }) };
      type Answer = pg.QueryArrayResult;
      const answer: Answer | Answer[] = await source.query(asked, values as unknown[]);
      // Several statements in one text return several results; the last one counts.
      const { fields, rows, rowCount, command } = Array.isArray(answer) ? answer[answer.length - 1]! : answer;
      return { rows: toRows<Row>(fields, rows), rowCount: rowCount ?? 0, command };
    },
  };
}

/** The columns of one row, in the statement's order. */
type Columns = readonly unknown[];
type RowMaker = (columns: Columns) => unknown;

/** Keyed by column names: as many as there are statements. */
const makers = new Map<string, RowMaker>();

/**
 * Rows as objects. The engine builds objects with known names ten times faster than objects filled name by name, and a list
 * page has two thousand values.
 */
function toRows<Row>(fields: readonly { name: string }[], rows: readonly Columns[]): Row[] {
  if (rows.length === 0) return [];
  const names = JSON.stringify(fields.map(({ name }) => name));
  const maker = makers.get(names) ?? keepMaker(names);
  return rows.map((columns) => maker(columns) as Row);
}

/** The names come from our own statements, quoted as JSON: none of them can be anything but a name. */
function keepMaker(names: string): RowMaker {
  const quoted = (JSON.parse(names) as string[]).map((name) => JSON.stringify(name));
  const properties = quoted.map((name, at) => `${name}: columns[${at}]`);
  const maker = new Function('columns', `return { ${properties.join(', ')} }`) as RowMaker;
  makers.set(names, maker);
  return maker;
}

/** Sends all writes of one turn of the event loop together: a write costs the system more than many statements do. */
export function sentByTurns(socket: Socket): Socket {
  // Not earlier: connecting restores the socket's own `write`.
  socket.once('connect', () => gatherWrites(socket));
  return socket;
}

function gatherWrites(socket: Socket): void {
  const write = socket.write;
  let is_gathering = false;
  socket.write = ((...args: unknown[]) => {
    if (!is_gathering) {
      is_gathering = true;
      socket.cork();
      process.nextTick(() => {
        is_gathering = false;
        socket.uncork();
      });
    }
    return write.apply(socket, args as never);
  }) as typeof write;
}

type SessionOptions = {
  /** Role to act as, for a login with more rights than the application should have. */
  role?: string;
  statement_timeout_ms?: number;
};

/**
 * Set at connection start, so they cost no round trip. An idle transaction keeps old row versions alive and slows every
 * claim; a lock wait beyond 2 s means that something else is wrong.
 */
function sessionSettings({ statement_timeout_ms = 5_000, role }: SessionOptions): string {
  const settings = {
    TimeZone: 'UTC',
    statement_timeout: statement_timeout_ms,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    ...(role === undefined ? {} : { role }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${String(value).replaceAll(/([\\ ])/g, '\\$1')}`)
    .join(' ');
}
