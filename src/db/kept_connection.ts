import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { AS_APP_ROLE } from './roles.ts';
import { driverOptions } from './servers.ts';

const RECONNECT_MAX_MS = 30_000;
const RECONNECT_MS = 500;

export type KeptConnection = { close(): Promise<void> };

export type KeptConnectionOptions = {
  url: string;
  application_name: string;
  /** Its own session settings, as `-c name=value`. */
  settings?: string;
  /** Runs on each new connection. An error here, or a break, opens the next one. */
  onOpen: (client: pg.Client) => Promise<void>;
  onBroken?: () => void;
};

/**
 * One connection outside the pool, as the application's role, for state that lives as long as its session. Reopens when it
 * breaks: after half a second, then ever more slowly, up to every 30 s. Failures are silent: the pool's statements report
 * what is wrong with the database.
 */
export function keptConnection({
  url,
  application_name,
  settings,
  onOpen,
  onBroken,
}: KeptConnectionOptions): KeptConnection {
  const { Client, ...address } = driverOptions(url);
  let client: pg.Client | null = null;
  let closed = false;
  const waiting = new AbortController();
  const options = settings === undefined ? AS_APP_ROLE : `${AS_APP_ROLE} ${settings}`;
  const done = (async () => {
    for (let tries = 0; !closed; tries += 1) {
      const broken = Promise.withResolvers<void>();
      client = new Client({ ...address, application_name, keepAlive: true, options });
      client.on('error', () => broken.resolve());
      client.on('end', () => broken.resolve());
      try {
        await client.connect();
        await Promise.race([onOpen(client), broken.promise]);
        tries = 0;
        await broken.promise;
      } catch {
        // The connection is retried.
      }
      onBroken?.();
      await client.end().catch(() => undefined);
      const wait_ms = Math.min(RECONNECT_MAX_MS, RECONNECT_MS * 2 ** Math.min(tries, 6));
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
