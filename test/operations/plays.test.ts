import { describe, expect, it } from 'vitest';
import { playReviewOperations } from '../../src/operations/play_review.ts';
import { playOperations } from '../../src/operations/plays.ts';
import { testDatabase } from '../database.ts';
import { PLAY } from '../plays/play_world.ts';
import { ANALYSIS, openLibrary, refused } from './play_calls.ts';

/* A play from a brain's proposal to its activation, by the operations alone. */

const { db } = await testDatabase();
const {
  world,
  person,
  agent,
  as,
  brain: BRAIN,
  revops: REVOPS,
  slm: SLM,
  propose,
  activePlay,
} = await openLibrary(db);

const [proposePlay, listPlays, getPlay] = playOperations;
const [pickUp, edit, approve, withdraw] = playReviewOperations;

describe('a proposal', () => {
  it('becomes a draft with its lineage, which its brain reads back', async () => {
    const play = await propose();
    expect(play).toMatchObject({
      state: 'draft',
      writer_agent_id: 'AGT-901',
      proposal: ANALYSIS,
      edits_during_review: [],
    });
    const read = await getPlay.run({ ...as(BRAIN), input: { id: play.play_id } });
    expect(read.play_id).toBe(play.play_id);
    const mine = await listPlays.run({ ...as(BRAIN), input: listPlays.input.parse({ state: 'draft' }) });
    expect(mine.items.map(({ play_id }) => play_id)).toContain(play.play_id);
  });

  it('is not there for another brain, nor for a role agent until it is active', async () => {
    const { play_id: id } = await propose();
    for (const other of [agent('AGT-902'), agent('roles.bdr', 'role')]) {
      expect((await refused(() => getPlay.run({ ...as(other), input: { id } }))).code).toBe('not_found');
      const list = await listPlays.run({ ...as(other), input: listPlays.input.parse({}) });
      expect(list.items.map(({ play_id }) => play_id)).not.toContain(id);
    }
    const active = await activePlay();
    const read = await getPlay.run({ ...as(agent('roles.bdr', 'role')), input: { id: active.play_id } });
    expect(read.state).toBe('active');
  });

  it('serves several plays; without one there is no play', async () => {
    const first = await propose();
    const more = { scope: 'segment', segment: await world.addSegment(), ...PLAY, client_id: 'b2bea' };
    const second = await proposePlay.run({
      ...as(BRAIN),
      input: proposePlay.input.parse({ ...more, originating_proposal_id: first.originating_proposal_id }),
    });
    expect(second.originating_proposal_id).toBe(first.originating_proposal_id);
    const none = await refused(() => proposePlay.run({ ...as(BRAIN), input: proposePlay.input.parse(more) }));
    expect(none).toMatchObject({ code: 'proposal_missing', errors: [{ path: 'proposal' }] });
    const foreign = await refused(() =>
      proposePlay.run({
        ...as(agent('AGT-902')),
        input: proposePlay.input.parse({ ...more, originating_proposal_id: first.originating_proposal_id }),
      }),
    );
    expect(foreign.code).toBe('unknown_reference');
  });

  it.each([
    [{ segment: undefined }, 'segment'],
    [{ account_id: '01890000-0000-7000-8000-00000000ffff' }, 'account_id'],
    [{ scope: 'account_specific' }, 'account_id'],
    [{ target_definition: { segments: ['elsewhere'] } }, 'target_definition.segments'],
  ])('with a wrong scope names the place: %o', async (columns, path) => {
    const input = {
      scope: 'segment',
      segment: await world.addSegment(),
      proposal: ANALYSIS,
      ...PLAY,
      ...columns,
    };
    const said = await refused(() =>
      proposePlay.run({ ...as(BRAIN), input: proposePlay.input.parse(input) }),
    );
    expect(said.code).toBe('play_scope');
    expect(said.errors?.map((one) => one.path)).toContain(path);
  });

  it('comes from a brain alone', async () => {
    expect((await refused(() => propose(undefined, REVOPS))).code).toBe('brain_only');
    expect((await refused(() => propose(undefined, agent('roles.bdr', 'role')))).code).toBe('brain_only');
  });
});

describe('under review', () => {
  it('people shape a play; their changes are a patch of what was drafted', async () => {
    const { play_id: id } = await propose();
    expect((await refused(() => edit.run({ ...as(REVOPS), input: { id, name: 'Early' } }))).code).toBe(
      'play_locked',
    );
    await pickUp.run({ ...as(SLM), input: { id } });
    const steps = [...PLAY.suggested_cadence.steps];
    steps[1] = { ...steps[1]!, delay_days: 6 };
    await edit.run({ ...as(REVOPS), input: { id, name: 'Shorter close' } });
    const after = await edit.run({
      ...as(SLM),
      input: edit.input.parse({ id, suggested_cadence: { ...PLAY.suggested_cadence, steps } }),
    });
    expect(after.edits_during_review).toEqual([
      {
        at: expect.any(String),
        user_id: world.people.get('revops'),
        patch: [{ op: 'replace', path: '/name', value: 'Shorter close' }],
      },
      {
        at: expect.any(String),
        user_id: world.people.get('slm'),
        patch: [{ op: 'replace', path: '/suggested_cadence/steps/1/delay_days', value: 6 }],
      },
    ]);
    expect(after.drafted).toMatchObject({ name: PLAY.name });
    const listed = await listPlays.run({
      ...as(REVOPS),
      input: listPlays.input.parse({ state: 'under_review' }),
    });
    expect(listed.items.find(({ play_id }) => play_id === id)!.edit_count).toBe(2);
  });

  it('an approval is for the text that was read, and void once that changes', async () => {
    const { play_id: id } = await propose();
    const picked = await pickUp.run({ ...as(SLM), input: { id } });
    const approved = await approve.run({
      ...as(SLM),
      input: { id, role: 'slm', content_hash: picked.content_hash },
    });
    expect(approved).toMatchObject({ state: 'under_review', slm_approver_user_id: world.people.get('slm') });
    const edited = await edit.run({ ...as(REVOPS), input: { id, hypothesis: 'Another thesis.' } });
    expect(edited.slm_approver_user_id).toBeNull();
    const stale = await refused(() =>
      approve.run({ ...as(REVOPS), input: { id, role: 'revops', content_hash: picked.content_hash } }),
    );
    expect(stale).toMatchObject({ code: 'play_changed', extra: { content_hash: edited.content_hash } });
  });

  it('takes two people, each in a role that they have', async () => {
    const { play_id: id } = await propose();
    await pickUp.run({ ...as(SLM), input: { id } });
    expect((await refused(() => approve.run({ ...as(SLM), input: { id, role: 'revops' } }))).code).toBe(
      'role_required',
    );
    const both = person('both_roles', ['revops', 'slm']);
    await approve.run({ ...as(both), input: { id, role: 'revops' } });
    expect((await refused(() => approve.run({ ...as(both), input: { id, role: 'slm' } }))).code).toBe(
      'two_people_needed',
    );
    const withdrawn = await withdraw.run({ ...as(both), input: { id } });
    expect(withdrawn.revops_approver_user_id).toBeNull();
    expect((await refused(() => withdraw.run({ ...as(both), input: { id } }))).code).toBe('not_approved');
  });

  it('says what a play lacks to run', async () => {
    const { play_id: id } = await proposePlay.run({
      ...as(BRAIN),
      input: proposePlay.input.parse({
        scope: 'segment',
        segment: await world.addSegment(),
        proposal: ANALYSIS,
        ...PLAY,
        active_period_start: '2020-01-01',
        active_period_end: '2020-01-31',
      }),
    });
    await pickUp.run({ ...as(SLM), input: { id } });
    await approve.run({ ...as(SLM), input: { id, role: 'slm' } });
    const said = await refused(() => approve.run({ ...as(REVOPS), input: { id, role: 'revops' } }));
    expect(said.code).toBe('play_incomplete');
    expect(said.errors?.map(({ path }) => path)).toEqual(['client_id', 'active_period_end']);
    const after = await getPlay.run({ ...as(REVOPS), input: { id } });
    expect(after).toMatchObject({ state: 'under_review', revops_approver_user_id: null });
  });
});
