import { describe, expect, it } from 'vitest';
import { sequenceBatchOperations } from '../../src/operations/campaigns/sequence_batches.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

const { db } = await testDatabase();
const [requestMany] = sequenceBatchOperations;
const CLOSE = 'b2bea_membership_close';

async function ask({ context, person }: World, input: Record<string, unknown>) {
  const call = {
    context,
    principal: person,
    input: requestMany.input.parse({ campaign_slug: CLOSE, ...input }),
  };
  return requestMany.output.parse(await requestMany.run(call));
}

describe('requesting many leads at once', () => {
  it('returns a separate answer for each lead, in the order given', async () => {
    const world = await createWorld(db);
    const inside = await world.addLead();
    await world.request(inside, CLOSE);
    const free = await world.addLead({ email: 'Free@prospect.example' });
    const t3 = await world.addLead({ icp_tier: 'T3' });
    const out = await world.addLead({ opt_out_flag: true, opted_out_at: world.clock.now() });
    const foreign = await (await createWorld(db)).addLead();
    const leads = [inside, 'FREE@prospect.example', t3, out, foreign, 'nobody@else.example', free];
    const tried = await ask(world, { leads, dry_run: true });
    expect(tried.counts).toEqual({ already_enrolled: 1, allow: 1, refuse: 1, block: 1, unknown_lead: 2 });
    expect(await world.rows('sequence_requests')).toHaveLength(1);
    const { items, counts } = await ask(world, { leads });
    expect(counts).toEqual(tried.counts);
    expect(items.map(({ outcome }) => outcome)).toEqual([
      'already_enrolled',
      'allow',
      'refuse',
      'block',
      'unknown_lead',
      'unknown_lead',
      'allow',
    ]);
    expect(items[2]).toMatchObject({ why: expect.stringContaining('T3 belongs to marketing') });
    expect(items[4]).toEqual({ ...items[5], lead: foreign });
    expect(items[6]).toEqual({ ...items[1], lead: free });
    expect(await world.rows('campaign_contacts')).toHaveLength(2);
    await world.work();
    expect(await world.rows('sales_send_queue', `status = 'drafted'`)).toHaveLength(2);
  });

  it('holds leads that were touched today and says until when; a repeated request reports that they already wait', async () => {
    const world = await createWorld(db);
    const lead_id = await world.addLead();
    await world.request(lead_id, CLOSE);
    await world.work();
    await world.approve(lead_id);
    world.clock.advance(60_000);
    const again = { leads: [lead_id], campaign_slug: 'b2bea_membership_cs' };
    const { items } = await ask(world, again);
    expect(items).toMatchObject([
      { outcome: 'hold', reason: 'touch_cap_exceeded', until: '2026-11-25T00:00:00.000Z' },
    ]);
    expect(items[0]?.why).toContain('The day is full');
    expect((await ask(world, again)).counts).toEqual({ already_waiting: 1 });
  });

  it('accepts up to 200 leads, and refuses the whole batch when the campaign is at fault', async () => {
    const world = await createWorld(db);
    expect(
      requestMany.input.safeParse({ campaign_slug: CLOSE, leads: Array(201).fill('a@b.example') }).success,
    ).toBe(false);
    await expect(ask(world, { leads: ['a@b.example'], campaign_slug: 'no_such' })).rejects.toMatchObject({
      code: 'unknown_campaign',
    });
  });
});
