/** The outcome of a person's request to enroll a lead in a restricted campaign, in a sentence. */
import { reasonWords } from '../../core/explain/gates.ts';
import { sayTime } from '../../core/explain/words.ts';
import { WAKES } from '../../core/gate/wakes.ts';
import type { RoutedTasksResult } from '../../db/queries/hand_offs.gen.ts';
import { answerOfRouting } from '../tasks/hand_off_output.ts';

type Decided = {
  campaign_name?: string | null;
  reason?: string | null;
  time_zone?: string | null;
  /** The tasks that the routing made, one per campaign. */
  routed: readonly RoutedTasksResult[];
};

export function decisionSentence(
  kind: string,
  { campaign_name = null, reason = null, time_zone = null, routed }: Decided,
): string {
  const request = `Your request to enroll the lead${campaign_name === null ? '' : ` in “${campaign_name}”`}`;
  if (kind === 'entry_declined')
    return `${request} was declined${reason === null ? '' : `: “${reason.replace(/[.\s]+$/, '')}”`}.`;
  const parts = routed.map((task) => routedWords(task, time_zone ?? 'UTC'));
  if (parts.length === 0) return `${request} was accepted.`;
  const is_enrolled = routed.every((task) => ENROLLED.includes(answerOfRouting(task).outcome ?? ''));
  const is_pending = routed.every((task) => isPending(task));
  return `${request} was ${is_enrolled || is_pending ? 'accepted' : 'routed'}: ${parts.join('; ')}.`;
}

const ENROLLED = ['allow', 'already_enrolled'];

function isPending({ status }: RoutedTasksResult): boolean {
  return status === 'open' || status === 'claimed';
}

/** The routing to one campaign, and what the gates decided about it. */
function routedWords(task: RoutedTasksResult, time_zone: string): string {
  const name = `“${task.campaign_name ?? task.campaign_slug}”`;
  if (isPending(task)) return `the lead was routed to ${name}`;
  if (task.status === 'failed') return `${name} failed${task.error === null ? '' : ` (${task.error})`}`;
  const { outcome, reason } = answerOfRouting(task);
  const why = reason === null ? '' : ` (${reasonWords(reason)})`;
  switch (outcome) {
    case 'allow':
      return `the lead was enrolled in ${name}`;
    case 'already_enrolled':
      return `the lead was already enrolled in ${name}`;
    case 'already_waiting':
      return `${name} already has a pending request for the lead`;
    case 'hold':
    case 'queue':
      return `${name} is ${outcome === 'hold' ? 'held' : 'queued'}${untilWords(task, time_zone)}${why}`;
    case 'unreachable':
      return `no step of ${name} reaches the lead`;
    default:
      return `a gate ${outcome === 'refuse' ? 'refused' : 'blocked'} ${name}${why}`;
  }
}

function untilWords({ held_until, wake }: RoutedTasksResult, time_zone: string): string {
  if (held_until !== null) return ` until ${sayTime(held_until.getTime(), time_zone)}`;
  const until = WAKES[wake ?? 'never']?.until;
  return until === undefined ? '' : ` until ${until}`;
}
