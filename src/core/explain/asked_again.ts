/** A wait is one row: how often the gates answered its request, since when, and the latest answer. */

import { textOf } from '../json.ts';
import { readTrace, reasonWords } from './gates.ts';
import type { Asker, HistoryEvent } from './history.ts';
import { askerWords, type Speaker } from './words.ts';

type Context = { speaker: Speaker; askers: ReadonlyMap<string, Asker> };

/** Follows the words of the event that began the wait; empty after one answer, or after another answer than the latest. */
export function askedAgain(event: HistoryEvent, { askers, speaker: { day } }: Context): string {
  const request = askers.get(event.request_id ?? '');
  if (request === undefined || event.moment !== 'requested') return '';
  const { answer_count, created_at, decided_at, reason, trace } = request;
  const last = readTrace(trace).at(-1);
  if ((answer_count ?? 1) < 2 || last === undefined) return '';
  const passed = last.says === 'pass';
  if (!passed && (reason === null || last.because !== event.resolution)) return '';
  const { winner } = last.saw;
  const answer = passed
    ? 'every gate passed'
    : typeof winner === 'string'
      ? `${winner} has priority`
      : reasonWords(reason!, last.because);
  return ` Asked ${answer_count} times since ${day(created_at)}; last answer ${day(decided_at)}: ${answer}.`;
}

/** Whether a person entered the lead by routing a hand-off, which another may have requested. */
export function isRouted({ request_id }: HistoryEvent, { askers }: Context): boolean {
  return askers.get(request_id ?? '')?.entered_by === 'routing';
}

/** The requester of an enrollment, or the person who routed the lead. */
export function asker(event: HistoryEvent, { askers, speaker }: Context): string {
  const request = event.request_id === null ? undefined : askers.get(event.request_id);
  const requested_by = request?.requested_by ?? textOf(event.detail, 'requested_by');
  if (requested_by === null) return speaker.actor(event);
  return askerWords({ requested_by, requested_by_user_id: request?.requested_by_user_id ?? null }, speaker);
}
