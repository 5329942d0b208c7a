import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Change, cursorText } from '../../src/operations/log/changes.ts';
import { testDatabase } from '../database.ts';
import { playsOf } from '../plays/play_world.ts';
import { AGENT_OF_KIND, type ServedProduct, serveProduct } from './product.ts';

const { db } = await testDatabase();
let product: ServedProduct;
beforeAll(async () => {
  product = await serveProduct(db);
});
afterAll(() => product.close());

type Stream = {
  status: number;
  headers: Headers;
  heard: Change[];
  last_id(): string | null;
  /** Waits until a change matches. */
  until(fits: (change: Change) => boolean): Promise<void>;
  ended: Promise<void>;
  close(): void;
};

async function listen(
  options: { key?: string; last_id?: string | null; from?: ServedProduct } = {},
): Promise<Stream> {
  const { from = product, key = from.key, last_id = null } = options;
  const stop = new AbortController();
  const response = await fetch(`${from.server.url}/api/v1/stream`, {
    signal: stop.signal,
    headers: { authorization: `Bearer ${key}`, ...(last_id === null ? {} : { 'last-event-id': last_id }) },
  });
  const heard: Change[] = [];
  let last: string | null = null;
  let wake = () => {};
  const begun = Promise.withResolvers<void>();
  const reading = (async () => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const parts = text.split('\n\n');
      text = parts.pop()!;
      for (const part of parts) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
        last = field('id') ?? last;
        const data = field('data');
        if (data !== undefined && field('event') === undefined) heard.push(JSON.parse(data));
        if (data !== undefined) begun.resolve();
      }
      wake();
    }
  })().catch(() => undefined);
  if (response.status === 200) await begun.promise;
  const until = async (fits: (change: Change) => boolean) => {
    while (!heard.some(fits)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const { status, headers } = response;
  return { status, headers, heard, last_id: () => last, until, ended: reading, close: () => stop.abort() };
}

/** A lead with a draft; returns its id. */
async function enroll(): Promise<string> {
  const lead_id = await product.world.addLead();
  await product.world.request(lead_id, 'b2bea_membership_close');
  await product.world.work();
  return lead_id;
}

const ofLead = (lead_id: string, event_type: string) => (change: Change) =>
  change.type === 'event' && change.lead_id === lead_id && change.event_type === event_type;

describe('the stream', () => {
  test('sends new events, in small form, and no earlier ones', async () => {
    const before = await enroll();
    const stream = await listen();
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.headers.get('ratelimit')).toMatch(/^"default"/);
    const lead_id = await enroll();
    await stream.until(ofLead(lead_id, 'drafted'));
    await product.world.approve(lead_id);
    await stream.until(ofLead(lead_id, 'approved'));
    stream.close();
    expect(stream.heard.some(ofLead(before, 'drafted'))).toBe(false);
    const drafted = stream.heard.find(ofLead(lead_id, 'drafted'))!;
    expect(Object.keys(drafted).sort()).toEqual([
      'enrollment_id',
      'event_type',
      'id',
      'lead_id',
      'queue_id',
      'type',
    ]);
    // Each once while the connection holds.
    const ids = stream.heard.map((change) => JSON.stringify(change));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('sends plays to users who may see them, with their notifications', async () => {
    const { playIn, propose } = await playsOf(db, product.world);
    const [brain, other, people] = [
      await listen({ key: await product.keyOf('AGT-901') }),
      await listen({ key: await product.keyOf('AGT-902') }),
      await listen(),
    ];
    const draft = await propose();
    const active = await playIn('active');
    const of = (id: string, state: string) => (change: Change) =>
      change.type === 'play' && change.id === id && change.state === state;
    await people.until(of(draft, 'draft'));
    await brain.until(of(active, 'active'));
    await people.until(of(active, 'active'));
    const foreign = await propose({}, 'other_brain');
    await other.until(of(foreign, 'draft'));
    for (const stream of [brain, other, people]) stream.close();
    const ids = (stream: Stream) =>
      new Set(stream.heard.flatMap((change) => (change.type === 'play' ? [change.id] : [])));
    expect(ids(other)).toEqual(new Set([foreign]));
    expect(ids(brain).has(foreign)).toBe(false);
  });

  test('resumes where it broke off, without a gap', async () => {
    const first = await listen();
    await first.until(ofLead(await enroll(), 'drafted'));
    const last_id = first.last_id();
    first.close();
    const missed = [await enroll(), await enroll()];
    const second = await listen({ last_id });
    for (const lead_id of missed) await second.until(ofLead(lead_id, 'drafted'));
    const next = await enroll();
    await second.until(ofLead(next, 'drafted'));
    second.close();
  });

  test('omits no event of a transaction that ends after later ones', async () => {
    const stream = await listen();
    const { org_id, clock } = product.world;
    const lead_id = await product.world.addLead();
    const own = await db.checkout();
    const row = (at: Date) =>
      `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id)
       VALUES ('${org_id}', gen_random_uuid(), '${at.toISOString()}', 'edited', 'edit', 'system', 'x', '${lead_id}')`;
    await own.query('BEGIN');
    await own.query('SAVEPOINT inner_one');
    await own.query(row(clock.now()));
    await own.query('RELEASE SAVEPOINT inner_one');
    const later = await enroll();
    await stream.until(ofLead(later, 'drafted'));
    const last_id = stream.last_id();
    await own.query('COMMIT');
    own.release();
    await stream.until(ofLead(lead_id, 'edited'));
    stream.close();
    const again = await listen({ last_id });
    await again.until(ofLead(lead_id, 'edited'));
    again.close();
  });

  test('sends warnings as they change, and notifications only to their recipients', async () => {
    const { org_id, person, clock } = product.world;
    const agent = await listen({ key: await product.keyOf(AGENT_OF_KIND.role) });
    const own = await listen();
    const flag_id = '00000000-0000-7000-8000-0000000000f1';
    const now = clock.now();
    await db.query(
      `INSERT INTO flags (org_id, id, kind, subject, raised_at) VALUES ($1, $2, 'backlog', 's', $3)`,
      [org_id, flag_id, now],
    );
    const user_id = person.kind === 'human' ? person.user_id : null;
    await db.query(
      `INSERT INTO notifications (org_id, id, to_user_id, kind, flag_id, created_at)
       VALUES ($1, gen_random_uuid(), $2, 'backlog', $3, $4)`,
      [org_id, user_id, flag_id, now],
    );
    const isFlag = (is_open: boolean) => (change: Change) =>
      change.type === 'flag' && change.id === flag_id && change.is_open === is_open;
    await own.until(isFlag(true));
    await own.until(({ type }) => type === 'notification');
    const resolved = await product.call('POST', `/api/v1/flags/${flag_id}/resolve`, {
      body: { reason: 'seen' },
    });
    expect(resolved.status).toBe(200);
    await own.until(isFlag(false));
    await agent.until(isFlag(false));
    expect(agent.heard.filter(({ type }) => type === 'notification')).toEqual([]);
    own.close();
    agent.close();
  });

  test('sends no events of another org', async () => {
    const other = await serveProduct(db);
    try {
      const stream = await listen();
      const foreign = await listen({ from: other });
      const lead_id = await enroll();
      await stream.until(ofLead(lead_id, 'drafted'));
      const own = await other.world.addLead();
      await other.world.request(own, 'b2bea_membership_close');
      await other.world.work();
      await foreign.until(ofLead(own, 'drafted'));
      expect(foreign.heard.filter((change) => 'lead_id' in change && change.lead_id !== own)).toEqual([]);
      stream.close();
      foreign.close();
    } finally {
      await other.close();
    }
  });

  test.each([
    ['nonsense', 'x'],
    ['an expired id', cursorText({ horizon: 5, at_ms: 0 })],
    ['an id from the future', cursorText({ horizon: 2 ** 50, at_ms: Date.parse('2026-11-24T12:00:00Z') })],
  ])('starts again after %s', async (_name, last_id) => {
    const stream = await listen({ last_id });
    expect(stream.heard).toEqual([{ type: 'reset' }]);
    stream.close();
  });

  test('is limited to ten at once', async () => {
    const key = await product.keyOf(AGENT_OF_KIND.brain);
    const streams = await Promise.all(Array.from({ length: 10 }, () => listen({ key })));
    expect(streams.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const eleventh = await listen({ key });
    expect([eleventh.status, eleventh.headers.get('retry-after')]).toEqual([429, '5']);
    for (const stream of streams) stream.close();
  });

  test('needs a session, and ends within seconds of its end', async () => {
    expect((await listen({ key: 'tl_unknown_key_of_nobody' })).status).toBe(401);
    const key = await product.keyOf(AGENT_OF_KIND.system);
    const stream = await listen({ key });
    await db.query(`UPDATE api_keys SET revoked_at = now() WHERE agent_id = $1`, [AGENT_OF_KIND.system]);
    await stream.ended;
  });

  test('ends with the server, which does not wait for it', async () => {
    const other = await serveProduct(db);
    const stream = await listen({ from: other });
    await other.close();
    await stream.ended;
  });
});
