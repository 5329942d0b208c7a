/** The next step for a warning: one sentence with the command and its ids. */

import type { FlagKind } from '../../schema.gen.ts';
import { isHandOff } from '../hand_offs.ts';
import { flagFact } from './flag_words.ts';

export type FlagToAnswer = {
  id: string;
  kind: FlagKind;
  subject: string;
  detail: unknown;
  /** The lead's address, or its id. */
  lead: string | null;
};

const STALLED: Readonly<Record<string, string>> = {
  drafted: 'Approve, edit, or reject its draft: touchline drafts --status drafted.',
  approved: 'touchline queue --status approved shows the cause.',
  unknown: 'touchline queue --status unknown shows where to look for the message.',
};

/** Never throws. Facts missing from the flag are left out. */
export function flagNextStep(flag: FlagToAnswer): string {
  const said = (name: string) => flagFact(flag.detail, name);
  const lead = flag.lead ?? 'LEAD';
  switch (flag.kind) {
    case 'cap_warning':
      return `No action needed: touches over the cap are held. touchline explain ${lead} shows what is next.`;
    case 'concurrency':
      return `touchline explain ${lead} shows which sequence is waiting. If that is wrong, end the other with touchline exit.`;
    case 'stall':
      return STALLED[said('waits_on') ?? ''] ?? `touchline explain ${lead} shows the cause.`;
    case 'backlog':
      return 'Review them: touchline enrollments --status paused.';
    case 'routing_error':
      return `Leave the lead to marketing or correct its tier: touchline patch lead ${lead} --icp-tier T2.`;
    case 'active_play_drift':
      return 'Review the active plays and end those that are finished.';
    case 'send_unknown':
      return said('late_reply') === 'accepted'
        ? `Do not resend it: touchline cancel ${flag.subject} --reason TEXT; then touchline flags resolve ${flag.id} --reason TEXT.`
        : `touchline queue --status unknown shows where to look. Then run: touchline resolve ${flag.subject} --went (or --no-went).`;
    case 'task_unclaimed':
      return isHandOff(said('task_type'))
        ? `Route the lead: touchline route ${flag.subject} CAMPAIGN, or --decline --reason TEXT.`
        : `Start its agent, or use the built-in one: touchline agents set ${said('role') ?? 'ROLE'} built_in.`;
    case 'task_dead_end':
      return `Fix the cause, then run: touchline tasks retry ${flag.subject}.`;
    case 'reply_waiting':
      return `Read it with touchline inbound show ${flag.subject}, then classify it: touchline reply ${flag.subject} INTENT.`;
    case 'model_budget_spent':
      return 'The model is used again tomorrow. To raise the limit, set drafting.model_tokens_per_day in the policy: touchline put policy --help.';
    case 'message_invalid':
      return `Edit its text (touchline edit draft --help) and approve it, then run: touchline resume ${said('enrollment_id') ?? 'ENROLLMENT'}. If the template is the cause, correct it too: touchline campaign ${said('campaign') ?? 'SLUG'}.`;
    case 'lead_unreachable': {
      const field = `--${(said('missing') ?? 'email').replaceAll('_', '-')} VALUE`;
      return `Add it: touchline patch lead ${lead} ${field}. Or continue without the step: touchline resume ${flag.subject} --skip-step.`;
    }
    case 'crm_write_refused':
      if (said('code') === 'asks_admin')
        return `Delete it there: touchline crm retry ${flag.subject}. Or keep it: touchline crm skip ${flag.subject} --reason TEXT.`;
      return `Correct the cause, then run: touchline crm retry ${flag.subject}. Or leave it out: touchline crm skip ${flag.subject} --reason TEXT.`;
    case 'crm_unreachable':
      return said('cause') === 'key'
        ? 'Waiting writes follow once an admin connects it again: touchline crm connect CRM.'
        : 'It is retried automatically. touchline doctor shows whether the CRM answers.';
    case 'crm_record_deleted':
      return `Keep the lead: touchline crm deletion ${lead} --action keep. Or opt the lead out: touchline crm deletion ${lead} --action opt_out.`;
    case 'crm_sync_stopped':
      return 'Check what the key may read in the CRM. If the deletions are right, run: touchline crm sync --allows-deletions.';
    case 'send_unassigned':
      return `Assign it: touchline personal assign ${flag.subject} --user-id USER. Or set the lead's owner for later steps: touchline patch lead ${lead} --owner-user-id USER.`;
    case 'mailbox_health':
      if (said('failure') !== null || said('failed_in_a_row') !== null)
        return `Correct what the reason names (touchline mailbox ${flag.subject}), then run: touchline mailbox resume ${flag.subject}.`;
      if (said('cause') === 'unreadable')
        return 'Check why its server cannot be read (user, password, IMAP). It is retried each hour.';
      return said('cause') === 'unreachable'
        ? `It is retried automatically. touchline mailbox test ${flag.subject} shows whether its server is back.`
        : `Ask the mail provider why it rejected the sender, then run: touchline mailbox resume ${flag.subject}.`;
  }
}
