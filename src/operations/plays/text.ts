/** Plays in a terminal, the most useful first; --json has everything. */
import type { z } from 'zod';
import { touchCount } from '../../core/gate/words.ts';
import { editLines } from '../../core/plays/words.ts';
import type { playDetail } from './output.ts';

type Play = z.output<typeof playDetail>;

export function playDetailText(play: Play): string {
  const outcomes = play.retrospective_outcomes;
  return [
    `${play.name} (${play.state.replaceAll('_', ' ')}, ${play.play_id})`,
    play.hypothesis,
    '',
    ...labeled({
      for: play.segment === null ? `the account ${play.account_name}` : `the segment ${play.segment}`,
      audience: JSON.stringify(play.target_definition),
      brand: play.client_id ?? '-',
      period: `${play.active_period_start ?? 'activation'} to ${play.active_period_end ?? 'retirement'}`,
      'success criteria': criteriaText(play),
      proposed: `${play.created_at} by ${play.writer_agent_id}: ${play.proposal.summary}`,
      'review started': happened(play.picked_up_at, play.picked_up_by_name),
      'approved as slm': happened(play.slm_approved_at, play.slm_approver_name),
      'approved as revops': happened(play.revops_approved_at, play.revops_approver_name),
      activated: play.activated_at,
      campaign: play.campaign_slug,
      retired: retirement(play),
      'copied from': play.copied_from_play_id,
      hash: play.content_hash,
    }),
    ...cadenceLines(play.suggested_cadence),
    ...section('Edits during review:', editLines(play.edits)),
    ...missingSection(play),
    ...section('Results so far:', play.activated_at === null ? [] : resultLines(play.results)),
    ...section('Recorded results:', outcomes === null ? [] : [`  ${JSON.stringify(outcomes)}`]),
    '',
    'Analysis and all other fields: --json',
  ].join('\n');
}

const PERCENT = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1 });

function criteriaText({ success_criteria, results: { enrolled, meetings } }: Play): string {
  const { meeting_rate, opp_create_rate, acv } = success_criteria;
  const so_far = enrolled === 0 ? 'none enrolled yet' : `${PERCENT.format(meetings / enrolled)} so far`;
  return [
    ...(meeting_rate === undefined ? [] : [`meeting rate ${PERCENT.format(meeting_rate)} (${so_far})`]),
    ...(opp_create_rate === undefined ? [] : [`opportunity rate ${PERCENT.format(opp_create_rate)}`]),
    ...(acv === undefined ? [] : [`contract value ${acv.toLocaleString('en-US')}`]),
  ].join(', ');
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
  const reasons = results.not_admitted_reasons.map(({ says, leads }) => `    ${leads}: ${says}`);
  return [
    `  ${enrolled} enrolled, ${under_way} of them active; ${meetings} meetings, ${converted} converted, ${rejected} rejected, ${timed_out} timed out`,
    `  ${touchCount(touches)} sent; ${results.waiting} leads held or queued, ${results.not_admitted} not enrolled`,
    ...reasons,
  ];
}

function retirement({ retired_at, retired_by_name, retire_reason }: Play): string | null {
  const retired = happened(retired_at, retired_by_name ?? 'Touchline');
  return retired && `${retired}: ${retire_reason?.replaceAll('_', ' ')}`;
}

function happened(at: string | null, name: string | null): string | null {
  return at && `${at} by ${name ?? 'unknown'}`;
}

export function missingSection({ lacking }: Pick<Play, 'lacking'>): string[] {
  return section(
    'Missing before it can run:',
    lacking.map(({ path, message }) => `  ${path}: ${message}`),
  );
}

export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function labeled(values: Readonly<Record<string, string | null>>): string[] {
  const known = Object.entries(values).filter(([, value]) => value);
  const width = Math.max(...known.map(([label]) => label.length)) + 1;
  return known.map(([label, value]) => `${`${label}:`.padEnd(width)} ${value}`);
}
