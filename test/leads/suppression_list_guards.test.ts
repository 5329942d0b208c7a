import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

const { db } = await testDatabase();

describe('the database', () => {
  const insert = `INSERT INTO suppressions (org_id, id, kind, value, reason, source, added_by_user_id, created_at)
    VALUES ($1, gen_random_uuid(), 'domain', 'acme.example', 'x', 'person', $2, now())`;
  const liftNow = `UPDATE suppressions SET lifted_at = now(), lifted_by_user_id = $2, lift_reason = 'x' WHERE org_id = $1`;
  const as = (actor: Actor, text: string, values: unknown[]) =>
    transaction(db.app, actor, (tx) => tx.query(text, values)).then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );

  it('refuses a suppression in another name, and a lift without the role or before the end', async () => {
    const world = await createWorld(db);
    const user_id = world.person.kind === 'human' ? world.person.user_id : '';
    const { org_id } = world;
    const person = actorOf(world.person);
    const agent: Actor = { kind: 'agent', id: 'AGT-301', org_id };
    const coordinator = coordinatorActor(org_id);
    expect(await as(agent, insert, [world.org_id, user_id])).toBe('TL005');
    expect(await as(coordinator, insert, [world.org_id, user_id])).toBe('TL005');
    expect(await as(person, insert, [world.org_id, user_id])).toBe('done');
    expect(await as(agent, liftNow, [world.org_id, user_id])).toBe('TL005');
    expect(
      await as(coordinator, `UPDATE suppressions SET lifted_at = now() WHERE org_id = $1`, [world.org_id]),
    ).toBe('23514');
    const rep_id = newId(world.clock);
    await db.query(
      `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, 'rep@testers.example', 'Rep', '{rep}')`,
      [org_id, rep_id],
    );
    const rep: Actor = { kind: 'human', id: rep_id, org_id };
    expect(await as(rep, liftNow, [org_id, user_id])).toBe('TL005');
    expect(await as(rep, liftNow, [org_id, rep_id])).toBe('TL022');
    // suppressions_added, suppressions_settled
    expect(await as(person, 'UPDATE suppressions SET settled_at = now() WHERE org_id = $1', [org_id])).toBe(
      'TL004',
    );
    expect(
      await as(coordinator, 'UPDATE suppressions SET settled_at = now() WHERE org_id = $1', [org_id]),
    ).toBe('done');
    expect(await as(person, liftNow, [world.org_id, user_id])).toBe('done');
    expect(await as(person, liftNow, [world.org_id, user_id])).toBe('TL001');
  });
});
