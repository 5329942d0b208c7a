import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { PLAY_STATE_VALUES, type PlayState } from '../../src/schema.gen.ts';
import { untilBlocked } from '../blocked.ts';
import { testDatabase } from '../database.ts';
import { createPlayWorld, LATEST, WRITERS, type Writer } from './play_world.ts';

/* Every transition x every writer, with SQL as the superuser: exactly those of the specification's tables are allowed. */

const { db } = await testDatabase();
const world = await createPlayWorld(db);

/** SalesPlayLibrary, "State | Meaning | Who can write/transition" and "Allowed transitions". */
const MAY: Readonly<Record<string, readonly Writer[]>> = {
  'draft>under_review': ['revops', 'slm', 'both_roles'],
  'draft>retired': ['revops', 'both_roles'],
  'under_review>active': ['revops', 'slm', 'both_roles'],
  'under_review>retired': ['revops', 'both_roles'],
  'active>retired': ['revops', 'both_roles'],
};

const MOVES = PLAY_STATE_VALUES.flatMap((from) =>
  PLAY_STATE_VALUES.filter((to) => to !== from).flatMap((to) =>
    WRITERS.map((writer) => ({ from, to, writer })),
  ),
);

async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return 'allowed';
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

/** The writer's best attempt at the transition: every column that goes with it, in their own name. */
async function tryMove(
  from: PlayState,
  to: PlayState,
  writer: Writer,
): Promise<{ said: string; play_id: string }> {
  const play_id = await world.playIn(from);
  const user_id = world.people.get(writer) ?? world.people.get('other_revops');
  if (from === 'under_review' && to === 'active') {
    // Another person has approved in the role that the writer lacks.
    const [role, other] = writer === 'slm' ? (['slm', 'revops'] as const) : (['revops', 'slm'] as const);
    await world.approve(play_id, `other_${other}`, other);
    const text = `UPDATE sales_play_library SET ${role}_approver_user_id = $2, ${role}_approved_at = ${LATEST}, state = 'active',
      activated_at = ${LATEST} WHERE play_id = $1`;
    return { said: await outcome(() => world.as(writer, text, [play_id, user_id])), play_id };
  }
  const set: Record<PlayState, string> = {
    draft: `picked_up_by_user_id = NULL, picked_up_at = NULL`,
    under_review:
      from === 'draft' ? `picked_up_by_user_id = $2, picked_up_at = ${LATEST}` : `activated_at = NULL`,
    active: `activated_at = ${LATEST}`,
    retired: `retired_at = ${LATEST}, retired_by_user_id = $2, retire_reason = '${
      from === 'draft'
        ? 'rejected_at_draft'
        : from === 'under_review'
          ? 'rejected_at_review'
          : 'poor_performance'
    }'`,
  };
  const text = `UPDATE sales_play_library SET state = '${to}', ${set[to]} WHERE play_id = $1 AND $2::uuid IS NOT NULL`;
  return { said: await outcome(() => world.as(writer, text, [play_id, user_id])), play_id };
}

describe('a transition of a play', () => {
  it.each(MOVES)('$from to $to by $writer', async ({ from, to, writer }) => {
    const { said, play_id } = await tryMove(from, to, writer);
    const allowed = MAY[`${from}>${to}`]?.includes(writer) ?? false;
    if (allowed) expect(said).toBe('allowed');
    else expect(said).toMatch(/^(TL\d{3}|23514)$/);
    expect((await world.read(play_id)).state).toBe(allowed ? to : from);
  });
});

describe('an approval', () => {
  it('cannot be given twice by one person with both roles', async () => {
    const play_id = await world.playIn('under_review');
    await world.approve(play_id, 'both_roles', 'slm');
    expect(await outcome(() => world.approve(play_id, 'both_roles', 'revops'))).toBe('TL025');
    const both = `UPDATE sales_play_library SET slm_approver_user_id = $2, slm_approved_at = now(),
      revops_approver_user_id = $2, revops_approved_at = now() WHERE play_id = $1`;
    const other_id = await world.playIn('under_review');
    expect(
      await outcome(() => world.as('both_roles', both, [other_id, world.people.get('both_roles')])),
    ).toBe('TL025');
  });

  it.each(WRITERS.flatMap((writer) => (['slm', 'revops'] as const).map((role) => ({ writer, role }))))(
    'as $role by $writer',
    async ({ writer, role }) => {
      const play_id = await world.playIn('under_review');
      const said = await outcome(() => world.approve(play_id, writer, role));
      const allowed = writer === role || writer === 'both_roles';
      if (allowed) expect(said).toBe('allowed');
      else expect(said).toMatch(/^(TL\d{3}|23514)$/);
      expect((await world.read(play_id))[`${role}_approver_user_id`]).toBe(
        allowed ? world.people.get(writer) : null,
      );
    },
  );

  it('cannot be given in another person’s name', async () => {
    const play_id = await world.playIn('under_review');
    const text = `UPDATE sales_play_library SET slm_approver_user_id = $2, slm_approved_at = now() WHERE play_id = $1`;
    expect(await outcome(() => world.as('revops', text, [play_id, world.people.get('slm')]))).toBe('TL005');
  });

  it.each(['draft', 'active', 'retired'] as const)('cannot be given to a play that is %s', async (state) => {
    const play_id = await world.playIn(state);
    expect(await outcome(() => world.approve(play_id, 'slm', 'slm'))).toMatch(/^(TL024|23514)$/);
  });

  it('is void after an edit', async () => {
    const play_id = await world.playIn('under_review');
    await world.approve(play_id, 'slm', 'slm');
    await world.as('revops', `UPDATE sales_play_library SET hypothesis = 'Another one' WHERE play_id = $1`, [
      play_id,
    ]);
    const after = await world.read(play_id);
    expect(after).toMatchObject({ slm_approver_user_id: null, slm_approved_at: null });
    expect(after.edits_during_review).toEqual([
      {
        at: expect.any(String),
        user_id: world.people.get('revops'),
        patch: [{ op: 'replace', path: '/hypothesis', value: 'Another one' }],
      },
    ]);
  });

  it('can be withdrawn only by the approver', async () => {
    const play_id = await world.playIn('under_review');
    await world.approve(play_id, 'slm', 'slm');
    const text = `UPDATE sales_play_library SET slm_approver_user_id = NULL, slm_approved_at = NULL WHERE play_id = $1`;
    expect(await outcome(() => world.as('other_slm', text, [play_id]))).toBe('TL005');
    expect(await outcome(() => world.as('slm', text, [play_id]))).toBe('allowed');
  });

  /** Runs an action while the person with both roles has lost one, or has left. */
  const without = async (change: string, act: () => Promise<void>, before = '') => {
    const set = async (columns: string) => {
      const id = world.people.get('both_roles');
      await db.query(
        `${before} UPDATE users SET ${columns} WHERE id = '${id}'; RESET session_replication_role`,
      );
    };
    await set(change);
    await act().finally(() => set(`roles = '{revops,slm}', deactivated_at = NULL`));
  };

  it.each([`roles = '{slm}'`, `deactivated_at = now()`])(
    'lapses with %s of its approver, and another person replaces it',
    async (change) => {
      const play_id = await world.playIn('under_review');
      await world.approve(play_id, 'other_slm', 'slm');
      await world.approve(play_id, 'both_roles', 'revops');
      await without(change, async () => {
        const { slm_approver_user_id } = await world.read(play_id);
        expect(slm_approver_user_id).toBe(world.people.get('other_slm'));
        expect(await world.read(play_id)).toMatchObject({
          revops_approver_user_id: null,
          revops_approved_at: null,
        });
        await world.approve(play_id, 'revops', 'revops');
        expect(await outcome(() => world.activate(play_id, 'other_slm'))).toBe('allowed');
      });
    },
  );

  it('that lapsed unnoticed does not activate the play, and can be replaced', async () => {
    const play_id = await world.playIn('under_review');
    await world.approve(play_id, 'other_slm', 'slm');
    await world.approve(play_id, 'both_roles', 'revops');
    expect(await outcome(() => world.approve(play_id, 'revops', 'revops'))).toBe('TL024');
    const unseen = async () => {
      expect(await outcome(() => world.activate(play_id, 'other_slm'))).toBe('TL022');
      expect(await outcome(() => world.approve(play_id, 'revops', 'revops'))).toBe('allowed');
    };
    await without(`roles = '{slm}'`, unseen, 'SET session_replication_role = replica;');
  });

  it('lapses if its approver loses the role at the same moment', async () => {
    const play_id = await world.playIn('under_review');
    const id = world.people.get('both_roles');
    const [given, may_end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const approving = transaction(db, world.actors.both_roles!, async (tx) => {
      await tx.query(
        `UPDATE sales_play_library SET revops_approver_user_id = $2, revops_approved_at = ${LATEST} WHERE play_id = $1`,
        [play_id, id],
      );
      given.resolve();
      await may_end.promise;
    });
    await given.promise;
    const losing = without(`roles = '{slm}'`, async () => {
      expect(await world.read(play_id)).toMatchObject({ revops_approver_user_id: null });
    });
    await untilBlocked(db);
    may_end.resolve();
    await Promise.all([approving, losing]);
  });
});
