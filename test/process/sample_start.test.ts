import { expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { systemDb } from '../../src/db/acting.ts';
import { listOrganizations } from '../../src/db/queries/principals.gen.ts';
import { firstStart } from '../../src/setup/first_start.ts';
import { loadSample } from '../../src/setup/sample.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

const { db } = await testDatabase();

it('the first start shows no warnings: sales requests no T3 leads', async () => {
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

it('a start without the sample uses marked placeholders, and no address of the sample', async () => {
  const { worker_context } = await createWorld(db);
  const other = await testDatabase();
  try {
    const context = { ...worker_context, db: other.db.app };
    const config = readConfig({ TOUCHLINE_SAMPLE: 'none' });
    await firstStart(context, { config, cli_key: `tl_${'k'.repeat(43)}`, say: () => {} });
    expect(await listOrganizations.run({ limit: 2 }, systemDb(context.db))).toMatchObject([
      { name: 'My organization', postal_address: '(postal address not set)', own_since: null },
    ]);
  } finally {
    await other.close();
  }
});
