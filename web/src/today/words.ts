import type { FlagKind, Warning } from '../api/schema.d.ts';

export type Flag = Warning;

/** What a warning is about, in two or three words. */
export const KIND_WORDS: Record<FlagKind, string> = {
  cap_warning: 'Cap nearly reached',
  concurrency: 'Sales met marketing',
  stall: 'Stalled',
  backlog: 'Backlog',
  routing_error: 'Routed wrongly',
  active_play_drift: 'Many active plays',
  send_unknown: 'Outcome unclear',
  mailbox_health: 'Mailbox in trouble',
  message_invalid: 'Message cannot be built',
  lead_unreachable: 'Lead out of reach',
  task_unclaimed: 'Nobody takes it',
  task_dead_end: 'Failed for good',
  reply_waiting: 'Answer waits',
  model_budget_spent: 'Model budget spent',
};

/** Where a person looks into a warning, and what the link says. */
export function placeOf(flag: Flag): { to: string; label: string } {
  const { kind, subject, lead_id, detail } = flag;
  const lead = { to: `/leads/${lead_id}`, label: 'Show the lead' };
  switch (kind) {
    case 'reply_waiting':
      return { to: `/replies?message=${subject}`, label: 'Read the answer' };
    case 'send_unknown':
      return { to: `/drafts?status=unknown&item=${subject}`, label: 'Say what happened' };
    case 'task_unclaimed':
      return isMeeting(detail)
        ? { to: `/hand-offs?task=${subject}`, label: 'Route the meeting' }
        : { to: '/hand-offs?show=open', label: 'Show the work' };
    case 'task_dead_end':
      return { to: '/hand-offs?show=failed', label: 'Show what failed' };
    case 'mailbox_health':
      return { to: '/settings/mailboxes', label: 'Show the mailboxes' };
    case 'active_play_drift':
      return { to: '/plays', label: 'Show the plays' };
    case 'model_budget_spent':
      return { to: '/settings', label: 'Show the settings' };
    case 'backlog':
      return { to: '/leads', label: 'Show the leads' };
    default:
      return lead_id === null ? { to: '/coordinator', label: 'Show the log' } : lead;
  }
}

/** Without the command that a terminal would be given. */
export function saysOf({ says }: Pick<Flag, 'says'>): string {
  return says.replace(/[;:] [^.;:]*`touchline[^`]*`[^.]*/, '');
}

function isMeeting(detail: unknown): boolean {
  return (
    typeof detail === 'object' &&
    detail !== null &&
    'task_type' in detail &&
    detail.task_type === 'meeting_booked'
  );
}
