import { expect, it } from 'vitest';
import { loadSample } from '../src/setup/sample.ts';
import { testDatabase } from './database.ts';
import { createWorld } from './world.ts';

const { db } = await testDatabase();

it('begins without warnings: for T3 leads sales does not ask', async () => {
  const world = await createWorld(db);
  await loadSample(world.context, world.person, 'b2bea_membership_close');
  expect(await world.rows('leads')).toHaveLength(300);
  expect(await world.rows('sequence_requests')).toHaveLength(216);
  expect(await world.rows('campaign_contacts')).not.toEqual([]);
  expect(await world.rows('flags')).toEqual([]);
  const segments = await world.rows<{ segment: string }>('territory_definitions');
  const of_leads = new Set((await world.rows<{ segment: string }>('leads')).map(({ segment }) => segment));
  expect(new Set(segments.map(({ segment }) => segment))).toEqual(of_leads);
});
