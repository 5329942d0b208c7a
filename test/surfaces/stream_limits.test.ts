import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { principalLookup } from '../../src/operations/access/sessions.ts';
import { type ChangeFeeds, changeFeeds } from '../../src/operations/log/change_feeds.ts';
import type { Change } from '../../src/operations/log/changes.ts';
import type { Principals } from '../../src/surfaces/access.ts';
import { testDatabase } from '../database.ts';
import { addPerson, type Door, openDoor } from '../sending/door.ts';
import { createWorld } from '../world.ts';
import { AGENT_OF_KIND, type ServedProduct, serveProduct } from './product.ts';

/* How the stream treats clients that are silent, slow, many or gone. */

const { db } = await testDatabase();
const HEARTBEAT_MS = 100;
let product: ServedProduct;
beforeAll(async () => {
  product = await serveProduct(db, { stream_pace: { heartbeat_ms: HEARTBEAT_MS, recheck_ms: 100 } });
});
afterAll(() => product.close());

type Shown = { key?: string; cookie?: string; url?: string };

async function listen({ key, cookie, url = product.server.url }: Shown) {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/v1/stream`, {
    signal: stop.signal,
    headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(cookie ? { cookie } : {}) },
  });
  let text = '';
  let wake = () => {};
  const ended = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      wake();
    }
    return 'ended';
  })().catch(() => 'cut');
  const until = async (fits: (text: string) => boolean) => {
    while (!fits(text)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { status: response.status, text: () => text, until, ended, close: () => stop.abort() };
}

describe('the heartbeat', () => {
  test('repeats while nothing happens, as a comment that is not an event', async () => {
    const stream = await listen({ key: product.key });
    const began_ms = performance.now();
    await stream.until((text) => (text.match(/^: still here$/gm) ?? []).length >= 4);
    expect(performance.now() - began_ms).toBeGreaterThanOrEqual(3 * HEARTBEAT_MS);
    stream.close();
    const lines = stream
      .text()
      .split('\n')
      .filter((line) => line !== '');
    expect(
      lines.filter((line) => !/^(: still here|retry: |id: |event: ready|data: \{\})/.test(line)),
    ).toEqual([]);
    expect(lines.filter((line) => line.startsWith('data: '))).toEqual(['data: {}']);
  });
});

describe('a client that does not read', () => {
  /** Sends all clients the same, as much as they request. */
  function loudFeed() {
    const listeners = new Map<symbol, (changes: readonly Change[]) => void>();
    const feed: ChangeFeeds = {
      wake: () => {},
      close: () => {},
      open: async ({ tell }) => {
        const own = Symbol('listener');
        const cursor = { horizon: 1, at_ms: 1 };
        listeners.set(own, (changes) => tell(changes, cursor));
        tell([], cursor);
        return () => listeners.delete(own);
      },
    };
    const shout = (changes: readonly Change[]) => {
      for (const tell of listeners.values()) tell(changes);
    };
    return { feed, shout, count: () => listeners.size };
  }

  test('is cut off once too much is unread, and the others stay connected', async () => {
    const { feed, shout, count } = loudFeed();
    const loud = await serveProduct(db, { changes: feed });
    const reader = await listen({ key: loud.key, url: loud.server.url });
    const { hostname, port } = new URL(loud.server.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.pause();
    socket.on('error', () => {});
    socket.write(`GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${loud.key}\r\n\r\n`);
    await expect.poll(count).toBe(2);
    const id = '00000000-0000-7000-8000-000000000001';
    const flag: Change = { type: 'flag', id, kind: 'backlog', lead_id: null, is_open: true };
    const changes = Array.from({ length: 500 }, () => flag);
    const bytes_a_turn = changes.length * JSON.stringify(flag).length;
    let told_bytes = 0;
    // The kernels of both ends buffer a few megabytes; everything beyond is in our memory.
    while (count() === 2 && told_bytes < 64 * 1_048_576) {
      shout(changes);
      told_bytes += bytes_a_turn;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(count()).toBe(1);
    expect(told_bytes).toBeLessThan(64 * 1_048_576);
    const heard = reader.text().length;
    shout(changes);
    await reader.until((text) => text.length > heard);
    reader.close();
    socket.destroy();
    await loud.close();
  });
});

describe('ten streams', () => {
  test('are shared by all keys of a principal, leave others theirs, and make room when one ends', async () => {
    const agent = AGENT_OF_KIND.role;
    const keys = [await product.keyOf(agent), await product.keyOf(agent)];
    const streams = await Promise.all(Array.from({ length: 10 }, (_, at) => listen({ key: keys[at % 2]! })));
    expect(streams.map(({ status }) => status)).toEqual(Array(10).fill(200));
    for (const key of keys) expect((await listen({ key })).status).toBe(429);
    const other = await listen({ key: await product.keyOf(AGENT_OF_KIND.brain) });
    expect(other.status).toBe(200);
    streams[0]!.close();
    const retry = async () => {
      const again = await listen({ key: keys[1]! });
      if (again.status === 200) streams.push(again);
      return again.status;
    };
    await expect.poll(retry).toBe(200);
    for (const stream of [...streams, other]) stream.close();
  });
});

describe('a client that leaves during authentication', () => {
  test('is not counted as a stream, and the server can stop', async () => {
    const answered = Promise.withResolvers<void>();
    const known = principalLookup(db.app, product.world.clock);
    let asked = 0;
    const slow: Principals = {
      bySession: known.bySession,
      byKey: async (text) => {
        asked += 1;
        await answered.promise;
        return known.byKey(text);
      },
    };
    const own = await serveProduct(db, { principals: slow });
    const { hostname, port } = new URL(own.server.url);
    const sockets = Array.from({ length: 10 }, () => connect(Number(port), hostname));
    for (const socket of sockets)
      socket.write(`GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${own.key}\r\n\r\n`);
    await expect.poll(() => asked).toBe(10);
    for (const socket of sockets) socket.destroy();
    // No event shows that the server has noticed.
    await new Promise((resolve) => setTimeout(resolve, 200));
    answered.resolve();
    const stream = await listen({ key: own.key, url: own.server.url });
    expect(stream.status).toBe(200);
    stream.close();
    await own.close();
  });
});

describe('signing out', () => {
  let door: Door;
  let person: { email: string };
  beforeAll(async () => {
    const world = await createWorld(db);
    const changes = changeFeeds(world.worker_context);
    door = await openDoor(db, world, { changes, stream_pace: { recheck_ms: 100 } });
    person = await addPerson(db, world.org_id);
  });
  afterAll(() => door.close());

  test('ends the stream of that cookie and of no other', async () => {
    const [leaving, staying] = [await door.signIn(person.email), await door.signIn(person.email)];
    const [one, other] = await Promise.all(
      [leaving, staying].map((cookie) => listen({ cookie, url: door.url })),
    );
    expect([one!.status, other!.status]).toEqual([200, 200]);
    const out = await door.call('DELETE', '/sessions/current', { cookie: leaving });
    expect(out.status).toBe(200);
    expect(await one!.ended).toBe('ended');
    const still = await Promise.race([
      other!.ended,
      new Promise((resolve) => setTimeout(resolve, 400, 'open')),
    ]);
    expect(still).toBe('open');
    expect((await listen({ cookie: leaving, url: door.url })).status).toBe(401);
    other!.close();
  });
});
