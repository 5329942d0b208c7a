import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/core/durations.ts';
import { newId } from '../../src/ids.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS } from '../world.ts';
import { createPlayRunWorld } from './play_run_world.ts';

/* How the coordinator runs active plays: which leads it requests, when, and never twice. */

const { db } = await testDatabase();

describe('an active play', () => {
  it('requests the leads of its segment once each, and records why others were not enrolled', async () => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const [first, second] = [await world.addLead({ segment }), await world.addLead({ segment })];
    const blocked = await world.addLead({ segment, opt_out_flag: true, opted_out_at: new Date() });
    const misrouted = await world.addLead({ segment, icp_tier: 'T3' });
    await world.addLead({ segment: 'elsewhere' });
    const of_account = await world.addLead();
    await db.query(
      `UPDATE accounts SET segment = $1 WHERE id = (SELECT account_id FROM leads WHERE id = $2)`,
      [segment, of_account],
    );
    const play_id = await world.activePlay(segment);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([first, second, of_account].sort());
    const requests = await world.requests(play_id);
    expect(requests).toHaveLength(5);
    for (const request of requests) expect(request.requested_by).toBe('AGT-302');
    const byLead = new Map(requests.map((request) => [request.lead_id, request]));
    expect(byLead.get(blocked)).toMatchObject({ status: 'blocked', reason: 'compliance_block' });
    expect(byLead.get(misrouted)).toMatchObject({ status: 'refused', reason: 'sales_on_t3' });
    expect(byLead.get(misrouted)!.trace).not.toEqual([]);
    expect(await world.run(play_id)).toMatchObject({ requested_count: 5, after_lead_id: null });
    world.clock.advance(2 * DAY_MS);
    await world.work();
    expect(await world.requests(play_id)).toHaveLength(5);
  });

  it('finds leads that appear, change, or whose account changes, within a minute', async () => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const play_id = await world.activePlay(segment, { target_definition: { icp_tiers: ['T1'] } });
    const changed = await world.addLead({ segment });
    const of_account = await world.addLead({ segment, icp_tier: null });
    await world.work();
    expect(await world.requests(play_id)).toEqual([]);
    const now = () => world.clock.now();
    world.clock.advance(30_000);
    const appeared = await world.addLead({ segment, icp_tier: 'T1', updated_at: now() });
    await db.query(`UPDATE leads SET icp_tier = 'T1', updated_at = $2 WHERE id = $1`, [changed, now()]);
    await db.query(
      `UPDATE accounts SET icp_tier = 'T1', updated_at = $2 WHERE id = (SELECT account_id FROM leads WHERE id = $1)`,
      [of_account, now()],
    );
    world.clock.advance(20_000);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([]);
    world.clock.advance(10_000);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([appeared, changed, of_account].sort());
  });

  it('requests a refused lead again only after the lead has changed', async () => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const lead_id = await world.addLead({ segment, icp_tier: 'T3' });
    const play_id = await world.activePlay(segment);
    await world.work();
    world.clock.advance(2 * MINUTE_MS);
    await world.work();
    expect(await world.requests(play_id)).toMatchObject([{ status: 'refused' }]);
    world.clock.advance(MINUTE_MS);
    await db.query(`UPDATE leads SET icp_tier = 'T1', updated_at = $2 WHERE id = $1`, [
      lead_id,
      world.clock.now(),
    ]);
    world.clock.advance(MINUTE_MS);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([lead_id]);
    expect(await world.requests(play_id)).toHaveLength(2);
  });

  it('finds in a daily pass the changes that no timestamp shows', async () => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const play_id = await world.activePlay(segment);
    await world.work();
    const lead_id = await world.addLead({ segment, updated_at: new Date('2020-01-01') });
    await db.query(
      `UPDATE accounts SET updated_at = '2020-01-01' WHERE id = (SELECT account_id FROM leads WHERE id = $1)`,
      [lead_id],
    );
    world.clock.advance(23 * HOUR_MS);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([]);
    world.clock.advance(HOUR_MS);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([lead_id]);
  });

  it('of one account covers the leads of that account', async () => {
    const world = await createPlayRunWorld(db);
    const lead_id = await world.addLead();
    await world.addLead();
    const [lead] = await world.rows<{ account_id: string }>('leads', `id = '${lead_id}'`);
    const play_id = await world.playIn('active', {
      scope: 'account_specific',
      account_id: lead!.account_id,
      target_definition: {},
    });
    await world.work();
    expect(await world.enrolled(play_id)).toEqual([lead_id]);
  });

  it('makes no requests before or after its period, or while its campaign is paused; days are the org’s own', async () => {
    const world = await createPlayRunWorld(db);
    await db.query(`UPDATE organizations SET time_zone = 'Pacific/Auckland' WHERE org_id = $1`, [
      world.org_id,
    ]);
    const segment = await world.addSegment();
    // 24 November, noon in London: in Auckland it is the 25th.
    const play_id = await world.activePlay(segment, {
      active_period_start: '2026-11-26',
      active_period_end: '2026-11-27',
    });
    const addLead = () => world.addLead({ segment, updated_at: world.clock.now() });
    await addLead();
    await world.work();
    expect(await world.requests(play_id)).toEqual([]);
    world.clock.set(Date.parse('2026-11-25T11:00:00Z'));
    await world.work();
    expect(await world.requests(play_id)).toHaveLength(1);
    const { id } = await world.campaign(play_id);
    const setStatus = (status: string) =>
      db.query(`UPDATE campaigns SET status = $2 WHERE id = $1`, [id, status]);
    await addLead();
    await setStatus('paused');
    world.clock.advance(HOUR_MS);
    await world.work();
    expect(await world.requests(play_id)).toHaveLength(1);
    await setStatus('active');
    await world.work();
    expect(await world.requests(play_id)).toHaveLength(2);
    world.clock.set(Date.parse('2026-11-27T11:00:00Z'));
    await addLead();
    await world.work();
    expect(await world.requests(play_id)).toHaveLength(2);
  });
});

describe('batches', () => {
  it('leave a locked lead for the next scan', async () => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const leads: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      leads.push(await world.addLead({ segment }));
      world.clock.advance(1);
    }
    const play_id = await world.activePlay(segment);
    await world.compile(play_id);
    const own = await db.checkout();
    try {
      await own.query('BEGIN');
      await own.query(`SELECT FROM leads WHERE id = $1 FOR UPDATE`, [leads[2]]);
      await world.stage('run_plays', { limit: 4 });
      expect(await world.enrolled(play_id)).toEqual([leads[0], leads[1], leads[3]]);
      expect((await world.run(play_id)).after_lead_id).toBe(leads[1]);
      expect(await world.stage('run_plays')).toBe(2);
      // Only held requests remain: there is no work, and no reason to repeat.
      expect(await world.stage('run_plays')).toBe(0);
    } finally {
      await own.query('ROLLBACK');
      own.release();
    }
    await world.work();
    expect(await world.enrolled(play_id)).toEqual(leads);
    expect(await world.requests(play_id)).toHaveLength(6);
  });

  it('are shared: workers take different plays, and none waits for another', async () => {
    const world = await createPlayRunWorld(db);
    const plays: string[] = [];
    for (const _ of [1, 2]) {
      const segment = await world.addSegment();
      await world.addLead({ segment });
      plays.push(await world.activePlay(segment));
    }
    for (const play_id of plays) await world.compile(play_id);
    const own = await db.checkout();
    try {
      await own.query('BEGIN');
      await own.query(`SELECT FROM play_runs WHERE play_id = $1 FOR UPDATE`, [plays[0]]);
      while ((await world.stage('run_plays')) > 0);
      expect(await world.enrolled(plays[0]!)).toEqual([]);
      expect(await world.enrolled(plays[1]!)).toHaveLength(1);
    } finally {
      await own.query('ROLLBACK');
      own.release();
    }
    const answered = await Promise.all(Array.from({ length: 8 }, () => world.stage('run_plays')));
    expect(answered.reduce((sum, found) => sum + found)).toBe(1);
    expect(await world.enrolled(plays[0]!)).toHaveLength(1);
  });

  it.each([
    { leads_count: 5, poisoned: 2 },
    // Large enough for two connections: with the failing lead in the half of the one, and of the other.
    { leads_count: 150, poisoned: 10 },
    { leads_count: 150, poisoned: 140 },
  ])('of $leads_count skip a lead that fails, and return to it', async ({ leads_count, poisoned }) => {
    const world = await createPlayRunWorld(db);
    const segment = await world.addSegment();
    const leads: string[] = [];
    for (let n = 0; n < leads_count; n += 1) leads.push(await world.addLead({ segment }));
    leads.sort();
    const play_id = await world.activePlay(segment);
    const name = `poison_${newId(world.clock).slice(-12)}`;
    await db.query(
      `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$`,
    );
    await db.query(`CREATE TRIGGER ${name} BEFORE INSERT ON campaign_contacts FOR EACH ROW
      WHEN (NEW.lead_id = '${leads[poisoned]}') EXECUTE FUNCTION ${name}()`);
    await world.compile(play_id);
    await world.rounds('run_plays', 20);
    expect(await world.enrolled(play_id)).toEqual(leads.filter((lead_id) => lead_id !== leads[poisoned]));
    await db.query(`DROP TRIGGER ${name} ON campaign_contacts`);
    world.clock.advance(10 * MINUTE_MS);
    await world.work();
    expect(await world.enrolled(play_id)).toEqual(leads);
    // No lead was requested twice, although one half was done when the other failed.
    expect(await world.requests(play_id)).toHaveLength(leads_count);
  });
});
