import { expect } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { reserveSends } from '../../src/coordinator/sending/sending.ts';
import { actingDb } from '../../src/db/acting.ts';
import { transaction } from '../../src/db/pool.ts';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import { actorOf } from '../../src/principal.ts';
import { round } from '../../src/worker/loop.ts';
import type { TestDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { addPast } from './long_past.ts';
import { type Ran, type Watched, watched } from './rows_read.ts';

const CAMPAIGN = 'b2bea_membership_close';
/** More than are claimed, so that waiting items are read as well. */
const LEADS = 6;
const CLAIMED = 4;

export type Reads = {
  /** Queue items of the past. */
  items: number;
  /** Fresh table statistics, or those from the first size. */
  statistics: 'fresh' | 'old';
  /** Rows read for each. */
  approval: number;
  claimed_message: number;
  /** Every statement from the request to the mail server, with the rows that it read. */
  life: Ran[];
};

/**
 * The cost to approve, claim, and send a few messages after so many others, sizes ascending. Runs on one connection, which
 * keeps the plans that it made when the tables were small.
 */
export async function readsByPast(database: TestDatabase, sizes: readonly number[]): Promise<Reads[]> {
  const { db } = database;
  const world = await createWorld(db);
  await db.query(`UPDATE campaigns SET send_rule = 'approve_each' WHERE org_id = $1`, [world.org_id]);
  const own = await watched(database);
  const found: Reads[] = [];
  let items = 0;
  for (const size of sizes) {
    await addPast(db, world, { first: items, items: size - items });
    items = size;
    if (found.length === 0) await db.query('ANALYZE');
    found.push({ items, statistics: found.length === 0 ? 'fresh' : 'old', ...(await readsOf(world, own)) });
  }
  await db.query('ANALYZE');
  found.push({ items, statistics: 'fresh', ...(await readsOf(world, own)) });
  await own.close();
  return found;
}

async function readsOf(
  world: World,
  { pool, watch }: Watched,
): Promise<Pick<Reads, 'approval' | 'claimed_message' | 'life'>> {
  const { org_id } = world;
  const work = async () => {
    while ((await round({ ...world.worker_context, db: pool }, world.mail, org_id)) > 0);
  };
  const lead_ids: string[] = [];
  for (let made = 0; made < LEADS; made += 1) lead_ids.push(await world.addLead());
  for (const lead_id of lead_ids) await world.request(lead_id, CAMPAIGN);
  const drafting = await watch(work);
  const drafts = await Promise.all(lead_ids.map(async (lead_id) => (await world.draftOf(lead_id)).draft));
  const context = { ...world.context, db: actingDb(pool, actorOf(world.person)) };
  const approving = await watch(async () => {
    for (const { id, content_hash } of drafts) {
      await approveDraft.run({ context, principal: world.person, input: { id, content_hash } });
    }
  });
  const claiming = await watch(() => claimAndGiveBack(world, pool));
  const sending = await watch(work);
  return {
    approval: sum(approving) / LEADS,
    claimed_message: sum(claiming) / CLAIMED,
    life: [...drafting, ...approving, ...claiming, ...sending],
  };
}

class GivenBack extends Error {}

/** Rolled back, so that the next run finds the same rows. */
async function claimAndGiveBack({ org_id, clock, context }: World, pool: Watched['pool']): Promise<void> {
  const options = { limit: CLAIMED, secret: context.secret, lease_ms: 60_000, speed: 1 };
  await transaction(pool, coordinatorActor(org_id), async (tx) => {
    const reserved = await reserveSends({ tx, org_id, clock }, options);
    throw reserved.length === CLAIMED
      ? new GivenBack()
      : new Error(`${reserved.length} messages were claimed`);
  }).catch((error: unknown) => {
    if (!(error instanceof GivenBack)) throw error;
  });
}

function sum(ran: readonly Ran[]): number {
  return ran.reduce((rows, { rows_read }) => rows + rows_read, 0);
}

/** More rows than this for a few messages belong to other messages. */
const READ_MAX = 1_000;

/**
 * Within 10% of the first, and no statement on the way reads rows that it does not need, within routines or outside them.
 */
export function expectSteady(reads: readonly Reads[]): void {
  const [first] = reads;
  for (const { items, statistics, approval, claimed_message, life } of reads) {
    const after = `after ${items} items, with ${statistics} statistics`;
    const much = life.filter(({ rows_read }) => rows_read > READ_MAX);
    expect(
      much.map(({ text, rows_read }) => `${rows_read} rows: ${text}`),
      after,
    ).toEqual([]);
    expect(Math.abs(approval / first!.approval - 1), `rows per approval: ${approval} ${after}`).toBeLessThan(
      0.1,
    );
    expect(
      Math.abs(claimed_message / first!.claimed_message - 1),
      `rows a claimed message: ${claimed_message} ${after}`,
    ).toBeLessThan(0.1);
  }
}
