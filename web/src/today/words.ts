import type { FlagKind, ListedNotification, Warning } from '../api/schema.d.ts';
import { withoutCommands } from '../ui/commands.ts';

export type Flag = Warning;

/** Short labels of warnings. */
export const KIND_WORDS: Record<FlagKind, string> = {
  cap_warning: 'Cap nearly reached',
  concurrency: 'Sales and marketing conflict',
  stall: 'Stalled',
  backlog: 'Backlog',
  routing_error: 'Routing error',
  active_play_drift: 'Many active plays',
  send_unknown: 'Delivery unknown',
  mailbox_health: 'Mailbox problem',
  message_invalid: 'Message cannot be built',
  lead_unreachable: 'Lead unreachable',
  send_unassigned: 'Unassigned manual send',
  task_unclaimed: 'Unclaimed task',
  task_dead_end: 'Failed task',
  reply_waiting: 'Reply waiting',
  model_budget_spent: 'Model budget spent',
  crm_write_refused: 'Refused by the CRM',
  crm_unreachable: 'CRM unreachable',
  crm_record_deleted: 'Deleted in the CRM',
  crm_sync_stopped: 'Many CRM deletions',
};

/** The page that shows a warning's cause, and the label of its link. */
export function placeOf(flag: Flag): { to: string; label: string } {
  const { kind, subject, lead_id, detail } = flag;
  const lead = { to: `/leads/${lead_id}`, label: 'View lead' };
  switch (kind) {
    case 'reply_waiting':
      return { to: `/replies?message=${subject}`, label: 'Read reply' };
    case 'send_unknown':
      return { to: `/drafts?status=unknown&item=${subject}`, label: 'Confirm delivery' };
    case 'task_unclaimed':
      return isMeeting(detail)
        ? { to: `/hand-offs?task=${subject}`, label: 'Route lead' }
        : { to: '/hand-offs?show=open', label: 'View tasks' };
    case 'task_dead_end':
      return { to: '/hand-offs?show=failed', label: 'View failed tasks' };
    case 'mailbox_health':
      return { to: '/settings/mailboxes', label: 'View mailboxes' };
    case 'crm_write_refused':
      return {
        to: lead_id === null ? '/settings/crm' : `/settings/crm?lead_id=${lead_id}`,
        label: 'View write',
      };
    case 'crm_unreachable':
      return { to: '/settings/crm', label: 'View CRM' };
    case 'active_play_drift':
      return { to: '/plays', label: 'View plays' };
    case 'model_budget_spent':
      return { to: '/settings', label: 'View settings' };
    case 'send_unassigned':
      return { to: `/personal?item=${subject}`, label: 'Assign' };
    case 'backlog':
      return { to: '/leads', label: 'View leads' };
    default:
      return lead_id === null ? { to: '/coordinator', label: 'View log' } : lead;
  }
}

const DECISIONS: readonly string[] = ['entry_accepted', 'entry_declined'];

/** The page that shows exactly what a notification is about, and the label of its link; null: the lead’s page is linked anyway. */
export function pageOf({ kind, lead_id, play_id, detail, is_done }: ListedNotification) {
  const { queue_id, inbound_id, task_id } = detail as Record<string, string | undefined>;
  if (DECISIONS.includes(kind) && task_id !== undefined)
    return { to: `/hand-offs?task=${task_id}`, label: 'View decision' };
  if (is_done) return null;
  if (kind === 'manual_send' && queue_id !== undefined)
    return { to: `/personal?item=${queue_id}`, label: 'Send message' };
  if ((kind === 'reply' || kind === 'reply_waiting') && inbound_id !== undefined)
    return { to: `/replies?message=${inbound_id}`, label: 'Read reply' };
  if ((kind === 'meeting' || kind === 'entry_requested') && task_id !== undefined)
    return { to: `/hand-offs?task=${task_id}`, label: 'Route lead' };
  if (kind === 'assigned' && lead_id === null) return { to: '/leads?scope=mine', label: 'View your leads' };
  return play_id === null ? null : { to: `/plays/${play_id}`, label: 'View play' };
}

/** The text without commands for a terminal. */
export function saysOf({ says }: Pick<Flag, 'says'>): string {
  return withoutCommands(says) ?? says;
}

function isMeeting(detail: unknown): boolean {
  return (
    typeof detail === 'object' &&
    detail !== null &&
    'task_type' in detail &&
    (detail.task_type === 'meeting_booked' || detail.task_type === 'entry_requested')
  );
}
