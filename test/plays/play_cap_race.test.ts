import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { createPlayWorld, LATEST } from './play_world.ts';

/* Many activations over one segment at once, each on a separate connection, as the product's role. */

const CONNECTIONS = 64;
const CAP = 5;

const { db } = await testDatabase({ max: CONNECTIONS + 2 });
const world = await createPlayWorld(db);

type Isolation = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** Plays with both approvals that are not active yet; past the triggers, which are not tested here. */
async function readyPlays(count: number): Promise<{ segment: string; play_ids: string[] }> {
  const segment = await world.addSegment();
  const template = await world.playIn('under_review', { segment });
  const own = await db.checkout();
  try {
    await own.query(`SET session_replication_role = replica`);
    const { rows } = await own.query<{ play_id: string }>(
      `INSERT INTO sales_play_library
       SELECT (jsonb_populate_record(p, jsonb_build_object('play_id', gen_random_uuid(), 'slm_approver_user_id', $3::uuid,
         'slm_approved_at', p.picked_up_at, 'revops_approver_user_id', $4::uuid, 'revops_approved_at', p.picked_up_at))).*
       FROM sales_play_library p, generate_series(1, $2) WHERE p.play_id = $1 RETURNING play_id`,
      [template, count, world.people.get('slm'), world.people.get('revops')],
    );
    await own.query(`SET session_replication_role = origin`);
    return { segment, play_ids: rows.map(({ play_id }) => play_id) };
  } finally {
    own.release();
  }
}

/** One connection's attempt: the message of its refusal, or null. */
async function activate(play_id: string, isolation: Isolation): Promise<string | null> {
  const own = await db.app.checkout();
  try {
    await own.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    // The last of 64 waits for all others, on a busy machine longer than the product would.
    await own.query(`SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '60s'`);
    await own.query(
      `SELECT set_config('touchline.org', $1, true), set_config('touchline.actor_kind', 'human', true),
              set_config('touchline.actor_id', $2, true)`,
      [world.org_id, world.people.get('slm')],
    );
    await own.query(
      `UPDATE sales_play_library SET state = 'active', activated_at = ${LATEST} WHERE org_id = $1 AND play_id = $2`,
      [world.org_id, play_id],
    );
    await own.query('COMMIT');
    return null;
  } catch (error) {
    await own.query('ROLLBACK');
    return `${sqlState(error)} ${(error as Error).message}`;
  } finally {
    own.release();
  }
}

async function activeIn(segment: string): Promise<number> {
  const { rows } = await db.query<{ active: number }>(
    `SELECT count(*)::int AS active FROM sales_play_library WHERE segment = $1 AND state = 'active'`,
    [segment],
  );
  return rows[0]!.active;
}

describe(`${CONNECTIONS} activations over one segment`, () => {
  it('fill the cap and never more, and give a reason for each refusal', {
    timeout: scale(60_000, 3_600_000),
  }, async () => {
    const rounds = scale(8, 500);
    let refused = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { segment, play_ids } = await readyPlays(CONNECTIONS);
      const said = await Promise.all(play_ids.map((play_id) => activate(play_id, 'READ COMMITTED')));
      const left = said.filter((words) => words !== null);
      expect(new Set(left)).toEqual(
        new Set([`TL026 segment ${segment} has ${CAP} active plays, and its cap is ${CAP}`]),
      );
      expect(await activeIn(segment)).toBe(CAP);
      refused += left.length;
    }
    process.stdout.write(`${rounds} rounds of ${CONNECTIONS}: 0 over the cap, ${refused} refused\n`);
    expect(refused).toBe(rounds * (CONNECTIONS - CAP));
  });

  it('never exceed the cap, at any isolation level', {
    timeout: scale(60_000, 3_600_000),
  }, async () => {
    const levels: Isolation[] = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'];
    for (let round = 0; round < scale(4, 100); round += 1) {
      const { segment, play_ids } = await readyPlays(CONNECTIONS);
      const said = await Promise.all(
        play_ids.map((play_id, n) => activate(play_id, levels[n % levels.length]!)),
      );
      for (const words of said) if (words !== null) expect(words).toMatch(/^(TL026|40001) /);
      expect(await activeIn(segment)).toBeLessThanOrEqual(CAP);
    }
  });

  it('activate one play per account', { timeout: scale(60_000, 3_600_000) }, async () => {
    for (let round = 0; round < scale(3, 100); round += 1) {
      const lead_id = await world.addLead();
      const [lead] = await world.rows<{ account_id: string }>('leads', `id = '${lead_id}'`);
      const { play_ids, segment } = await readyPlays(16);
      const own = await db.checkout();
      await own.query(`SET session_replication_role = replica`);
      await own.query(
        `UPDATE sales_play_library SET scope = 'account_specific', account_id = $2, segment = NULL WHERE segment = $1`,
        [segment, lead!.account_id],
      );
      await own.query(`SET session_replication_role = origin`);
      own.release();
      const said = await Promise.all(play_ids.map((play_id) => activate(play_id, 'READ COMMITTED')));
      expect(said.filter((words) => words === null)).toHaveLength(1);
      for (const words of said)
        if (words !== null) expect(words).toMatch(/^TL027 account .* already has an active play$/);
    }
  });

  it('overshoot in a build that counts without the lock, which proves the race', {
    timeout: 60_000,
  }, async () => {
    const { rows } = await db.query<{ source: string }>(
      `SELECT pg_get_functiondef('refuse_play_over_cap(sales_play_library)'::regprocedure) AS source`,
    );
    const broken = rows[0]!.source.replace(
      /UPDATE sales_play_library_config SET activation_count = activation_count \+ 1\s+WHERE org_id = p.org_id AND segment IS NULL\s+RETURNING max_active_plays INTO default_cap;/,
      `SELECT max_active_plays INTO default_cap FROM sales_play_library_config WHERE org_id = p.org_id AND segment IS NULL;`,
    );
    expect(broken).not.toBe(rows[0]!.source);
    await db.query(broken);
    try {
      let most = 0;
      for (let round = 0; round < 30 && most <= CAP; round += 1) {
        const { segment, play_ids } = await readyPlays(CONNECTIONS);
        await Promise.all(play_ids.map((play_id) => activate(play_id, 'READ COMMITTED')));
        most = Math.max(most, await activeIn(segment));
      }
      expect(most).toBeGreaterThan(CAP);
    } finally {
      await db.query(rows[0]!.source);
    }
  });
});

describe('the cap of a segment', () => {
  it('admits no more plays when lowered below the active ones, and removes none', async () => {
    const segment = await world.addSegment();
    for (let n = 0; n < 4; n += 1) await world.playIn('active', { segment });
    await world.as(
      'revops',
      `INSERT INTO sales_play_library_config (org_id, segment, max_active_plays, updated_by_user_id) VALUES ($1, $2, 3, $3)`,
      [world.org_id, segment, world.people.get('revops')],
    );
    const play_id = await world.playIn('under_review', { segment });
    await world.approve(play_id, 'slm', 'slm');
    await world.approve(play_id, 'revops', 'revops');
    expect(await activate(play_id, 'READ COMMITTED')).toBe(
      `TL026 segment ${segment} has 4 active plays, and its cap is 3`,
    );
    expect(await activeIn(segment)).toBe(4);
  });
});
