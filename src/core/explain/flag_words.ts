/** A warning in one sentence, from its kind and the facts stored with it. */

import type { FlagKind } from '../../schema.gen.ts';
import { addressName } from '../channels.ts';
import { isRecord } from '../json.ts';

const WAITS_ON: Readonly<Record<string, string>> = {
  due: 'its next step is due but did not start',
  pending: 'its draft is not written yet',
  drafted: 'its draft is pending',
  approved: 'an approved message was not sent',
  held: 'a touch is held without an end time',
  unknown: 'a person must confirm a delivery',
};

/** Never throws. Facts missing from `detail` (a flag of an older version) are left out. */
export function flagSentence(kind: FlagKind, detail: unknown): string {
  const said = (name: string) => flagFact(detail, name);
  switch (kind) {
    case 'cap_warning': {
      const max = said('max_touches_per_window');
      const window = said('window_hours') === null ? '' : ` in ${said('window_hours')} hours`;
      return max === null ? 'One touch is left in the window.' : `One touch is left of ${max}${window}.`;
    }
    case 'concurrency':
      return `Sales and marketing conflicted${said('winner') === null ? '' : `; ${said('winner')} continues`}.`;
    case 'stall': {
      const since = said('last_activity_at');
      const why = WAITS_ON[said('waits_on') ?? ''];
      return `No activity${since === null ? '' : ` since ${since.slice(0, 10)}`}${why === undefined ? '' : `: ${why}`}.`;
    }
    case 'backlog':
      return `${said('paused_leads') ?? 'Many'} leads of one user are paused.`;
    case 'routing_error':
      return 'Sales requested a T3 lead, which belongs to marketing.';
    case 'active_play_drift':
      return `${said('active_plays') ?? 'Too many'} plays are active; more than ${said('active_play_drift') ?? 'planned'} call for a review.`;
    case 'send_unknown':
      if (said('late_reply') === 'accepted') {
        return 'A person confirmed that a message was not sent; its mail server later reported that it had accepted it.';
      }
      return 'Delivery is unknown. Confirm it with `touchline resolve`.';
    case 'task_unclaimed': {
      const since = said('free_since') === null ? '' : ` since ${said('free_since')!.slice(0, 16)}Z`;
      if (said('task_type') === 'meeting_booked') return `A booked meeting has not been routed${since}.`;
      if (said('task_type') === 'entry_requested')
        return `No executive has decided whether a lead may enter a campaign${since}.`;
      return `No agent is claiming tasks for ${said('role') ?? 'a role'}${since}.`;
    }
    case 'task_dead_end':
      return `A task failed${said('error') === null ? '' : `: ${said('error')!.replace(/[.\s]+$/, '')}`}.`;
    case 'reply_waiting':
      if (said('kind') === 'bounce')
        return 'A mail server reported a failure, and no rule knows whether the address exists.';
      if (said('kind') === 'other') return 'A message names one of ours, and no rule understands it.';
      if (said('reason') === 'left_company')
        return 'The lead left the company and named someone else; the lead’s enrollments ended.';
      if (said('kind') === 'auto_reply')
        return 'An automatic reply says something that no rule knows; the lead’s enrollments are paused.';
      if (said('kind') === 'out_of_office')
        return 'An out-of-office reply says more than an absence; the next step is postponed.';
      return said('matched_by') === 'sender_only'
        ? 'A message from the lead’s address replies to none of ours; the lead’s enrollments are paused.'
        : `The lead replied${said('intent') === null ? '' : ` (${said('certain') === 'true' ? '' : 'perhaps '}${said('intent')!.replaceAll('_', ' ')})`}; the lead’s enrollments are paused.`;
    case 'model_budget_spent': {
      const max = said('model_tokens_per_day');
      return `The language model's tokens${max === null ? '' : ` of ${max}`} are spent for today; templates write the remaining drafts.`;
    }
    case 'message_invalid': {
      const place = said('campaign') === null ? 'a campaign' : `the campaign ${said('campaign')}`;
      const why = said('response') === null ? '' : `: ${said('response')!.replace(/[.\s]+$/, '')}`;
      return `Step ${said('step_number') ?? '?'} of ${place} could not be built, so its enrollment is paused${why}.`;
    }
    case 'lead_unreachable': {
      const step = `Step ${said('step_number') ?? '?'}${said('campaign') === null ? '' : ` of ${said('campaign')}`}`;
      const missing = addressName(said('missing'));
      return `${step} cannot reach the lead, who has no ${missing}. The enrollment is paused.`;
    }
    case 'crm_write_refused':
    case 'crm_unreachable':
    case 'crm_record_deleted':
    case 'crm_sync_stopped':
      return crmSentence(kind, said);
    case 'send_unassigned':
      return `Step ${said('step_number') ?? '?'} of ${said('campaign') ?? 'a campaign'} is a manual send, and the lead has no owner who sends it.`;
    case 'mailbox_health':
      return `${said('address') === null ? 'A mailbox' : `The mailbox ${said('address')}`} has a problem${said('reason') === null ? '' : `: ${said('reason')}`}.`;
  }
}

type CrmFlag = 'crm_write_refused' | 'crm_unreachable' | 'crm_record_deleted' | 'crm_sync_stopped';

function crmSentence(kind: CrmFlag, said: (name: string) => string | null): string {
  switch (kind) {
    case 'crm_write_refused':
      if (said('code') === 'asks_admin')
        return 'A lead’s data was deleted here; the CRM still has its record, and an admin decides.';
      return said('code') === 'record_missing'
        ? 'The CRM no longer has the lead’s record; nothing further is written for the lead.'
        : `The CRM refused ${said('kind') === 'company' ? 'a company' : 'a write about the lead'}${said('code') === null ? '' : ` (${said('code')}${said('path') === null ? '' : `, ${said('path')}`})`}; later ones wait.`;
    case 'crm_unreachable':
      return said('cause') === 'key'
        ? 'The CRM does not accept the key; nothing is written to it.'
        : 'The CRM cannot be reached; writes to it wait.';
    case 'crm_record_deleted':
      return 'The lead’s record was deleted in the CRM. Everything for the lead is paused until you decide.';
    case 'crm_sync_stopped':
      return `The CRM no longer lists ${said('count') ?? 'many'} of ${said('known') ?? 'all'} known records; nothing was done about them.`;
  }
}

/** A fact stored with the flag, as text. */
export function flagFact(detail: unknown, name: string): string | null {
  const value = isRecord(detail) ? detail[name] : undefined;
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : null;
}
