import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { keptConnection } from './kept_connection.ts';

/** What shows that a process lives. */
export type ProcessLock = {
  /** The id of this process while the database sees that it lives, else null: a lease then ends by its time alone. */
  held(): string | null;
  /** Names the address at which this process answers, for `touchline doctor` in another shell or on another machine. */
  announce(url: string): void;
  close(): Promise<void>;
};

/** A machine that lost its power says nothing: the server asks, and gives up after 25 s. No limit of time ends the session. */
const SETTINGS =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 ' +
  '-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0';

/** Begins the name of a session whose process answers requests; its address follows. `servingAddresses` reads it. */
const SERVING = 'touchline-serve ';
/** PostgreSQL cuts off longer names, and half an address leads elsewhere. */
const NAME_BYTES_MAX = 63;

/**
 * Holds the advisory lock of this process, by a new id, on a connection of its own. The server frees it at the moment at which
 * the process dies, and `process_is_gone` says so to others. A connection that breaks is opened again, and the lock taken again.
 */
export function holdProcessLock(url: string): ProcessLock {
  const id = randomUUID();
  let is_held = false;
  let name = 'touchline-process';
  let session: pg.Client | null = null;
  const nameSession = () => session?.query(`SET application_name = ${pg.escapeLiteral(name)}`);
  const connection = keptConnection({
    url,
    application_name: name,
    settings: SETTINGS,
    onOpen: async (client) => {
      await client.query('SELECT pg_advisory_lock(process_lock($1))', [id]);
      is_held = true;
      session = client;
      await nameSession();
    },
    onBroken: () => {
      is_held = false;
      session = null;
    },
  });
  return {
    held: () => (is_held ? id : null),
    announce: (url) => {
      const wanted = SERVING + url;
      if (Buffer.byteLength(wanted) > NAME_BYTES_MAX) return;
      name = wanted;
      // A session that breaks here gets its name when it is opened again.
      nameSession()?.catch(() => undefined);
    },
    close: connection.close,
  };
}
