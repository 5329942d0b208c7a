import { describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { DAY_MS } from '../world.ts';
import { flagWorld, SALES } from './flag_world.ts';

const { db } = await testDatabase();

async function misrouted(columns: Record<string, unknown> = { icp_tier: 'T3' }, policy = {}) {
  const world = await flagWorld(db, { policy });
  const lead_id = await world.addLead(columns);
  await world.request(lead_id, SALES);
  await world.request(lead_id, SALES);
  return { world, lead_id };
}
const open = 'resolved_at IS NULL';

describe('routing_error', () => {
  it('is reported to AGT-202 once, however often sales requests', async () => {
    const { world, lead_id } = await misrouted();
    await world.check('routing_error');
    expect(await world.flags('routing_error')).toMatchObject([
      { subject: lead_id, for_agent: 'AGT-202', resolved_at: null },
    ]);
    expect(await world.told('routing_error')).toEqual(['AGT-202']);
  });

  it('ends when the lead is no longer T3, by its own tier or by its account’s', async () => {
    const own = await misrouted();
    await db.query(`UPDATE leads SET icp_tier = 'T2' WHERE id = $1`, [own.lead_id]);
    await own.world.check('routing_error');
    expect(await own.world.flags('routing_error')).toMatchObject([{ resolution: 'cause_gone' }]);
    const inherited = await misrouted({ icp_tier: null }, { unknown_tier: 'T3' });
    await inherited.world.check('routing_error');
    expect(await inherited.world.flags('routing_error', open)).toHaveLength(1);
    await db.query(`UPDATE accounts SET icp_tier = 'T1' WHERE org_id = $1`, [inherited.world.org_id]);
    await inherited.world.check('routing_error');
    expect(await inherited.world.flags('routing_error', open)).toHaveLength(0);
  });

  it('ends when sales has made no request for exactly seven days', async () => {
    const { world } = await misrouted();
    world.clock.advance(7 * DAY_MS - 1);
    await world.check('routing_error');
    expect(await world.flags('routing_error', open)).toHaveLength(1);
    world.clock.advance(1);
    await world.check('routing_error');
    expect(await world.flags('routing_error', open)).toHaveLength(0);
  });

  it('stays while a sales sequence is on the lead', async () => {
    const { world, lead_id } = await misrouted({ icp_tier: 'T3' }, { t3_sales: 'flag_only' });
    world.clock.advance(30 * DAY_MS);
    await world.check('routing_error');
    expect(await world.flags('routing_error', open)).toHaveLength(1);
    await world.exit((await world.enrollment(lead_id, SALES)).id);
    await world.check('routing_error');
    expect(await world.flags('routing_error', open)).toHaveLength(0);
  });

  it('does not stop the gate when the policy names an agent that the org does not have', async () => {
    const { world } = await misrouted({ icp_tier: 'T3' }, { routing_error_agent: 'AGT-999' });
    expect(await world.flags('routing_error')).toMatchObject([{ for_agent: null }]);
    expect(await world.told('routing_error')).toEqual([]);
  });
});
