import { describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { DAY_MS, HOUR_MS, START } from '../world.ts';
import { flagWorld, SALES } from './flag_world.ts';

const { db } = await testDatabase();

async function enrolled(
  options: Parameters<typeof flagWorld>[1] = {},
  columns: Record<string, unknown> = {},
) {
  const world = await flagWorld(db, options);
  const rep = await world.addUser('rep');
  const lead_id = await world.addLead({ owner_user_id: rep, ...columns });
  await world.request(lead_id, SALES);
  return { world, rep, lead_id, enrollment: await world.enrollment(lead_id, SALES) };
}

describe('cap_warning', () => {
  it('is raised at one touch left, not at two or none', async () => {
    const { world, rep, lead_id, enrollment } = await enrolled();
    await world.addTouch(enrollment, START - 2 * DAY_MS);
    await world.check('cap_warning');
    expect(await world.flags('cap_warning')).toEqual([]);
    await world.addTouch(enrollment, START - DAY_MS);
    await world.check('cap_warning');
    await world.check('cap_warning');
    expect(await world.flags('cap_warning')).toMatchObject([
      { subject: lead_id, lead_id, for_user_id: rep, for_role: null, resolved_at: null },
    ]);
    expect(await world.told('cap_warning')).toEqual([rep]);
    await world.addTouch(enrollment, START);
    await world.check('cap_warning');
    expect(await world.flags('cap_warning')).toMatchObject([
      { resolution: 'cause_gone', resolved_by_user_id: null, resolved_at: new Date(START) },
    ]);
  });

  it.each([
    ['a millisecond inside the window', START - 168 * HOUR_MS + 1, {}, 1],
    ['exactly 168 hours old', START - 168 * HOUR_MS, {}, 0],
    ['void', START - HOUR_MS, { outcome: 'void' }, 0],
    ['unknown', START - HOUR_MS, { outcome: 'unknown' }, 1],
    ['still pending, however long', START - 30 * DAY_MS, { outcome: 'reserved' }, 1],
    ['transactional', START - HOUR_MS, { sequence_type: 'transactional' }, 0],
  ] as const)('counts a touch as the gate does: %s', async (_name, at_ms, touch, raised) => {
    const { world, enrollment } = await enrolled();
    await world.addTouch(enrollment, START - DAY_MS);
    await world.addTouch(enrollment, at_ms, touch);
    await world.check('cap_warning');
    expect(await world.flags('cap_warning')).toHaveLength(raised);
  });

  it.each([
    [
      'an ended enrollment',
      (world: Awaited<ReturnType<typeof enrolled>>) => world.world.exit(world.enrollment.id),
    ],
    ['a paused enrollment', (world) => world.world.pauseEnrollment(world.enrollment.id)],
  ] satisfies [string, (world: Awaited<ReturnType<typeof enrolled>>) => Promise<void>][])(
    'needs an active enrollment: not with %s',
    async (_name, stop) => {
      const given = await enrolled();
      await given.world.addTouch(given.enrollment, START - DAY_MS);
      await given.world.addTouch(given.enrollment, START - 2 * DAY_MS);
      await given.world.check('cap_warning');
      expect(await given.world.flags('cap_warning', 'resolved_at IS NULL')).toHaveLength(1);
      await stop(given);
      await given.world.check('cap_warning');
      expect(await given.world.flags('cap_warning', 'resolved_at IS NULL')).toHaveLength(0);
    },
  );

  it('follows the policy: with a cap of five at four, with a cap of one never', async () => {
    const cap = (max_touches_per_window: number) => ({ policy: { touch_cap: { max_touches_per_window } } });
    const five = await enrolled(cap(5));
    const one = await enrolled(cap(1));
    for (const days of [1, 2, 3, 4]) {
      expect(await five.world.flags('cap_warning')).toEqual([]);
      await five.world.addTouch(five.enrollment, START - days * DAY_MS);
      await five.world.check('cap_warning');
    }
    expect(await five.world.flags('cap_warning')).toHaveLength(1);
    await one.world.check('cap_warning');
    expect(await one.world.flags('cap_warning')).toEqual([]);
  });

  it('goes to RevOps if the lead has no owner, or one who has left', async () => {
    const { world, lead_id, rep, enrollment } = await enrolled();
    const revops = [await world.addUser('revops'), await world.addUser('revops', 'rep')].sort();
    const left = await world.addUser('revops');
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = ANY ($1::uuid[])', [[rep, left]]);
    await world.addTouch(enrollment, START - DAY_MS);
    await world.addTouch(enrollment, START - 2 * DAY_MS);
    await world.check('cap_warning');
    expect(await world.flags('cap_warning')).toMatchObject([
      { lead_id, for_user_id: null, for_role: 'revops' },
    ]);
    expect(await world.told('cap_warning')).toEqual(revops);
  });
});
