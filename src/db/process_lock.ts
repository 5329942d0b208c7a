import { randomUUID } from 'node:crypto';
import { keptConnection } from './kept_connection.ts';

/** What shows that a process lives. */
export type ProcessLock = {
  /** The id of this process while the database sees that it lives, else null: a lease then ends by its time alone. */
  held(): string | null;
  close(): Promise<void>;
};

/** A machine that lost its power says nothing: the server asks, and gives up after 25 s. No limit of time ends the session. */
const SETTINGS =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 ' +
  '-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0';

/**
 * Holds the advisory lock of this process, by a new id, on a connection of its own. The server frees it at the moment at which
 * the process dies, and `process_is_gone` says so to others. A connection that breaks is opened again, and the lock taken again.
 */
export function holdProcessLock(url: string): ProcessLock {
  const id = randomUUID();
  let is_held = false;
  const connection = keptConnection({
    url,
    application_name: 'touchline-process',
    settings: SETTINGS,
    onOpen: async (client) => {
      await client.query('SELECT pg_advisory_lock(process_lock($1))', [id]);
      is_held = true;
    },
    onBroken: () => {
      is_held = false;
    },
  });
  return { held: () => (is_held ? id : null), close: connection.close };
}
