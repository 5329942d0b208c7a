import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Principal } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { writeFileClock } from '../faults/failpoint_clock.ts';
import { type Crew, startCrew } from '../faults/failpoint_crew.ts';
import type { FailpointAt } from '../faults/failpoint_points.ts';
import { HOUR_MS } from '../world.ts';
import { type NoticeWorld, noticeWorld } from './notice_world.ts';

/* The product's worker in a separate process dies by SIGKILL on the path of a notice or a digest; another one takes over. */

const { db, url } = await testDatabase();
/** A Monday, 07:30 in London: half an hour before the digest. */
const MONDAY = Date.parse('2026-11-30T07:30:00Z');
/** Longer than the lease of a delivery. */
const BEYOND_LEASE_MS = HOUR_MS;
let world: NoticeWorld;
let rep: Principal;
let crew: Crew;
let setClock: (ms: number) => void;
const ended: (() => unknown)[] = [];

beforeAll(async () => {
  world = await noticeWorld(db, { start_ms: MONDAY });
  rep = await world.addPerson('rep');
  const dir = await mkdtemp(join(tmpdir(), 'touchline-notices-'));
  const clock = writeFileClock(join(dir, 'clock'), MONDAY);
  setClock = (ms) => {
    world.clock.set(ms);
    clock.set(ms);
  };
  crew = await startCrew({ dir, url, secret: world.context.secret, processes: 1, sends_notices: true });
  ended.push(crew.killAll, clock.close, () => rm(dir, { recursive: true, force: true }));
}, 60_000);

afterAll(async () => {
  for (const end of ended) await end();
});

const CLAIMED: FailpointAt = {
  database: 'after commit of notification_deliveries.claimNotificationDeliveries',
};
const MAY_SEND: FailpointAt = { database: 'after commit of notification_deliveries.beginNoticeData' };
const SENT: FailpointAt = { database: 'before notification_deliveries.settleNotificationDelivery' };

it.each<[string, 'notice' | 'digest', FailpointAt, 'delivered' | 'unknown', number]>([
  [
    'before the queueing',
    'digest',
    { database: 'before commit of notification_deliveries.queueDigests' },
    'delivered',
    1,
  ],
  ['between claim and DATA', 'digest', CLAIMED, 'delivered', 1],
  ['at DATA', 'digest', { sink: 'data' }, 'unknown', 0],
  ['after the answer of the mail server', 'digest', SENT, 'unknown', 1],
  ['between claim and DATA', 'notice', CLAIMED, 'delivered', 1],
  ['just before DATA', 'notice', MAY_SEND, 'unknown', 0],
  ['after the message', 'notice', { sink: 'dot' }, 'unknown', 1],
])(
  'a worker killed %s of a %s loses and repeats nothing',
  async (_name, form, at, status, emails) => {
    // One digest per day: those come first, from Monday to Thursday.
    const day = Math.ceil((world.clock.now_ms() - MONDAY) / (24 * HOUR_MS));
    setClock(MONDAY + day * 24 * HOUR_MS);
    await crew.idle();
    const [known, offered] = [(await world.deliveries()).length, crew.journal.length];
    const hit = await crew.arm(at, 'SIGKILL');
    await world.note(rep, { kind: form === 'notice' ? 'meeting' : 'stall', detail: {} });
    if (form === 'digest') setClock(world.clock.now_ms() + HOUR_MS);
    expect(await hit.happened()).toBe(true);
    setClock(world.clock.now_ms() + BEYOND_LEASE_MS);
    await expect
      .poll(async () => (await world.deliveries()).slice(known), { timeout: 20_000 })
      .toMatchObject([{ status }]);
    await crew.idle();
    const taken = crew.journal.slice(offered).filter(({ end_ms }) => end_ms !== null);
    expect(taken).toHaveLength(emails);
  },
  60_000,
);
