import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { keptConnection } from './kept_connection.ts';

/** Shows that a process is alive. */
export type ProcessLock = {
  /** The id of this process while the database sees that it is alive, else null: a lease then ends only by time. */
  held(): string | null;
  /** Publishes this process's address, for `touchline doctor` in another shell or on another machine. */
  announce(url: string): void;
  close(): Promise<void>;
};

/** A machine without power sends nothing: the server probes, and gives up after 25 s. No time limit ends the session. */
const SETTINGS =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 ' +
  '-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0';

/** Prefix of the session name of a process that answers requests; its address follows. `servingAddresses` reads it. */
const SERVING = 'touchline-serve ';
/** PostgreSQL cuts off longer names, and a shortened address would be wrong. */
const NAME_BYTES_MAX = 63;

/**
 * Holds this process's advisory lock, under a new id, on a separate connection. The server releases it when the process
 * dies, and `process_is_gone` reports that to others. A broken connection is reopened and locked again.
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
      // If the session breaks here, it gets its name when it reopens.
      nameSession()?.catch(() => undefined);
    },
    close: connection.close,
  };
}
