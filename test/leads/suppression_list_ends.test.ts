import { describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS, START } from '../world.ts';

const { db } = await testDatabase();

type World = Awaited<ReturnType<typeof taskWorld>>;
const add = (world: World, values: string[], more = {}) =>
  world.call('add_suppressions', world.person, { values, reason: 'asked by phone', ...more });
const list = async (world: World) => (await world.call('list_suppressions', world.person, {})).items;
const decided = async (world: World, email: string) =>
  (await world.request(await world.addLead({ email }), 'b2bea_membership')) as {
    decision?: { reason: string | null };
  };

// suppressions_value_uniq
describe('an end and none', () => {
  const soon = { until: new Date(START + DAY_MS).toISOString() };

  it.each(['lena@acme.example', 'acme.example', '+12025550123'])(
    'stand side by side for %s, and the longer one stays',
    async (value) => {
      const world = await taskWorld(db);
      expect(await add(world, [value], soon)).toMatchObject({ added_count: 1 });
      expect(await add(world, [value], { dry_run: true })).toMatchObject({ added_count: 1 });
      expect(await add(world, [value])).toMatchObject({ added_count: 1 });
      for (const more of [{}, soon])
        expect(await add(world, [value], more)).toMatchObject({ added_count: 0 });
      world.clock.advance(DAY_MS);
      await world.work();
      expect(await list(world)).toMatchObject([{ value, until: null }]);
    },
  );

  it('covers an address with a tag', async () => {
    const world = await taskWorld(db);
    await add(world, ['lena@acme.example']);
    expect((await decided(world, 'lena+news@acme.example')).decision?.reason).toBe('compliance_block');
    expect((await decided(world, '+lena@acme.example')).decision?.reason ?? 'allowed').toBe('allowed');
  });
});
