/** A draft in a terminal: text, author, and changes by people. */
import type { z } from 'zod';
import type { draftDetail, draftExplanation } from './output.ts';

type Draft = z.output<typeof draftDetail>;
type Background = z.output<typeof draftExplanation>;
type Parts = NonNullable<Draft['diff']>['body'];

export function draftDetailText(draft: Draft): string {
  const name = [draft.first_name, draft.last_name].filter(Boolean).join(' ');
  return [
    `To ${draft.to_id}${name === '' ? '' : ` (${name}${draft.company === null ? '' : `, ${draft.company}`})`}`,
    ...(draft.subject === null ? [] : [`Subject: ${draft.subject}`]),
    '',
    draft.body,
    '',
    `campaign      ${draft.campaign_slug}, step ${draft.step_number} (${draft.channel})`,
    `status        ${draft.status}, due ${draft.scheduled_at}`,
    `written       ${writerOf(draft)}`,
    ...(draft.approved_at === null ? [] : [`approved      ${draft.approved_at}`]),
    ...(draft.error === null ? [] : [`error         ${draft.error}`]),
    ...attemptLines(draft.last_attempt),
    `id            ${draft.id}`,
    `content_hash  ${draft.content_hash}`,
    ...(draft.is_current
      ? []
      : [`An edit replaced this version: touchline draft ${draft.current_draft_id} is the current one.`]),
    ...diffLines(draft.diff),
    '',
    'All its versions: --json',
  ].join('\n');
}

/** Names the failed message, so users can find it. */
function attemptLines(attempt: Draft['last_attempt']): string[] {
  if (attempt === null) return [];
  const { message_id, in_reply_to, stage, started_at, response } = attempt;
  return [
    `last try      ${stage}, ${started_at}${response === null ? '' : `: ${response}`}`,
    `message       ${message_id}${in_reply_to === null ? '' : `, in reply to ${in_reply_to}`}`,
  ];
}

export function draftBackgroundText({ arrives, decision, thread, goal, notes, ...step }: Background): string {
  const { from_name, from_address, footer } = arrives;
  return [
    ...(from_address === null ? [] : [`From ${from_name} <${from_address}>`]),
    `To ${arrives.to}`,
    ...(footer === null
      ? []
      : [`Below it: ${footer.sender_name}, ${footer.postal_address}, and the way out.`]),
    '',
    `Step ${step.step_number} of ${step.steps_count}${goal === null ? '' : `, goal: ${goal}`}`,
    ...(notes === null ? [] : [`Notes: ${notes}`]),
    ...(decision === null ? [] : ['', `The gate was asked at ${decision.at}:`]),
    ...(decision?.gates ?? []).map(({ label, verdict, text }) => `  ${label} ${verdict}: ${text}`),
    '',
    thread.length === 0 ? 'Nothing was written before it.' : 'Before it:',
    ...thread.map(
      ({ at, direction, subject, text }) =>
        `  ${at} ${direction === 'sent' ? 'we wrote' : 'they wrote'}: ${subject ?? firstLine(text)}`,
    ),
  ].join('\n');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function writerOf({
  version,
  written_by_user_id,
  written_by_agent_id,
  written_with,
  fallback_reason,
}: Draft): string {
  const who = written_by_user_id === null ? `by ${written_by_agent_id}` : 'by a person';
  const how = {
    model: ' with the language model',
    template: ' from the template',
    fallback: ` from the template, since the language model did not (${fallback_reason})`,
  };
  return `${who}${written_with === null ? '' : how[written_with]}, version ${version}`;
}

function diffLines(diff: Draft['diff']): string[] {
  if (diff === null) return [];
  const { from_version, to_version, subject, body } = diff;
  const is_same = [...subject, ...body].every(({ kind }) => kind === 'same');
  if (is_same) return ['', `Version ${to_version} has the words of the agent's version ${from_version}.`];
  return [
    '',
    `Changed from the agent's version ${from_version} ([-taken out-], {+put in+}):`,
    ...(subject.every(({ kind }) => kind === 'same') ? [] : [`Subject: ${marked(subject)}`]),
    marked(body),
  ];
}

function marked(parts: Parts): string {
  const mark = { same: ['', ''], added: ['{+', '+}'], removed: ['[-', '-]'] } as const;
  return parts.map(({ kind, text }) => `${mark[kind][0]}${text}${mark[kind][1]}`).join('');
}
