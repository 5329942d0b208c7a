import { z } from 'zod';
import { previewPlay } from '../../coordinator/plays/preview.ts';
import { playCampaign } from '../../db/queries/plays.gen.ts';
import { SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { gateOutcome, id, noun, unreachableSteps } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { playDetail, readPlay } from './output.ts';
import { missingSection, section } from './text.ts';

const output = noun('PlayPreview', {
  match_count: z.int().describe('matching leads now'),
  match_count_is_complete: z.boolean().describe('false: only the first matching leads were counted'),
  asked_count: z.int().describe('leads without an earlier answer for which the gates were asked'),
  asked_all: z.boolean().describe('false: a sample was asked; touches are scaled up to all matching leads'),
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
    .array(unreachableSteps.element.extend({ leads: z.int().describe('leads that could be enrolled') }))
    .describe('steps that some of these leads lack the address for, and what happens at each'),
  touches_by_week: z
    .array(z.object({ week: z.int().describe('from enrollment on'), touches: z.int() }))
    .describe('if all admitted leads started now'),
  lacking: playDetail.shape.lacking,
});

export const previewPlayOperation = operation({
  name: 'preview_play',
  summary: 'Preview a play: its audience now, the gate’s answer for each lead, and the touches that follow.',
  http: { method: 'GET', path: '/plays/{id}/preview' },
  cli: { command: 'plays preview', args: ['id'] },
  input: z.object({ id }),
  output,
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

function previewText(preview: z.output<typeof output>): string {
  const { match_count, match_count_is_complete, asked_count, asked_all } = preview;
  // Leads of an active play that already have an answer are not asked again.
  const known = asked_all && match_count_is_complete ? match_count - asked_count : 0;
  const already = known > 0 ? ` ${known} of them already have an answer.` : '';
  const sample = asked_all ? '' : ' (a sample: touches are scaled up to all matching leads)';
  return [
    `${match_count_is_complete ? '' : 'At least '}${match_count} leads match.${already}`,
    ...section(
      `Answers of the gates for ${known > 0 ? 'the other ' : ''}${asked_count} leads${sample}:`,
      preview.answers.map(({ outcome, says, leads, examples }) => {
        const emails = examples.map(({ email }) => email).join(', ');
        return `  ${leads} ${outcome}: ${says} (${examples.length < leads ? 'for example ' : ''}${emails})`;
      }),
    ),
    ...section(
      'Steps that some of these leads lack the address for:',
      preview.unreachable_steps.map(
        ({ step_number, channel, when_unreachable, leads }) =>
          `  step ${step_number} (${channel}): ${leads} leads; ${when_unreachable}`,
      ),
    ),
    ...section(
      'Touches if all admitted leads started now:',
      preview.touches_by_week.map(({ week, touches }) => `  week ${week}: ${touches}`),
    ),
    ...missingSection(preview),
  ].join('\n');
}
