import type { Context } from '../../context.ts';
import type { Principal } from '../../principal.ts';
import { type Change, type Cursor, changesSince, concerns, currentCursor, type Written } from './changes.ts';

/** Changes may arrive this late. */
const POLL_MS = 1_000;
/** Minimum time between two reads, however often the feed is woken. */
const REST_MS = 100;

type Onlooker = {
  principal: Principal;
  /** `cursor`: all of these changes lie before it. */
  tell(changes: readonly Change[], cursor: Cursor): void;
};

export type ChangeFeeds = {
  /** Reports every change from now on, or since `from`. Resolves, once it does, to a function that ends it. */
  open(onlooker: Onlooker, from: Cursor | null): Promise<() => void>;
  /** Hints at new changes, which are otherwise found within a second. */
  wake(): void;
  close(): void;
};

type Feed = {
  add(onlooker: Onlooker): Promise<Cursor>;
  /** False when no onlooker is left. */
  remove(onlooker: Onlooker): boolean;
  wake(): void;
  stop(): void;
};

/** Reads the database once per org and second for all onlookers of this process, and not at all without onlookers. */
export function changeFeeds(context: Pick<Context, 'db' | 'clock' | 'log'>): ChangeFeeds {
  const feeds = new Map<string, Feed>();
  return {
    async open(onlooker, from) {
      const { org_id } = onlooker.principal;
      const feed = feeds.get(org_id) ?? startFeed(context, org_id);
      feeds.set(org_id, feed);
      // News that arrives while the past is read waits: its cursor lies after the past.
      const waiting: Parameters<Onlooker['tell']>[] = [];
      let is_current = false;
      const member: Onlooker = {
        principal: onlooker.principal,
        tell: (...news) => {
          if (is_current) onlooker.tell(...news);
          else waiting.push(news);
        },
      };
      const close = () => {
        if (feed.remove(member)) return;
        feed.stop();
        if (feeds.get(org_id) === feed) feeds.delete(org_id);
      };
      try {
        const cursor = await feed.add(member);
        const past = from === null ? [] : (await changesSince(context, org_id, from)).written;
        onlooker.tell(heard(past, onlooker.principal), cursor);
        is_current = true;
        for (const news of waiting) onlooker.tell(...news);
        return close;
      } catch (error) {
        close();
        throw error;
      }
    },
    wake: () => {
      for (const feed of feeds.values()) feed.wake();
    },
    close: () => {
      for (const feed of feeds.values()) feed.stop();
      feeds.clear();
    },
  };
}

function startFeed(context: Pick<Context, 'db' | 'clock' | 'log'>, org_id: string): Feed {
  const onlookers = new Set<Onlooker>();
  const seen = new Map<string, number>();
  let stopped = false;
  let wake = () => {};
  // Skips changes made before the stream started, even while a long transaction elsewhere holds the horizon back.
  const begin = async (): Promise<Cursor> => {
    const { written, cursor: next } = await changesSince(context, org_id, await currentCursor(context));
    for (const { key, xact_id } of written) seen.set(key, xact_id);
    return next;
  };
  let cursor = begin();
  const look = async (from: Cursor): Promise<Cursor> => {
    try {
      const next = await changesSince(context, org_id, from);
      const news = next.written.filter(({ key }) => !seen.has(key));
      for (const { key, xact_id } of next.written) seen.set(key, xact_id);
      // Changes before the cursor do not appear again.
      for (const [key, xact_id] of seen) if (xact_id < next.cursor.horizon) seen.delete(key);
      for (const onlooker of onlookers) {
        const own = heard(news, onlooker.principal);
        if (own.length > 0) onlooker.tell(own, next.cursor);
      }
      return next.cursor;
    } catch (error) {
      context.log.warn({ err: error }, 'reading changes failed; retrying');
      return from;
    }
  };
  void (async () => {
    await cursor.catch(() => undefined);
    while (!stopped) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        wake = () => {
          clearTimeout(timer);
          setTimeout(resolve, REST_MS);
        };
      });
      if (stopped) return;
      cursor = cursor.catch(begin).then(look);
      await cursor.catch(() => undefined);
    }
  })();
  return {
    add: async (onlooker) => {
      onlookers.add(onlooker);
      return cursor;
    },
    remove: (onlooker) => {
      onlookers.delete(onlooker);
      return onlookers.size > 0;
    },
    wake: () => wake(),
    stop: () => {
      stopped = true;
      wake();
    },
  };
}

function heard(written: readonly Written[], principal: Principal): Change[] {
  return written.filter((one) => concerns(one, principal)).map((one) => one.change);
}
