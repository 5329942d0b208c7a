import { z } from 'zod';
import { previewPlay } from '../../coordinator/plays/preview.ts';
import { playCampaign } from '../../db/queries/plays.gen.ts';
import { SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { gateOutcome, id, noun, unreachableSteps } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { playDetail, readPlay } from './output.ts';
import { previewText } from './text.ts';

const preview = operation({
  name: 'preview_play',
  summary: 'Preview a play: its audience now, the gate’s answer for each lead, and the touches that follow.',
  http: { method: 'GET', path: '/plays/{id}/preview' },
  cli: { command: 'plays preview', args: ['id'] },
  input: z.object({ id }),
  output: noun('PlayPreview', {
    match_count: z.int().describe('leads that fit now'),
    match_count_is_complete: z.boolean().describe('false: there are more leads than were looked at'),
    asked_count: z
      .int()
      .describe('of those without an answer yet, the ones that the gate was asked about for this'),
    asked_all: z
      .boolean()
      .describe('false: the figures below are of a part, and touches are scaled up to all that fit'),
    answers: z.array(
      noun('PreviewedAnswer', {
        outcome: gateOutcome,
        reason: z.enum(SUPPRESSED_REASON_VALUES).nullable(),
        because: z.string().nullable().describe('the exact case in one stable word; null: allowed'),
        says: z.string().describe('the same in words'),
        leads: z.int(),
        examples: z.array(z.object({ lead_id: id, email: z.string() })).describe('a few of these leads'),
      }),
    ),
    unreachable_steps: z
      .array(unreachableSteps.element.extend({ leads: z.int().describe('of those that may begin') }))
      .describe('steps that some of these leads lack the address for, and what happens at each'),
    touches_by_week: z
      .array(z.object({ week: z.int().describe('from enrollment on'), touches: z.int() }))
      .describe('if all that are admitted now began together'),
    lacking: playDetail.shape.lacking,
  }),
  errors: 'not_found play_cadence_invalid',
  text: previewText,
  run: (call) =>
    transact(call, async (scope) => {
      const { tx, org_id, clock } = scope;
      const play = await readPlay({ db: tx, clock }, call.principal, call.input.id);
      const campaign = await playCampaign.one({ org_id, play_id: play.play_id }, tx);
      const counted = await previewPlay(scope, { ...play, campaign_id: campaign?.id ?? null });
      return { ...counted, lacking: play.lacking };
    }),
});

export const playPreviewOperations = [preview] as const;
