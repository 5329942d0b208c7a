import { describe, expect, it } from 'vitest';
import { clientOperations } from '../../src/operations/campaigns/clients.ts';
import { notificationOperations } from '../../src/operations/log/notifications.ts';
import { playConfigOperations } from '../../src/operations/plays/config.ts';
import { playDetail } from '../../src/operations/plays/output.ts';
import { playOperations } from '../../src/operations/plays/plays.ts';
import { playReviewOperations } from '../../src/operations/plays/review.ts';
import { playDetailText } from '../../src/operations/plays/text.ts';
import { testDatabase } from '../database.ts';
import { ANALYSIS, openLibrary, refused } from './play_calls.ts';
import { PLAY } from './play_world.ts';

/* A play from a brain's proposal to its activation, by operations alone. */
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
const [pickUp, edit, approve, withdraw, retire] = playReviewOperations;
const [listNotes] = notificationOperations;
const [, , , listSegments] = playConfigOperations;
const [listClients] = clientOperations;
const NOWHERE = '01890000-0000-7000-8000-00000000ffff';

describe('a proposal', () => {
  it('becomes a draft with its lineage, which its brain can read', async () => {
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

  it('is found by words of its name or hypothesis, in any case, never as a pattern', async () => {
    const words = { name: 'Ärger mit 100% Zöllen', hypothesis: 'Tariffs_matter now.', proposal: ANALYSIS };
    const proposal = { ...PLAY, ...words, scope: 'segment', segment: await world.addSegment() };
    const { play_id } = await proposePlay.run({ ...as(BRAIN), input: proposePlay.input.parse(proposal) });
    const found = async (q: string) => {
      const { items } = await listPlays.run({ ...as(REVOPS), input: listPlays.input.parse({ q }) });
      return items.map((play) => play.play_id);
    };
    for (const q of ['ärger MIT', '100% z', ' tariffs_m ']) expect(await found(q)).toEqual([play_id]);
    for (const q of ['100%z', 'tariffsxmatter', 'Zöllen Tariffs']) expect(await found(q)).toEqual([]);
  });

  it('is hidden from another brain, and from a role agent until it is active', async () => {
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

  it('with an unknown reference names the place and the valid values', async () => {
    const segment = await world.addSegment();
    const input = { scope: 'segment', segment: 'nowhere', proposal: ANALYSIS, ...PLAY, client_id: 'nobody' };
    const unknown = await refused(() =>
      proposePlay.run({ ...as(BRAIN), input: proposePlay.input.parse(input) }),
    );
    expect(unknown).toMatchObject({ code: 'unknown_reference', extra: undefined });
    expect(unknown.errors?.map(({ path }) => path)).toEqual(['segment', 'client_id']);
    expect(unknown.hint).toMatch(/^Segments: .*Brands: b2bea/);
    const anchored = { ...input, segment, client_id: 'b2bea', proposal: undefined };
    for (const [columns, path] of [
      [{ originating_proposal_id: NOWHERE }, 'originating_proposal_id'],
      [
        { proposal: ANALYSIS, scope: 'account_specific', segment: undefined, account_id: NOWHERE },
        'account_id',
      ],
    ] as const) {
      const said = await refused(() =>
        proposePlay.run({ ...as(BRAIN), input: proposePlay.input.parse({ ...anchored, ...columns }) }),
      );
      expect([said.code, said.errors?.map((one) => one.path)]).toEqual(['unknown_reference', [path]]);
    }
    const { play_id: id } = await propose(segment);
    await pickUp.run({ ...as(SLM), input: { id } });
    const edited = await refused(() => edit.run({ ...as(SLM), input: { id, client_id: 'nobody' } }));
    expect(edited).toMatchObject({ code: 'unknown_reference', errors: [{ path: 'client_id' }] });
  });

  it('lists what it lacks from the start, and reports its outcome', async () => {
    await db.query(
      `INSERT INTO clients (org_id, client_id, name, created_at) VALUES ($1, 'second', 'Second', now()) ON CONFLICT DO NOTHING`,
      [world.org_id],
    );
    const segment = await world.addSegment();
    const suggested_cadence = { campaign_template: 'no_such_campaign' };
    const input = { scope: 'segment', segment, proposal: ANALYSIS, ...PLAY, suggested_cadence };
    const play = await proposePlay.run({ ...as(BRAIN), input: proposePlay.input.parse(input) });
    const { play_id: id } = play;
    const lacking = [
      { path: 'client_id', message: expect.stringMatching(/: b2bea, .*second$/) },
      { path: 'suggested_cadence.campaign_template', message: 'there is no campaign no_such_campaign' },
    ];
    expect(play.lacking).toEqual(lacking);
    await pickUp.run({ ...as(SLM), input: { id } });
    expect((await approve.run({ ...as(SLM), input: { id, role: 'slm' } })).lacking).toEqual(lacking);
    const mended = await edit.run({
      ...as(REVOPS),
      input: edit.input.parse({
        id,
        client_id: 'second',
        suggested_cadence: { campaign_template: 'b2bea_membership_close' },
      }),
    });
    expect(mended.lacking).toEqual([]);
    expect(mended.edits).toMatchObject([
      {
        user_name: 'revops',
        changes: expect.arrayContaining([{ path: 'client_id', from: null, to: '“second”' }]),
      },
    ]);
    expect(playDetailText(playDetail.parse(mended))).toContain('client_id: added “second”');
    await retire.run({ ...as(REVOPS), input: { id } });
    const told = async (who: typeof BRAIN) =>
      (await listNotes.run({ ...as(who), input: listNotes.input.parse({ unread_only: 'true' }) })).items
        .filter(({ play_id }) => play_id === id)
        .map(({ kind, says }) => [kind, says]);
    const proposed = [
      'play_proposed',
      expect.stringContaining('AGT-901 proposed the play “Month-end relief”'),
    ];
    expect(await told(SLM)).toEqual([proposed]);
    expect(await told(REVOPS)).toEqual([proposed]);
    expect(await told(person('rep'))).toEqual([]);
    expect(await told(BRAIN)).toEqual([
      ['play_retired', 'Your play “Month-end relief” was retired: rejected at review.'],
    ]);
  });

  it('is for a segment and a brand that agents can look up', async () => {
    const segment = await world.addSegment();
    const segments = await listSegments.run({
      ...as(BRAIN),
      input: listSegments.input.parse({ limit: 200 }),
    });
    expect(segments.items).toContainEqual({
      segment,
      name: 'A segment',
      description: null,
      active_plays: 0,
      max_active_plays: 5,
      is_override: false,
    });
    const first = await listClients.run({ ...as(BRAIN), input: listClients.input.parse({ limit: 1 }) });
    expect([first.items[0]?.client_id, first.next_cursor]).toEqual(['b2bea', expect.any(String)]);
  });

  it('can only be made by a brain', async () => {
    expect((await refused(() => propose(undefined, REVOPS))).code).toBe('brain_only');
    expect((await refused(() => propose(undefined, agent('roles.bdr', 'role')))).code).toBe('brain_only');
  });
});

describe('under review', () => {
  it('people shape a play; their changes are a patch of the original draft', async () => {
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

  it('an approval covers the text that was read, and is void once that changes', async () => {
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

  it('lists what a play lacks to run', async () => {
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
