/** What a flag says, in a sentence, from its kind and the facts that were stored with it. */

import type { FlagKind } from '../../schema.gen.ts';
import { addressName } from '../channels.ts';
import { isRecord } from '../json.ts';

const WAITS_ON: Readonly<Record<string, string>> = {
  due: 'its next step is due and was not begun',
  pending: 'a draft is to be written',
  drafted: 'a draft waits for a person',
  approved: 'an approved message has not left',
  held: 'a touch is held, and no time is known for it',
  unknown: 'a person has to say whether a message went',
};

/**
 * One plain sentence. What is missing from `detail` (a flag of an older version) is left out of it; it never throws.
 */
export function flagSentence(kind: FlagKind, detail: unknown): string {
  const said = (name: string) => flagFact(detail, name);
  switch (kind) {
    case 'cap_warning': {
      const max = said('max_touches_per_window');
      const window = said('window_hours') === null ? '' : ` in ${said('window_hours')} hours`;
      return max === null ? 'One touch is left in the window.' : `One touch is left of ${max}${window}.`;
    }
    case 'concurrency':
      return `Sales and marketing ran at once${said('winner') === null ? '' : `; ${said('winner')} goes on`}.`;
    case 'stall': {
      const since = said('last_activity_at');
      const why = WAITS_ON[said('waits_on') ?? ''];
      return `Nothing happened${since === null ? '' : ` since ${since.slice(0, 10)}`}${why === undefined ? '' : `: ${why}`}.`;
    }
    case 'backlog':
      return `${said('paused_leads') ?? 'Many'} leads of one person are paused.`;
    case 'routing_error':
      return 'Sales asked for a T3 lead.';
    case 'active_play_drift':
      return `${said('active_plays') ?? 'Too many'} plays are active; more than ${said('active_play_drift') ?? 'planned'} call for a review.`;
    case 'send_unknown':
      if (said('late_reply') === 'accepted') {
        return 'A person said that a message did not go; its mail server said later that it had taken it.';
      }
      return 'Nobody knows whether a message went; say so with `touchline resolve`.';
    case 'task_unclaimed': {
      const since = said('free_since') === null ? '' : ` since ${said('free_since')!.slice(0, 16)}Z`;
      if (said('task_type') === 'meeting_booked')
        return `A booked meeting waits for someone to route it${since}.`;
      return `Nobody takes tasks of ${said('role') ?? 'a role'}${since}.`;
    }
    case 'task_dead_end':
      return `A task failed for good${said('error') === null ? '' : `: ${said('error')!.replace(/[.\s]+$/, '')}`}.`;
    case 'reply_waiting':
      return said('matched_by') === 'sender_only'
        ? 'A message came from the lead’s address that answers none of ours; its sequences are paused.'
        : `The lead answered${said('intent') === null ? '' : ` (perhaps ${said('intent')!.replaceAll('_', ' ')})`}; its sequences are paused.`;
    case 'model_budget_spent': {
      const max = said('model_tokens_per_day');
      return `The language model's tokens${max === null ? '' : ` of ${max}`} are spent for the day; templates write the rest.`;
    }
    case 'message_invalid': {
      const place = said('campaign') === null ? 'a campaign' : `the campaign ${said('campaign')}`;
      const why = said('response') === null ? '' : `: ${said('response')!.replace(/[.\s]+$/, '')}`;
      return `Step ${said('step_number') ?? '?'} of ${place} could not be built and its sequence is paused${why}.`;
    }
    case 'lead_unreachable': {
      const step = `Step ${said('step_number') ?? '?'}${said('campaign') === null ? '' : ` of ${said('campaign')}`}`;
      const missing = addressName(said('missing'));
      return `${step} cannot reach the lead, who has no ${missing}. The sequence waits.`;
    }
    case 'mailbox_health':
      return `${said('address') === null ? 'A mailbox' : `The mailbox ${said('address')}`} is in trouble${said('reason') === null ? '' : `: ${said('reason')}`}.`;
  }
}

/** A fact that was stored with the flag, as text. */
export function flagFact(detail: unknown, name: string): string | null {
  const value = isRecord(detail) ? detail[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
