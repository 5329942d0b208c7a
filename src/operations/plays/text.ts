/** Plays in a terminal: what people want to know first; --json has everything. */
import type { z } from 'zod';
import { touchCount } from '../../core/gate/words.ts';
import { editLines } from '../../core/plays/words.ts';
import type { playDetail } from './output.ts';

type Play = z.output<typeof playDetail>;
type Criteria = Play['success_criteria'];
type Results = { meeting_rate: number | null };

/** `8.3%`. */
function percent(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? '-' : `${(rate * 100).toFixed(1)} %`;
}

function targetText(
  { meeting_rate, opp_create_rate, acv }: Criteria,
  { meeting_rate: had }: Results,
): string {
  const parts = [
    meeting_rate === undefined ? '' : `meetings ${percent(had)} of ${percent(meeting_rate)}`,
    opp_create_rate === undefined ? '' : `opportunities ${percent(opp_create_rate)}`,
    acv === undefined ? '' : `contract value ${acv.toLocaleString('en')}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

export function playDetailText(play: Play): string {
  const { enrolled, meetings } = play.results;
  const had = { meeting_rate: enrolled === 0 ? null : meetings / enrolled };
  return [
    `${play.name} (${play.state.replaceAll('_', ' ')}, ${play.play_id})`,
    play.hypothesis,
    '',
    ...rows([
      ['for', play.segment === null ? `the account ${play.account_name}` : `the segment ${play.segment}`],
      ['target', JSON.stringify(play.target_definition)],
      ['brand', play.client_id ?? '-'],
      [
        'period',
        `${play.active_period_start ?? 'from its activation'} to ${play.active_period_end ?? 'its retirement'}`,
      ],
      ['to bring', targetText(play.success_criteria, had)],
      ['proposed', `${play.created_at} by ${play.writer_agent_id}: ${play.proposal.summary}`],
      ['picked up', happened(play.picked_up_at, play.picked_up_by_name)],
      ['approved as slm', happened(play.slm_approved_at, play.slm_approver_name)],
      ['approved as revops', happened(play.revops_approved_at, play.revops_approver_name)],
      ['active', play.activated_at ?? ''],
      ['campaign', play.campaign_slug ?? ''],
      ['retired', retirement(play)],
      ['copied from', play.copied_from_play_id ?? ''],
      ['hash', play.content_hash],
    ]),
    ...cadenceLines(play.suggested_cadence),
    ...section('What people changed:', editLines(play.edits)),
    ...section('It still needs:', lackingLines(play.lacking)),
    ...section('So far:', play.activated_at === null ? [] : resultLines(play.results)),
    ...section(
      'Measured:',
      play.retrospective_outcomes === null ? [] : [`  ${JSON.stringify(play.retrospective_outcomes)}`],
    ),
    '',
    'Analysis and all other fields: --json',
  ].join('\n');
}

/** A preview. `asked` excludes leads with an answer, since an active play has already requested those. */
type Preview = {
  match_count: number;
  match_count_is_complete: boolean;
  asked_count: number;
  asked_all: boolean;
  answers: { outcome: string; says: string; leads: number; examples: { email: string }[] }[];
  unreachable_steps: { step_number: number; channel: string; when_unreachable: string; leads: number }[];
  touches_by_week: { week: number; touches: number }[];
  lacking: Play['lacking'];
};

export function previewText(preview: Preview): string {
  const { match_count, match_count_is_complete, asked_count, asked_all, answers } = preview;
  const known = asked_all && match_count_is_complete ? match_count - asked_count : 0;
  const already = known > 0 ? ` ${known} of them have been asked about already.` : '';
  const part = asked_all ? '' : ' (a part: touches are scaled up to all that fit)';
  return [
    `${match_count_is_complete ? '' : 'At least '}${match_count} leads fit.${already}`,
    ...section(
      asked_count === 0 ? '' : `The gate says of ${known > 0 ? 'the other ' : ''}${asked_count}${part}:`,
      answers.map(({ outcome, says, leads, examples }) => {
        const such = examples.map(({ email }) => email).join(', ');
        return `  ${leads} ${outcome}: ${says} (${examples.length < leads ? 'such as ' : ''}${such})`;
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
      'Touches, if all that are admitted now began together:',
      preview.touches_by_week.map(({ week, touches }) => `  week ${week}: ${touches}`),
    ),
    ...section('It still needs:', lackingLines(preview.lacking)),
  ].join('\n');
}

function lackingLines(lacking: Play['lacking']): string[] {
  return lacking.map(({ path, message }) => `  ${path}: ${message}`);
}

function cadenceLines({ steps, campaign_template }: Play['suggested_cadence']): string[] {
  if (steps === undefined) return ['', `Steps: those of the campaign ${campaign_template}`];
  const lines = steps.map(
    ({ delay_days, channel, content_type, template_instructions }) =>
      `  day ${delay_days}, ${channel}, ${content_type.replaceAll('_', ' ')}: ${template_instructions}`,
  );
  return section('Steps:', lines);
}

function resultLines(results: Play['results']): string[] {
  const { enrolled, under_way, meetings, converted, rejected, timed_out, touches } = results;
  return [
    `  ${enrolled} enrolled, ${under_way} of them active; ${meetings} meetings, ${converted} converted, ${rejected} rejected, ${timed_out} timed out`,
    `  ${touchCount(touches)} left; ${results.waiting} leads wait for the gate, ${results.not_admitted} were not admitted${reasonsText(results.not_admitted_reasons)}`,
  ];
}

function reasonsText(reasons: Play['results']['not_admitted_reasons']): string {
  if (reasons.length === 0) return '';
  return `: ${reasons.map(({ says, leads }) => `${leads}: ${says}`).join('; ')}`;
}

function retirement({ retired_at, retired_by_name, retire_reason }: Play): string {
  if (retired_at === null) return '';
  return `${happened(retired_at, retired_by_name ?? 'itself')}: ${retire_reason?.replaceAll('_', ' ')}`;
}

function happened(at: string | null, name: string | null): string {
  return at === null ? '' : `${at} by ${name ?? 'someone'}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function rows(pairs: readonly (readonly [string, string])[]): string[] {
  const said = pairs.filter(([, value]) => value !== '');
  const width = Math.max(...said.map(([name]) => name.length)) + 1;
  return said.map(([name, value]) => `${`${name}:`.padEnd(width)} ${value}`);
}
