import { describe, expect, it } from 'vitest';
import { playConfigOperations } from '../../src/operations/plays/config.ts';
import { playOperations } from '../../src/operations/plays/plays.ts';
import { playReviewOperations } from '../../src/operations/plays/review.ts';
import { testDatabase } from '../database.ts';
import { openLibrary, refused } from './play_calls.ts';

/* The cap of active plays and the end of a play, by operations alone. */

const { db } = await testDatabase();
const { world, as, brain: BRAIN, revops: REVOPS, slm: SLM, propose, activePlay } = await openLibrary(db);

const [, , getPlay] = playOperations;
const [pickUp, , approve, , retire, copy, putOutcomes] = playReviewOperations;
const [getConfig, putConfig, putSegment] = playConfigOperations;

describe('the cap', () => {
  it('refuses with the plays that could be retired, the oldest first, and changes nothing', async () => {
    const segment = await world.addSegment();
    await putSegment.run({ ...as(REVOPS), input: putSegment.input.parse({ segment, max_active_plays: 3 }) });
    const active = [];
    for (let n = 0; n < 3; n += 1) {
      active.push((await activePlay(segment)).play_id);
      world.clock.advance(86_400_000);
    }
    const { play_id: id } = await propose(segment);
    await pickUp.run({ ...as(REVOPS), input: { id } });
    await approve.run({ ...as(SLM), input: { id, role: 'slm' } });
    const said = await refused(() => approve.run({ ...as(REVOPS), input: { id, role: 'revops' } }));
    expect(said.code).toBe('play_cap_reached');
    expect(said.message).toBe(
      `Segment ${segment} has 3 active plays, and its cap is 3. Nothing was changed.`,
    );
    expect((said.extra!.active_plays as { play_id: string }[]).map(({ play_id }) => play_id)).toEqual(active);
    const config = await getConfig.run({ ...as(REVOPS), input: {} });
    expect(config.segments.find((one) => one.segment === segment)).toMatchObject({
      max_active_plays: 3,
      is_override: true,
      active_plays: 3,
    });
    await retire.run({ ...as(REVOPS), input: { id: active[0]!, reason: 'replaced' } });
    expect((await approve.run({ ...as(REVOPS), input: { id, role: 'revops' } })).state).toBe('active');
  });

  it('is configured by RevOps, within its bounds', async () => {
    for (const max_active_plays of [2, 9, 'many']) {
      expect(putConfig.input.safeParse({ max_active_plays }).success).toBe(false);
    }
    const config = await putConfig.run({ ...as(REVOPS), input: { max_active_plays: 8, auto_sunset: true } });
    expect(config).toMatchObject({ max_active_plays: 8, auto_sunset: true });
    await putConfig.run({ ...as(REVOPS), input: { max_active_plays: 5, auto_sunset: false } });
    const segment = await world.addSegment();
    await putSegment.run({
      ...as(REVOPS),
      input: putSegment.input.parse({ segment, max_active_plays: 4, name: 'Named' }),
    });
    const reset = await putSegment.run({
      ...as(REVOPS),
      input: putSegment.input.parse({ segment, max_active_plays: null }),
    });
    expect(reset.segments.find((one) => one.segment === segment)).toMatchObject({
      name: 'Named',
      max_active_plays: 5,
      is_override: false,
    });
    expect((await refused(() => putConfig.run({ ...as(SLM), input: { max_active_plays: 6 } }))).code).toBe(
      'role_required',
    );
  });
});

describe('a retired play', () => {
  it.each([
    ['draft', undefined, 'rejected_at_draft'],
    ['under_review', undefined, 'rejected_at_review'],
    ['active', 'poor_performance', 'poor_performance'],
  ] as const)('that was %s gives the reason', async (state, reason, expected) => {
    const play = state === 'active' ? await activePlay() : await propose();
    const id = play.play_id;
    if (state === 'under_review') await pickUp.run({ ...as(SLM), input: { id } });
    const retired = await retire.run({ ...as(REVOPS), input: { id, reason } });
    expect(retired).toMatchObject({
      state: 'retired',
      retire_reason: expected,
      retired_by_user_id: world.people.get('revops'),
    });
    expect((await refused(() => retire.run({ ...as(REVOPS), input: { id, reason } }))).code).toBe(
      'illegal_status_move',
    );
  });

  it('names a reason that fits', async () => {
    const { play_id: id } = await activePlay();
    const said = await refused(() => retire.run({ ...as(REVOPS), input: { id } }));
    expect(said).toMatchObject({
      code: 'reason_required',
      errors: [{ path: 'reason', message: 'expected completed, replaced, poor_performance' }],
    });
    expect(
      (await refused(() => retire.run({ ...as(REVOPS), input: { id, reason: 'rejected_at_draft' } }))).code,
    ).toBe('reason_required');
    expect((await refused(() => retire.run({ ...as(SLM), input: { id, reason: 'completed' } }))).code).toBe(
      'role_required',
    );
  });

  it('can be launched again as a copy, and its outcomes reach its brain', async () => {
    const play = await activePlay();
    const id = play.play_id;
    expect((await refused(() => copy.run({ ...as(SLM), input: { id } }))).code).toBe('illegal_status_move');
    await retire.run({ ...as(REVOPS), input: { id, reason: 'completed' } });
    const measured = { quarter: '2026-Q4', meeting_rate: 0.05 };
    await putOutcomes.run({ ...as(REVOPS), input: { id, retrospective_outcomes: measured } });
    expect((await getPlay.run({ ...as(BRAIN), input: { id } })).retrospective_outcomes).toEqual(measured);
    const copied = await copy.run({ ...as(SLM), input: { id } });
    expect(copied).toMatchObject({
      state: 'draft',
      name: play.name,
      copied_from_play_id: id,
      originating_proposal_id: play.originating_proposal_id,
      edits_during_review: [],
    });
    expect((await pickUp.run({ ...as(SLM), input: { id: copied.play_id } })).state).toBe('under_review');
  });
});
