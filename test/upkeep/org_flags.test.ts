import { describe, expect, it } from 'vitest';
import { resolveUnknown } from '../../src/coordinator/sending/outcomes.ts';
import { getQueueItem } from '../../src/db/queries/send_queue.gen.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS, START } from '../world.ts';
import { flagWorld, SALES } from './flag_world.ts';

const { db } = await testDatabase();

describe('backlog', () => {
  const paused = { cadence_paused_at: new Date(START), cadence_pause_reason: 'replied' };

  it('is raised for a rep at the tenth paused lead, however it is paused, and ends at nine', async () => {
    const world = await flagWorld(db);
    const [rep, other, manager] = [
      await world.addUser('rep'),
      await world.addUser('rep'),
      await world.addUser('slm'),
    ];
    for (let lead = 0; lead < 8; lead += 1) await world.addLead({ owner_user_id: rep, ...paused });
    // Both this lead and its enrollment are paused: it counts once.
    const twice = await world.addLead({ owner_user_id: rep });
    await world.request(twice, SALES);
    await world.pauseEnrollment((await world.enrollment(twice, SALES)).id);
    await db.query('UPDATE leads SET cadence_paused_at = $2, cadence_pause_reason = $3 WHERE id = $1', [
      twice,
      new Date(START),
      'test',
    ]);
    for (let lead = 0; lead < 9; lead += 1) await world.addLead({ owner_user_id: other, ...paused });
    await world.addLead(paused);
    await world.check('backlog');
    expect(await world.flags('backlog')).toEqual([]);
    const tenth = await world.addLead({ owner_user_id: rep });
    await world.request(tenth, SALES);
    const enrollment_id = (await world.enrollment(tenth, SALES)).id;
    await world.pauseEnrollment(enrollment_id);
    await Promise.all(Array.from({ length: 8 }, () => world.check('backlog')));
    expect(await world.flags('backlog')).toMatchObject([
      { subject: rep, lead_id: null, for_user_id: rep, for_role: 'slm', detail: { paused_leads: 10 } },
    ]);
    expect(await world.told('backlog')).toEqual([rep, manager, 'AGT-303'].sort());
    await world.resumeEnrollment(enrollment_id);
    await world.check('backlog');
    expect(await world.flags('backlog')).toMatchObject([{ resolution: 'cause_gone' }]);
  });

  it('of a rep who left goes to the managers, once to each, even in two roles', async () => {
    const world = await flagWorld(db, { policy: { backlog_paused_leads: 1 } });
    const [left, both] = [await world.addUser('rep'), await world.addUser('rep', 'slm')];
    await world.addLead({ owner_user_id: left, ...paused });
    await world.addLead({ owner_user_id: both, ...paused });
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [left]);
    await world.check('backlog');
    const flags = await world.flags('backlog');
    expect(flags.map(({ subject, for_user_id }) => [subject, for_user_id]).sort()).toEqual(
      [
        [left, null],
        [both, both],
      ].sort(),
    );
    expect(await world.told('backlog')).toEqual([both, both, 'AGT-303', 'AGT-303'].sort());
  });
});

describe('send_unknown', () => {
  async function unknown() {
    const mail = {
      send: async (_mail: unknown, hooks?: { beforeData?: () => Promise<boolean> }) => {
        await hooks?.beforeData?.();
        return { kind: 'unknown', response: 'no reply after the data' } as const;
      },
      verify: async () => {},
      close: async () => {},
    };
    const world = await flagWorld(db, { mail });
    const rep = await world.addUser('rep');
    const lead_id = await world.addLead({ owner_user_id: rep });
    await world.request(lead_id, SALES);
    await world.work();
    const { item } = await world.draftOf(lead_id);
    await db.query('UPDATE sales_send_queue SET requires_personal_send = false WHERE id = $1', [item.id]);
    await world.approve(lead_id);
    return { world, rep, item };
  }

  it('notifies the rep at once, and stays while delivery is unknown', async () => {
    const { world, rep, item } = await unknown();
    expect(await world.rows<SalesSendQueueRow>('sales_send_queue')).toMatchObject([{ status: 'unknown' }]);
    world.clock.advance(30 * DAY_MS);
    await world.check('send_unknown');
    expect(await world.flags('send_unknown')).toMatchObject([
      { subject: item.id, queue_id: item.id, for_user_id: rep, resolved_at: null },
    ]);
    expect(await world.told('send_unknown')).toEqual([rep]);
  });

  it('ends when a person confirms, and automatically when the item is no longer unknown', async () => {
    const answered = await unknown();
    await answered.world.scoped(async (scope) => {
      const [item] = await getQueueItem.run({ org_id: scope.org_id, id: answered.item.id }, scope.tx);
      await resolveUnknown(scope, item!, true);
    });
    expect(await answered.world.flags('send_unknown')).toMatchObject([{ resolution: 'went' }]);
    const settled = await unknown();
    await settled.world.scoped(({ tx, org_id }) =>
      tx.query(`UPDATE sales_send_queue SET status = 'failed' WHERE org_id = $1`, [org_id]),
    );
    await settled.world.check('send_unknown');
    expect(await settled.world.flags('send_unknown')).toMatchObject([{ resolution: 'cause_gone' }]);
  });
});
