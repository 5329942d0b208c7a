/** Reviews of plays: pick up, edit, approve in two roles, retire, copy. */
import { z } from 'zod';
import { notifyOfRetirement } from '../../coordinator/plays/notes.ts';
import type { Tx } from '../../db/pool.ts';
import * as plays from '../../db/queries/plays.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Json, PlayState, RetireReason } from '../../schema.gen.ts';
import { id, notFound, requirePerson } from '../fields.ts';
import { type Call, operation, transactWork } from '../operation.ts';
import { refuseIfStale } from '../version.ts';
import { activated, explainFullLibrary } from './activation.ts';
import { checkCadence, checkStoredPlay, PLAY_TEMPLATE_ERRORS } from './checks.ts';
import { outcomes, playDetail, readPlay } from './output.ts';
import { contentOf, playContent } from './plays.ts';
import { explainReferences } from './references.ts';
import { playDetailText } from './text.ts';

/** Each operation answers the play afterwards. */
const ANSWER = { output: playDetail, text: playDetailText };

const pickUp = operation({
  name: 'pick_up_play',
  summary: 'Start the review of a draft. People edit it from then on; the brain’s text stays for comparison.',
  http: { method: 'POST', path: '/plays/{id}/pick_up' },
  cli: { command: 'plays pick-up', args: ['id'] },
  input: z.object({ id }),
  ...ANSWER,
  errors: 'not_found illegal_status_move role_required',
  run: (call) =>
    onPlay(call, async ({ tx, key, user_id, now, play }) => {
      if (play.state !== 'draft') throw wrongState(play.state, 'put under review', 'draft');
      await plays.pickUpPlay.run({ ...key, user_id, now }, tx);
    }),
});

const edit = operation({
  name: 'edit_play',
  summary: 'Edit a play under review. The edit is logged and voids approvals.',
  http: { method: 'PATCH', path: '/plays/{id}' },
  version: 'checked',
  cli: { command: 'plays edit', args: ['id'] },
  input: z.object({ id, ...z.object(playContent).partial().shape }),
  ...ANSWER,
  errors: `
    not_found play_locked role_required version_changed invalid_value unknown_reference
    ${PLAY_TEMPLATE_ERRORS}`,
  run: async (call) => {
    const { suggested_cadence = {} } = call.input;
    await checkCadence(call, suggested_cadence);
    return explainReferences(call.context.db, call.principal, { client_id: call.input.client_id }, () =>
      onPlay(call, async ({ tx, key, play }) => {
        refuseIfStale(call.expected, playDetail, play);
        if (play.state !== 'under_review') throw locked(play.state);
        const { id: _id, ...given } = call.input;
        const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        const before = playDetail.parse(play);
        await plays.editPlay.run({ ...key, ...contentOf({ ...before, ...stated }) }, tx);
      }),
    );
  },
});

const approve = operation({
  name: 'approve_play',
  summary: 'Approve a play in one of the two roles. Two approvals by two people activate it.',
  http: { method: 'POST', path: '/plays/{id}/approve' },
  cli: { command: 'plays approve', args: ['id', 'role'] },
  input: z.object({
    id,
    role: z.enum(['slm', 'revops']).describe('the role in which you approve'),
    content_hash: z
      .string()
      .max(64)
      .optional()
      .describe('hash of the text that you read; any other is refused'),
  }),
  ...ANSWER,
  errors: `
    not_found play_changed play_locked role_required two_people_needed play_cap_reached account_play_active
    play_incomplete play_cadence_invalid ${PLAY_TEMPLATE_ERRORS}`,
  run: async (call) => {
    const checked_hash = await checkStoredPlay(call);
    return explainFullLibrary(call.context.db, call.principal.org_id, call.input.id, () =>
      onPlay(call, async ({ tx, key, user_id, now, play }) => {
        if (play.state !== 'under_review') throw wrongState(play.state, 'approved', 'under_review');
        if (play.content_hash !== checked_hash) throw changed(play.content_hash);
        const { role, content_hash = play.content_hash } = call.input;
        if (content_hash !== play.content_hash) throw changed(play.content_hash);
        const given = { slm: play.slm_approver_user_id, revops: play.revops_approver_user_id };
        const { run } = role === 'slm' ? plays.approvePlayAsSlm : plays.approvePlayAsRevops;
        if (given[role] !== user_id) await run({ ...key, user_id, now }, tx);
        const other = role === 'slm' ? given.revops : given.slm;
        if (other === null) return;
        const activate = () => plays.activatePlay.run({ ...key, now }, tx);
        await activated(call.context, tx, call.principal, play, activate);
      }),
    );
  },
});

const withdraw = operation({
  name: 'withdraw_play_approval',
  summary: 'Withdraw your approval of a play that is not active yet.',
  http: { method: 'POST', path: '/plays/{id}/withdraw_approval' },
  cli: { command: 'plays withdraw-approval', args: ['id'] },
  input: z.object({ id }),
  ...ANSWER,
  errors: 'not_found not_approved',
  run: (call) =>
    onPlay(call, async ({ tx, key, user_id }) => {
      const rows = await plays.withdrawPlayApprovals.run({ ...key, user_id }, tx);
      if (rows.length === 0) throw new AppError('not_approved', 'You have no approval to withdraw.');
    }),
});

const ENDINGS = ['completed', 'replaced', 'poor_performance'] as const;
const REJECTIONS: Partial<Record<PlayState, RetireReason>> = {
  draft: 'rejected_at_draft',
  under_review: 'rejected_at_review',
};

const retire = operation({
  name: 'retire_play',
  summary:
    'Retire a play permanently, or reject one that never ran. Current enrollments finish; no new ones start.',
  http: { method: 'POST', path: '/plays/{id}/retire' },
  cli: { command: 'plays retire', args: ['id'] },
  input: z.object({
    id,
    reason: z
      .enum([...ENDINGS, 'rejected_at_review', 'rejected_at_draft'])
      .optional()
      .describe('required for an active play; otherwise set by the state'),
  }),
  ...ANSWER,
  errors: 'not_found illegal_status_move reason_required role_required',
  run: (call) =>
    onPlay(call, async ({ tx, key, user_id, now, play }) => {
      if (play.state === 'retired') throw wrongState(play.state, 'retired', 'draft, under_review, or active');
      const retire_reason = reasonFor(play.state, call.input.reason);
      await plays.retirePlay.run({ ...key, user_id, now, retire_reason, from_state: play.state }, tx);
      const scope = { tx, org_id: key.org_id, clock: call.context.clock };
      await notifyOfRetirement(scope, [{ ...play, retire_reason }]);
    }),
});

const copy = operation({
  name: 'copy_play',
  summary: 'Copy a retired play into a new draft. The copy keeps the lineage of its proposal.',
  http: { method: 'POST', path: '/plays/{id}/copy' },
  cli: { command: 'plays copy', args: ['id'] },
  input: z.object({ id }),
  ...ANSWER,
  errors: 'not_found illegal_status_move role_required',
  run: async (call) => {
    const play_id = newId(call.context.clock);
    await onPlay(call, async ({ tx, key, now, play }) => {
      if (play.state !== 'retired') throw wrongState(play.state, 'copied', 'retired');
      await plays.copyPlay.run({ ...key, new_play_id: play_id, now }, tx);
    });
    return readPlay(call.context, call.principal, play_id);
  },
});

const putOutcomes = operation({
  name: 'put_play_outcomes',
  summary:
    'Record the results of a play that ran, measured by its success criteria. Its brain can read them.',
  http: { method: 'PUT', path: '/plays/{id}/outcomes' },
  cli: { command: 'plays outcomes', args: ['id'] },
  input: z.object({ id, retrospective_outcomes: outcomes.strict().meta({ id: 'PlayOutcomes' }) }),
  ...ANSWER,
  errors: 'not_found play_locked role_required',
  run: (call) =>
    onPlay(call, async ({ tx, key, play }) => {
      if (play.activated_at === null)
        throw new AppError('play_locked', 'This play never ran, so it has no results to record.');
      const retrospective_outcomes = call.input.retrospective_outcomes as Json;
      await plays.setPlayOutcomes.run({ ...key, retrospective_outcomes }, tx);
    }),
});

export const playReviewOperations = [pickUp, edit, approve, withdraw, retire, copy, putOutcomes] as const;

type OnPlay = {
  tx: Tx;
  key: { org_id: string; play_id: string };
  user_id: string;
  now: Date;
  play: z.input<typeof playDetail>;
};

/** Acts on a play under its lock, in the user's name. Returns the play afterwards. */
async function onPlay(
  { context, principal, input }: Call<{ id: string }>,
  act: (at: OnPlay) => Promise<void>,
) {
  const user_id = requirePerson(principal);
  const key = { org_id: principal.org_id, play_id: input.id };
  await transactWork({ context, principal }, async ({ tx, clock, now }) => {
    if ((await plays.lockPlay.run(key, tx)).length === 0) throw notFound('play');
    const play = await readPlay({ db: tx, clock }, principal, input.id);
    await act({ tx, key, user_id, now, play });
  });
  return readPlay(context, principal, input.id);
}

function reasonFor(state: PlayState, given: RetireReason | undefined): RetireReason {
  const rejection = REJECTIONS[state];
  const fitting = rejection === undefined ? ENDINGS : [rejection];
  const reason = given ?? rejection;
  if (reason !== undefined && fitting.some((one) => one === reason)) return reason;
  throw new AppError(
    'reason_required',
    `Retiring a play that is ${state} needs a reason that fits its state.`,
    {
      errors: [{ path: 'reason', message: `expected ${fitting.join(', ')}` }],
    },
  );
}

const wrongState = (state: PlayState, done: string, from: string) =>
  new AppError('illegal_status_move', `This play is ${state}. Only a play that is ${from} can be ${done}.`, {
    ...(state === 'retired' ? { hint: 'Copy the play to launch it again.' } : {}),
  });

const locked = (state: PlayState) =>
  new AppError('play_locked', `This play is ${state}. Only a play under review can be edited.`, {
    hint:
      state === 'draft'
        ? 'Pick it up first: touchline plays pick-up.'
        : 'Retire the play, copy it, and edit the copy.',
  });

const changed = (content_hash: string) =>
  new AppError('play_changed', 'The play changed after you read it.', {
    hint: 'Read it again, and approve its current hash.',
    extra: { content_hash },
  });
