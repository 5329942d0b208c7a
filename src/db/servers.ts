import pg from 'pg';
import { AppError } from '../errors.ts';
import { type DatabaseAddress, parseDatabaseUrl, type Server } from './database_url.ts';
import { toAppError } from './errors.ts';

/** For one server, from its name lookup to the end of the login. */
const CONNECT_MS = 5_000;

/** Driver options to connect; for its pool, for a client, and for libraries with their own connections. */
export type DriverOptions = {
  connectionString: string;
  connectionTimeoutMillis: number;
  Client: typeof pg.Client;
};

/**
 * How to connect to an address. The driver supports one host, so if the address names several, or requires a writable
 * server, each new connection looks for the first suitable server, beginning with the last one used. After a failover, new
 * connections thus reach the new primary. Throws `database_url_invalid` (503).
 */
export function driverOptions(database_url: string): DriverOptions {
  const address = parseDatabaseUrl(database_url);
  if ('error' in address) {
    throw new AppError('database_url_invalid', `DATABASE_URL ${address.error}.`);
  }
  const [first, ...others] = address.servers;
  const connectionString = first!.url;
  if (others.length === 0 && address.wanted === 'any') {
    return { connectionString, connectionTimeoutMillis: CONNECT_MS, Client: pg.Client };
  }
  return {
    connectionString,
    // All servers may be tried before one is taken.
    connectionTimeoutMillis: CONNECT_MS * (address.servers.length + 1),
    Client: choosingClient(address),
  };
}

/** The servers' names for people, without the password. Null if the address is unreadable. */
export function serverNames(database_url: string): string | null {
  const address = parseDatabaseUrl(database_url);
  return 'error' in address ? null : address.servers.map(({ name }) => name).join(', ');
}

/** A client that connects to a suitable server, whatever host it was created for. */
function choosingClient(address: DatabaseAddress): typeof pg.Client {
  const choose = chooser(address);
  return class extends pg.Client {
    readonly #config: pg.ClientConfig;

    constructor(config?: string | pg.ClientConfig) {
      super(config);
      this.#config = typeof config === 'object' ? config : { connectionString: config };
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: ((err: Error) => void) | ((err: null, c: pg.Client) => void)): void;
    override connect(callback?: (err: never, c: pg.Client) => void): Promise<pg.Client> | undefined {
      const connected = choose(this.#config).then(({ host, port }) => {
        if (host !== null) this.host = host;
        this.port = port;
        return super.connect();
      });
      if (callback === undefined) return connected;
      connected.then(
        () => callback(null as never, this),
        (error) => callback(error as never, this),
      );
      return undefined;
    }
  };
}

/** Simultaneous new connections share one search. */
function chooser({ servers, wanted }: DatabaseAddress): (config: pg.ClientConfig) => Promise<Server> {
  let last = servers[0]!;
  let choosing: Promise<Server> | null = null;
  const choose = async (config: pg.ClientConfig): Promise<Server> => {
    const refusals: string[] = [];
    let is_login_refused = false;
    for (const server of [last, ...servers.filter((other) => other !== last)]) {
      const refusal = await refusalOf(server, config, wanted);
      if (refusal === null) {
        last = server;
        return server;
      }
      refusals.push(`${server.name}: ${refusal.why}`);
      is_login_refused ||= refusal.is_login_refused;
    }
    throw noServer(refusals, is_login_refused);
  };
  return (config) => {
    choosing ??= choose(config).finally(() => {
      choosing = null;
    });
    return choosing;
  };
}

/** A server that refuses the login is running: another one would refuse too. */
function noServer(refusals: readonly string[], is_login_refused: boolean): AppError {
  const code = is_login_refused ? 'database_refused' : 'no_database_server';
  return new AppError(code, `No server of DATABASE_URL is usable. ${refusals.join('; ')}.`, {
    status: 503,
    hint: is_login_refused
      ? 'Check user, password, and database name in DATABASE_URL.'
      : 'Start one of them or set another in DATABASE_URL. target_session_attrs selects usable servers.',
  });
}

type Refusal = { why: string; is_login_refused: boolean };

/** Why a server does not qualify; null if it does. */
async function refusalOf(
  { url }: Server,
  config: pg.ClientConfig,
  wanted: DatabaseAddress['wanted'],
): Promise<Refusal | null> {
  const unwanted = (why: string): Refusal => ({ why, is_login_refused: false });
  const client = new pg.Client({
    ...config,
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (wanted === 'any') return null;
    const { rows } = await client.query<{ is_standby: boolean; is_read_only: boolean }>(
      `select pg_is_in_recovery() as is_standby, current_setting('transaction_read_only')::bool as is_read_only`,
    );
    const { is_standby, is_read_only } = rows[0]!;
    if (is_standby) return unwanted('is a standby');
    return wanted === 'read-write' && is_read_only ? unwanted('is read-only') : null;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const is_login_refused = toAppError(error)?.code === 'database_refused';
    return { why: message || code || 'is unreachable', is_login_refused };
  } finally {
    await client.end().catch(() => undefined);
  }
}
