import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { systemDb } from './acting.ts';
import type { Pool } from './pool.ts';
import { AS_APP_ROLE } from './roles.ts';
import { driverOptions } from './servers.ts';

const CHANNEL = 'touchline_work';
/**
 * At most so often from one process. NOTIFY takes a lock of the whole server at commit, so it stays out of business
 * transactions and is rare; workers poll anyway.
 */
const SEND_EVERY_MS = 200;
const RECONNECT_MAX_MS = 30_000;

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

/** Calls `onHint` for each hint, on a connection of its own that is opened anew when it breaks. */
export function listenForHints(url: string, onHint: () => void): { close(): Promise<void> } {
  const { Client, ...address } = driverOptions(url);
  let client: pg.Client | null = null;
  let closed = false;
  const waiting = new AbortController();
  const done = (async () => {
    for (let tries = 0; !closed; tries += 1) {
      const broken = Promise.withResolvers<void>();
      client = new Client({
        ...address,
        application_name: 'touchline-hints',
        keepAlive: true,
        options: AS_APP_ROLE,
      });
      client.on('error', () => broken.resolve());
      client.on('end', () => broken.resolve());
      client.on('notification', onHint);
      try {
        await client.connect();
        await client.query(`LISTEN ${CHANNEL}`);
        tries = 0;
        // What was told while nobody listened.
        onHint();
        await broken.promise;
      } catch {
        // The worker polls meanwhile; what is wrong with the database its own statements tell.
      }
      await client.end().catch(() => undefined);
      const wait_ms = Math.min(RECONNECT_MAX_MS, 500 * 2 ** Math.min(tries, 6));
      if (!closed) await sleep(wait_ms, undefined, { signal: waiting.signal }).catch(() => undefined);
    }
  })();
  return {
    close: async () => {
      closed = true;
      waiting.abort();
      await client?.end().catch(() => undefined);
      await done;
    },
  };
}
