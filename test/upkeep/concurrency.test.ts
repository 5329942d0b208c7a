import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { lockLeads } from '../../src/db/queries/facts.gen.ts';
import type { CadenceEventLogRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS, HOUR_MS, START } from '../world.ts';
import { flagWorld, MARKETING, SALES } from './flag_world.ts';

const { db } = await testDatabase();

/** A lead with enrollments of both sides, which no gate allows: a person resumed the nurture by hand. */
async function bothRunning(columns: Record<string, unknown> = {}) {
  const world = await flagWorld(db);
  const rep = await world.addUser('rep');
  const lead_id = await world.addLead({ owner_user_id: rep, sales_signal_at: new Date(START), ...columns });
  await world.request(lead_id, MARKETING);
  await world.request(lead_id, SALES);
  await world.resumeEnrollment((await world.enrollment(lead_id, MARKETING)).id);
  return { world, rep, lead_id };
}

describe('concurrency', () => {
  it('applies the matrix at once, notifies the rep, and is over at the next check', async () => {
    const { world, rep, lead_id } = await bothRunning();
    await world.check('concurrency');
    expect(await world.flags('concurrency')).toMatchObject([
      { subject: lead_id, for_user_id: rep, detail: { winner: 'sales' }, resolved_at: null },
    ]);
    expect(await world.enrollment(lead_id, SALES)).toMatchObject({ status: 'active' });
    expect(await world.enrollment(lead_id, MARKETING)).toMatchObject({
      status: 'paused',
      paused_reason: 'conflict_resolved_queued',
      paused_until: new Date(START + 48 * HOUR_MS),
    });
    const paused = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'paused'`);
    expect(paused.at(-1)).toMatchObject({
      suppressed_reason: 'conflict_resolved_queued',
      actor_id: 'AGT-302',
    });
    await world.check('concurrency');
    expect(await world.flags('concurrency')).toMatchObject([{ resolution: 'cause_gone' }]);
    expect(await world.told('concurrency')).toEqual([rep]);
  });

  it('lets marketing continue where it is fresher on T2', async () => {
    const { world, lead_id } = await bothRunning();
    await world.addSignal(lead_id, 'marketing', new Date(START + 1));
    await world.check('concurrency');
    expect(await world.enrollment(lead_id, MARKETING)).toMatchObject({ status: 'active' });
    expect(await world.enrollment(lead_id, SALES)).toMatchObject({ status: 'paused' });
  });

  it('does so under a full touch cap too', async () => {
    const { world, lead_id } = await bothRunning();
    const enrollment = await world.enrollment(lead_id, SALES);
    for (const days of [1, 2, 3]) await world.addTouch(enrollment, START - days * DAY_MS);
    await world.check('concurrency');
    expect(await world.enrollment(lead_id, MARKETING)).toMatchObject({ status: 'paused' });
  });

  it('does not stop sales for a nurture that ABM blocks', async () => {
    const { world, lead_id } = await bothRunning();
    await world.addSignal(lead_id, 'marketing', new Date(START + 1));
    await db.query('UPDATE accounts SET abm_active = true WHERE org_id = $1', [world.org_id]);
    await world.check('concurrency');
    expect(await world.flags('concurrency')).toHaveLength(1);
    expect(await world.enrollment(lead_id, SALES)).toMatchObject({ status: 'active' });
  });

  it('is not raised for one side alone', async () => {
    const { world, lead_id } = await bothRunning();
    await world.pauseEnrollment((await world.enrollment(lead_id, MARKETING)).id);
    await world.check('concurrency');
    expect(await world.flags('concurrency')).toEqual([]);
  });

  it('skips a locked lead until the next check, without waiting', async () => {
    const { world, lead_id } = await bothRunning();
    await transaction(db, coordinatorActor(world.org_id), async (tx) => {
      await lockLeads.run({ org_id: world.org_id, lead_ids: [lead_id] }, tx);
      await world.check('concurrency');
    });
    expect(await world.flags('concurrency')).toEqual([]);
    await world.check('concurrency');
    expect(await world.flags('concurrency')).toHaveLength(1);
  });

  it('is raised once, and the loser paused once, by eight checks at once', async () => {
    const { world, rep, lead_id } = await bothRunning();
    await Promise.all(Array.from({ length: 8 }, () => world.check('concurrency')));
    expect(await world.flags('concurrency')).toHaveLength(1);
    expect(await world.told('concurrency')).toEqual([rep]);
    const enrollment_id = (await world.enrollment(lead_id, MARKETING)).id;
    const events = await world.rows(
      'cadence_event_log',
      `event_type = 'paused' AND enrollment_id = '${enrollment_id}'`,
    );
    // Once by the gate, for the request of sales; once by the check.
    expect(events).toHaveLength(2);
  });
});
