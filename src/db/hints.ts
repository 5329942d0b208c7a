import { systemDb } from './acting.ts';
import { type KeptConnection, keptConnection } from './kept_connection.ts';
import type { Pool } from './pool.ts';

const CHANNEL = 'touchline_work';
/**
 * At most so often from one process. NOTIFY takes a lock of the whole server at commit, so it stays out of business
 * transactions and is rare; workers poll anyway.
 */
const SEND_EVERY_MS = 200;

/**
 * Tells workers of other processes that there may be work. Only a hint: a lost one costs no more than the time to the
 * next poll. Calls are gathered: the first goes out at once, later ones together.
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

/** Calls `onHint` for each hint, on a connection of its own that is opened again when it breaks. */
export function listenForHints(url: string, onHint: () => void): KeptConnection {
  return keptConnection({
    url,
    application_name: 'touchline-hints',
    onOpen: async (client) => {
      client.on('notification', onHint);
      await client.query(`LISTEN ${CHANNEL}`);
      // What was told while nobody listened.
      onHint();
    },
  });
}
