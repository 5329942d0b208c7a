import { expect, it } from 'vitest';
import { toAppError } from '../../src/db/errors.ts';
import { policyOperations } from '../../src/operations/policies.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

const { db } = await testDatabase();
const [, put] = policyOperations;

it('takes one of several changes to the same version, and tells the others which one is in force', async () => {
  const world = await createWorld(db);
  const { context, person: principal } = world;
  const input = { document: { touch_cap: { max_touches_per_window: 2 } }, expected_version: 1 };
  const puts = Array.from({ length: 8 }, () => put.run({ context, principal, input }));
  const answers = await Promise.allSettled(puts);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    expect(toAppError(answer.reason)).toMatchObject({ code: 'version_changed', status: 409 });
    expect(toAppError(answer.reason)?.hint).toContain('version 2');
  }
  expect(await world.rows('policies')).toHaveLength(2);
});
