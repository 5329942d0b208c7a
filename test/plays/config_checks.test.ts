import { describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS, START } from '../world.ts';
import { createPlayWorld } from './play_world.ts';

/* Every check, index and key of the specification, attacked with SQL as the product's own role. */

const { db } = await testDatabase();
const world = await createPlayWorld(db);

type Refused = { code?: string; constraint?: string; message: string };

async function refusal(run: () => Promise<unknown>): Promise<Refused | null> {
  return run().then(
    () => null,
    (error: Refused) => ({ code: error.code!, constraint: error.constraint!, message: error.message }),
  );
}

/** With the role of the product. */
const as = (writer: string, text: string, values: readonly unknown[] = []) =>
  transaction(db.app, world.actors[writer]!, (tx) => tx.query(text, values));

describe('a retired play', () => {
  const retire = `UPDATE sales_play_library SET state = 'retired', retired_at = $2, retired_by_user_id = $3, retire_reason = $4::retire_reason WHERE play_id = $1`;

  it.each([
    ['draft', 'completed'],
    ['draft', 'rejected_at_review'],
    ['under_review', 'rejected_at_draft'],
    ['under_review', 'poor_performance'],
    ['active', 'rejected_at_draft'],
    ['active', 'rejected_at_review'],
  ] as const)('from %s cannot give the reason %s', async (state, why) => {
    const play_id = await world.playIn(state);
    const said = await refusal(() =>
      as('revops', retire, [play_id, world.clock.now(), world.people.get('revops'), why]),
    );
    expect(said).toMatchObject({ constraint: 'sales_play_library_retire_reason' });
  });

  it('records when, by whom and why it was retired', async () => {
    const play_id = await world.playIn('active');
    const user_id = world.people.get('revops');
    expect(await refusal(() => as('revops', retire, [play_id, null, user_id, 'completed']))).toMatchObject({
      constraint: 'sales_play_library_retired',
    });
    expect(
      await refusal(() => as('revops', retire, [play_id, world.clock.now(), user_id, null])),
    ).not.toBeNull();
    expect(
      await refusal(() => as('revops', retire, [play_id, world.clock.now(), null, 'completed'])),
    ).toMatchObject({ code: 'TL005' });
    expect(
      await refusal(() =>
        as('revops', retire, [play_id, world.clock.now(), world.people.get('slm'), 'completed']),
      ),
    ).toMatchObject({ code: 'TL005' });
  });

  it('retires automatically only if configured and after its period', async () => {
    const sunset = `UPDATE sales_play_library SET state = 'retired', retired_at = $2, retire_reason = 'auto_sunset' WHERE play_id = $1`;
    const over = await world.playIn('active', { active_period_end: '2026-11-24' });
    const now = new Date(START + 2 * DAY_MS);
    const running = await world.playIn('active');
    expect(await refusal(() => as('coordinator', sunset, [over, now]))).toMatchObject({
      code: 'TL001',
    });
    await as(
      'revops',
      `UPDATE sales_play_library_config SET auto_sunset = true, updated_by_user_id = $2 WHERE org_id = $1 AND segment IS NULL`,
      [world.org_id, world.people.get('revops')],
    );
    expect(await refusal(() => as('coordinator', sunset, [running, now]))).toMatchObject({
      code: 'TL001',
    });
    expect(await refusal(() => as('revops', sunset, [over, now]))).toMatchObject({ code: 'TL004' });
    expect(await refusal(() => as('coordinator', sunset, [over, now]))).toBeNull();
  });

  it('cannot be activated after its period, in the org’s time zone', async () => {
    // There a day ends fourteen hours earlier.
    for (const [zone, end, is_refused] of [
      ['UTC', '2026-11-23', true],
      ['UTC', '2026-11-24', false],
      ['Pacific/Kiritimati', '2026-11-24', true],
      ['Pacific/Kiritimati', '2026-11-25', false],
    ] as const) {
      await db.query(`UPDATE organizations SET time_zone = $2 WHERE org_id = $1`, [world.org_id, zone]);
      const play_id = await world.playIn('under_review', { active_period_end: end });
      await world.approve(play_id, 'other_revops', 'revops');
      await world.approve(play_id, 'other_slm', 'slm');
      const said = await refusal(() => world.activate(play_id));
      expect([zone, end, said?.code]).toEqual([zone, end, is_refused ? 'TL030' : undefined]);
    }
  });
});

describe('the config', () => {
  const put = (cap: number) =>
    as(
      'revops',
      `UPDATE sales_play_library_config SET max_active_plays = $2, updated_by_user_id = $3 WHERE org_id = $1 AND segment IS NULL`,
      [world.org_id, cap, world.people.get('revops')],
    );

  it.each([2, 9, 0, -1])('rejects a cap of %i', async (cap) => {
    expect(await refusal(() => put(cap))).toMatchObject({ constraint: 'sales_play_library_config_cap' });
  });

  it('starts at 5 and accepts 3 to 8', async () => {
    const [config] = await world.rows<{ max_active_plays: number }>(
      'sales_play_library_config',
      'segment IS NULL',
    );
    expect(config!.max_active_plays).toBe(5);
    for (const cap of [3, 8, 5]) expect(await refusal(() => put(cap))).toBeNull();
  });

  it.each(['slm', 'rep', 'brain', 'coordinator'])('cannot be changed by %s', async (writer) => {
    const text = `UPDATE sales_play_library_config SET max_active_plays = 8, updated_by_user_id = $2 WHERE org_id = $1 AND segment IS NULL`;
    const said = await refusal(() => as(writer, text, [world.org_id, world.people.get('slm')]));
    expect(said?.code).toMatch(/^TL0(05|22)$/);
  });

  it('of the org cannot be deleted', async () => {
    expect(
      await refusal(() => as('revops', `DELETE FROM sales_play_library_config WHERE segment IS NULL`)),
    ).toMatchObject({ code: 'TL003' });
  });
});

describe('a proposal', () => {
  it('stays as the brain wrote it', async () => {
    await world.propose();
    for (const text of [`UPDATE brain_analysis_log SET analysis = 'other'`, `DELETE FROM brain_analysis_log`])
      expect(await refusal(() => as('brain', text))).toMatchObject({
        code: expect.stringMatching(/^(TL003|42501)$/),
      });
  });

  it.each(['revops', 'other_brain', 'coordinator'])(
    'cannot be written by %s in the name of a brain',
    async (writer) => {
      const text = `INSERT INTO brain_analysis_log (org_id, proposal_id, agent_id, summary, analysis, created_at)
      VALUES ($1, gen_random_uuid(), 'AGT-901', 'a', 'b', now())`;
      expect(await refusal(() => as(writer, text, [world.org_id]))).toMatchObject({ code: 'TL023' });
    },
  );
});
