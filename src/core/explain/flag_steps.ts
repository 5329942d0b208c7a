/** What a person does next about a flag: one sentence with the command and its ids. */

import type { FlagKind } from '../../schema.gen.ts';
import { flagFact } from './flag_words.ts';

export type FlagToAnswer = {
  id: string;
  kind: FlagKind;
  subject: string;
  detail: unknown;
  /** The lead's address, else its id. */
  lead: string | null;
};

const STALLED: Readonly<Record<string, string>> = {
  drafted: 'Approve, edit or reject its draft: touchline drafts --status drafted.',
  approved: 'touchline queue --status approved says what keeps it.',
  unknown: 'touchline queue --status unknown says where to look for the message.',
};

/** Never throws; what is missing from the flag is left out of the sentence. */
export function flagNextStep(flag: FlagToAnswer): string {
  const said = (name: string) => flagFact(flag.detail, name);
  const lead = flag.lead ?? 'LEAD';
  switch (flag.kind) {
    case 'cap_warning':
      return `Nothing has to be done: what does not fit is held. touchline explain ${lead} says what comes next.`;
    case 'concurrency':
      return `touchline explain ${lead} says which sequence waits; end the other with touchline exit, if that is wrong.`;
    case 'stall':
      return STALLED[said('waits_on') ?? ''] ?? `touchline explain ${lead} says what it waits for.`;
    case 'backlog':
      return 'Go through them: touchline enrollments --status paused.';
    case 'routing_error':
      return `Leave the lead to marketing, or correct its tier: touchline patch lead ${lead} --icp-tier T2.`;
    case 'active_play_drift':
      return 'Go through the active plays and end those that have done their work.';
    case 'send_unknown':
      return said('late_reply') === 'accepted'
        ? `Do not write it anew: touchline cancel ${flag.subject} --reason TEXT; then touchline flags resolve ${flag.id} --reason TEXT.`
        : `touchline queue --status unknown says where to look; then: touchline resolve ${flag.subject} --went (or --no-went).`;
    case 'task_unclaimed':
      return said('task_type') === 'meeting_booked'
        ? `Say where the lead goes: touchline route ${flag.subject} CAMPAIGN, or --decline --reason TEXT.`
        : `See that its agent runs, or let the product do it: touchline agents set ${said('role') ?? 'ROLE'} built_in.`;
    case 'task_dead_end':
      return `Clear up what kept it, then: touchline tasks retry ${flag.subject}.`;
    case 'reply_waiting':
      return `Read it with touchline inbound show ${flag.subject}; then say what it means: touchline reply ${flag.subject} INTENT.`;
    case 'model_budget_spent':
      return 'It goes on by itself tomorrow; for more, set drafting.model_tokens_per_day in the policy: touchline put policy --help.';
    case 'message_invalid':
      return `Edit its text (touchline edit draft --help) and approve it, then: touchline resume ${said('enrollment_id') ?? 'ENROLLMENT'}. If the template is the cause, mend it too: touchline campaign ${said('campaign') ?? 'SLUG'}.`;
    case 'lead_unreachable': {
      const field = `--${(said('missing') ?? 'email').replaceAll('_', '-')} VALUE`;
      return `Add it: touchline patch lead ${lead} ${field}. Or continue without the step: touchline resume ${flag.subject} --skip-step.`;
    }
    case 'mailbox_health':
      if (said('failure') !== null || said('failed_in_a_row') !== null)
        return `Correct what the reason names (touchline mailbox ${flag.subject}); then: touchline mailbox resume ${flag.subject}.`;
      if (said('cause') === 'unreadable')
        return 'Clear up with its server why it cannot be read (user, password, IMAP); it is tried again each hour.';
      return said('cause') === 'unreachable'
        ? `It is tried by itself; touchline mailbox test ${flag.subject} tells whether its server is back.`
        : `Clear up with its server why it refused the sender; then: touchline mailbox resume ${flag.subject}.`;
  }
}
