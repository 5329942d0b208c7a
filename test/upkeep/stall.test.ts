import { describe, expect, it } from 'vitest';
import { recordEvents } from '../../src/coordinator/gate/events.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS, HOUR_MS, START } from '../world.ts';
import { type FlagWorld, flagWorld, SALES } from './flag_world.ts';
import { acknowledge, flagPerson } from './people.ts';

const { db } = await testDatabase();

async function withDraft(options: Parameters<typeof flagWorld>[1] = {}) {
  const world = await flagWorld(db, options);
  const rep = await world.addUser('rep');
  const lead_id = await world.addLead({ owner_user_id: rep });
  await world.request(lead_id, SALES);
  await world.work();
  return { world, rep, lead_id };
}

async function lastEvent(world: FlagWorld): Promise<number> {
  const { rows } = await db.query<{ at: Date }>(
    'SELECT max(timestamp) AS at FROM cadence_event_log WHERE org_id = $1',
    [world.org_id],
  );
  return rows[0]!.at.getTime();
}

describe('stall', () => {
  it('is a draft that waited for a person for exactly seven days, not a millisecond less', async () => {
    const { world, rep, lead_id } = await withDraft();
    const since = await lastEvent(world);
    world.clock.set(since + 7 * DAY_MS - 1);
    await world.check('stall');
    expect(await world.flags('stall')).toEqual([]);
    world.clock.set(since + 7 * DAY_MS);
    await world.check('stall');
    await world.check('stall');
    expect(await world.flags('stall')).toMatchObject([
      {
        subject: lead_id,
        for_user_id: rep,
        detail: { waits_on: 'drafted', last_activity_at: new Date(since).toISOString() },
      },
    ]);
    expect(await world.told('stall')).toEqual([rep]);
  });

  it('ends with any logged event, and is raised again after seven more days', async () => {
    const { world, rep, lead_id } = await withDraft();
    world.clock.advance(7 * DAY_MS);
    await world.check('stall');
    await world.scoped((scope) =>
      recordEvents(scope, [{ event_type: 'edited', coordinator_action: 'edit', lead_id }]),
    );
    await world.check('stall');
    expect(await world.flags('stall')).toMatchObject([{ resolution: 'cause_gone' }]);
    world.clock.advance(7 * DAY_MS);
    await world.check('stall');
    expect(await world.flags('stall')).toHaveLength(2);
    expect(await world.told('stall')).toEqual([rep, rep]);
  });

  it.each([
    [
      'a step that is due later by design',
      `UPDATE campaign_contacts SET next_send_at = $2 WHERE org_id = $1`,
    ],
    ['a paused campaign', `UPDATE campaigns SET status = 'paused', updated_at = $2 WHERE org_id = $1`],
    [
      'a stopped lead',
      `UPDATE leads SET cadence_paused_at = $2, cadence_pause_reason = 'test' WHERE org_id = $1`,
    ],
    [
      'an ended enrollment',
      `UPDATE campaign_contacts SET status = 'rejected', exited_at = $2, exit_reason = 'x', next_send_at = NULL
       WHERE org_id = $1`,
    ],
  ])('is not %s', async (_name, change) => {
    const world = await flagWorld(db);
    await world.request(await world.addLead(), SALES);
    const due = new Date(START + 30 * DAY_MS);
    world.clock.set(START + 8 * DAY_MS);
    await world.check('stall');
    expect(await world.flags('stall', 'resolved_at IS NULL')).toMatchObject([
      { detail: { waits_on: 'due' } },
    ]);
    await db.query(change, [world.org_id, due]);
    await world.check('stall');
    expect(await world.flags('stall', 'resolved_at IS NULL')).toEqual([]);
  });

  it('counts from when the step fell due, not from the designed gap before it', async () => {
    const world = await flagWorld(db);
    await world.request(await world.addLead(), SALES);
    await db.query('UPDATE campaign_contacts SET next_send_at = $2 WHERE org_id = $1', [
      world.org_id,
      new Date(START + 10 * DAY_MS),
    ]);
    world.clock.set(START + 17 * DAY_MS - 1);
    await world.check('stall');
    expect(await world.flags('stall')).toEqual([]);
    world.clock.set(START + 17 * DAY_MS);
    await world.check('stall');
    expect(await world.flags('stall')).toHaveLength(1);
  });

  it.each([
    ['with a known end is not a stall', 'at_until', START + 30 * DAY_MS, 0],
    ['without one is a stall', 'policy_changes', null, 1],
  ])('a hold %s', async (_name, wake, until_ms, raised) => {
    const { world } = await withDraft();
    await world.scoped(({ tx, org_id }) =>
      tx.query(
        `UPDATE sales_send_queue SET status = 'held', held_reason = 'touch_cap_exceeded', wake = $2, held_until = $3,
           held_policy_version = 1
         WHERE org_id = $1`,
        [org_id, wake, until_ms === null ? null : new Date(until_ms)],
      ),
    );
    world.clock.advance(8 * DAY_MS);
    await world.check('stall');
    expect(await world.flags('stall')).toHaveLength(raised);
  });
});

/** For a stall raised at this instant in an org in London's zone: the time at which it goes to AGT-303. */
async function stalledAt(raised_ms: number, policy: Record<string, unknown> = {}) {
  const given = await withDraft({ start_ms: raised_ms - 7 * DAY_MS, policy });
  given.world.clock.set(raised_ms);
  await given.world.check('stall');
  expect(await given.world.flags('stall')).toHaveLength(1);
  return given;
}

describe('its escalation', () => {
  it.each([
    ['on a Monday: Thursday, the same time', '2026-11-23T10:00:00Z', '2026-11-26T10:00:00Z', {}],
    ['on a Friday: over the weekend', '2026-11-27T10:00:00Z', '2026-12-02T10:00:00Z', {}],
    ['on a Saturday: it counts from Monday', '2026-11-28T15:00:00Z', '2026-12-03T00:00:00Z', {}],
    [
      'before a holiday: that day does not count',
      '2026-11-23T10:00:00Z',
      '2026-11-27T10:00:00Z',
      { holidays: { dates: ['2026-11-25'] } },
    ],
    ['across daylight saving time: the same wall time', '2026-10-23T09:00:00Z', '2026-10-28T10:00:00Z', {}],
  ])('raised %s', async (_name, raised, escalated, policy) => {
    const { world, rep } = await stalledAt(Date.parse(raised), policy);
    world.clock.set(Date.parse(escalated) - 1);
    await world.check('stall_escalation');
    expect(await world.told('stall_escalated')).toEqual([]);
    world.clock.set(Date.parse(escalated));
    await Promise.all(Array.from({ length: 8 }, () => world.check('stall_escalation')));
    world.clock.advance(30 * DAY_MS);
    await world.check('stall_escalation');
    expect(await world.told('stall_escalated')).toEqual(['AGT-303']);
    expect(await world.told('stall')).toEqual([rep]);
    expect(await world.flags('stall')).toMatchObject([
      { escalated_at: new Date(escalated), resolved_at: null },
    ]);
  });

  it('does not happen once a person has acknowledged it, or it is over', async () => {
    const seen = await stalledAt(START);
    const [flag] = await seen.world.flags('stall');
    await acknowledge(seen.world, flagPerson(seen.world, seen.rep), flag!.id);
    const over = await stalledAt(START);
    await over.world.exit((await over.world.enrollment(over.lead_id, SALES)).id);
    await over.world.check('stall');
    for (const { world } of [seen, over]) {
      world.clock.advance(10 * DAY_MS + HOUR_MS);
      await world.check('stall_escalation');
      expect(await world.told('stall_escalated')).toEqual([]);
    }
  });
});
