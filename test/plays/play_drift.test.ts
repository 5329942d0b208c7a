import { expect, it } from 'vitest';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import { createPlayRunWorld } from './play_run_world.ts';

const { db } = await testDatabase();

it('more than thirty active plays raise active_play_drift for RevOps until there are thirty', async () => {
  const world = await createPlayRunWorld(db);
  const { org_id } = world;
  const check = () =>
    runCheck(world.worker_context, org_id, FLAG_CHECKS.find((one) => one.name === 'active_play_drift')!);
  const flags = () => world.rows('flags', `kind = 'active_play_drift'`);
  let segment = '';
  const activate = async (at: number) => {
    if (at % 5 === 0) segment = await world.addSegment();
    return world.activePlay(segment);
  };
  const plays: string[] = [];
  for (let at = 0; at < 30; at += 1) plays.push(await activate(at));
  // Neither of these counts as active, whatever campaigns exist.
  await world.playIn('under_review');
  await world.playIn('retired');
  for (const play_id of plays.slice(0, 2)) await world.compile(play_id);
  await check();
  expect(await flags()).toEqual([]);
  plays.push(await activate(30));
  await Promise.all(Array.from({ length: 8 }, check));
  expect(await flags()).toMatchObject([{ subject: 'org', for_role: 'revops', detail: { active_plays: 31 } }]);
  const notes = await world.rows<{ to_user_id: string }>('notifications', `kind = 'active_play_drift'`);
  const told = notes.map((note) => note.to_user_id);
  expect(told).toContain(world.people.get('revops'));
  expect(told).not.toContain(world.people.get('rep'));
  await world.retire(plays[7]!);
  await check();
  expect(await flags()).toMatchObject([{ resolution: 'cause_gone' }]);
});
