import { systemDb } from './acting.ts';
import { type KeptConnection, keptConnection } from './kept_connection.ts';
import type { Pool } from './pool.ts';

const CHANNEL = 'touchline_work';
/**
 * The shortest interval per process. NOTIFY takes a server-wide lock at commit, so it stays out of business transactions
 * and is rare; workers poll anyway.
 */
const SEND_EVERY_MS = 200;

/**
 * Notifies workers in other processes of possible work. Only a hint: a lost one costs at most the time to the next poll.
 * The first call goes out at once, later ones together.
 */
export function hintSender(pool: Pool): { send(): void; close(): void } {
  const db = systemDb(pool);
  let timer: NodeJS.Timeout | null = null;
  let asked = false;
  const notify = () => {
    db.query(`NOTIFY ${CHANNEL}`).catch(() => undefined);
    asked = false;
    timer = setTimeout(() => {
      timer = null;
      if (asked) notify();
    }, SEND_EVERY_MS);
    timer.unref();
  };
  return {
    send: () => {
      if (timer === null) notify();
      else asked = true;
    },
    close: () => clearTimeout(timer ?? undefined),
  };
}

/** Calls `onHint` for each hint, on its own connection, which reopens when it breaks. */
export function listenForHints(url: string, onHint: () => void): KeptConnection {
  return keptConnection({
    url,
    application_name: 'touchline-hints',
    onOpen: async (client) => {
      client.on('notification', onHint);
      await client.query(`LISTEN ${CHANNEL}`);
      // Hints sent while the connection was down.
      onHint();
    },
  });
}
