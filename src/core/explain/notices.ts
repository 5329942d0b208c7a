/**
 * Notifications outside the browser, in fixed words by kind: no fact stored with one, so no name, address, or text of a lead.
 */

import { FLAG_KIND_VALUES, type FlagKind } from '../../schema.gen.ts';
import { flagFact } from './flag_words.ts';

/** Groups of kinds, most urgent first. The database has the same (`notification_group`). */
export const NOTIFICATION_GROUPS = [
  ...(['reply', 'meeting', 'assigned', 'manual_send'] as const),
  ...(['warning', 'play', 'request'] as const),
] as const;
export type NotificationGroup = (typeof NOTIFICATION_GROUPS)[number];

const FLAG_TITLES: Readonly<Record<FlagKind, string>> = {
  cap_warning: 'One touch is left for a lead',
  concurrency: 'Sales and marketing conflicted over a lead',
  stall: 'A lead’s enrollment stalled',
  backlog: 'Many leads of one user are paused',
  routing_error: 'Sales requested a T3 lead',
  active_play_drift: 'Too many plays are active',
  send_unknown: 'A delivery is unknown',
  mailbox_health: 'A mailbox has a problem',
  task_unclaimed: 'A task is unclaimed',
  task_dead_end: 'A task failed',
  reply_waiting: 'A lead replied',
  model_budget_spent: 'The language model’s tokens are spent for today',
  message_invalid: 'A message could not be built',
  lead_unreachable: 'A step cannot reach its lead',
  send_unassigned: 'A manual send has no assigned user',
  crm_write_refused: 'The CRM refused a write',
  crm_unreachable: 'The CRM cannot be reached',
  crm_record_deleted: 'A lead’s CRM record was deleted',
  crm_sync_stopped: 'The CRM lacks many records',
};

const TITLES: Readonly<Record<string, string>> = {
  ...FLAG_TITLES,
  reply: 'A lead replied',
  meeting: 'A booked meeting is ready to route',
  entry_requested: 'A lead’s enrollment needs your decision',
  entry_accepted: 'An enrollment that you requested was routed',
  entry_declined: 'An enrollment that you requested was declined',
  assigned: 'A lead was assigned to you',
  owner_changed: 'A lead or account of yours has another owner',
  manual_send: 'A manual send is ready',
  stall_escalated: FLAG_TITLES.stall,
  play_proposed: 'A play was proposed',
  play_activated: 'A play was activated',
  play_retired: 'A play was retired',
  webhook_disabled: 'A webhook was disabled',
};

/** Messages that no person wrote, or that no rule understands. */
const NO_REPLIES = ['bounce', 'other', 'auto_reply', 'out_of_office'];

type Notice = {
  kind: string;
  lead_id: string | null;
  detail: unknown;
  flag_subject: string | null;
  is_handled: boolean;
};

/** The notification in a few words, without a period. */
export function noticeTitle({ kind, detail }: Pick<Notice, 'kind' | 'detail'>): string {
  if (kind === 'reply_waiting' && NO_REPLIES.includes(flagFact(detail, 'kind') ?? ''))
    return 'A message needs a decision';
  const lead_count = Number(flagFact(detail, 'lead_count') ?? 1);
  if (kind === 'assigned' && lead_count > 1)
    return `${lead_count.toLocaleString('en-US')} leads were assigned to you`;
  if (kind === 'owner_changed' && lead_count > 1)
    return `${lead_count.toLocaleString('en-US')} leads or accounts of yours have another owner`;
  return Object.hasOwn(TITLES, kind) ? TITLES[kind]! : 'A request was suppressed';
}

/** The path of the page that shows exactly what the notification is about. */
export function noticePath(notice: Notice): string {
  const { kind, lead_id, detail, flag_subject } = notice;
  const fact = (name: string) => flagFact(detail, name);
  const at = (path: string, name: string, value: string | null) =>
    value === null ? path : `${path}${path.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
  const play_id = fact('play_id');
  switch (kind) {
    case 'reply':
    case 'reply_waiting':
      return at(notice.is_handled ? '/replies?show=handled' : '/replies', 'message', fact('inbound_id'));
    case 'meeting':
    case 'entry_requested':
    case 'entry_accepted':
    case 'entry_declined':
      return at('/hand-offs', 'task', fact('task_id'));
    case 'manual_send':
      return at('/personal', 'item', fact('queue_id'));
    case 'send_unknown':
      return '/coordinator/unknown';
    case 'mailbox_health':
      return flag_subject === null ? '/settings/mailboxes' : `/settings/mailboxes/${flag_subject}`;
    case 'webhook_disabled':
      return '/settings/webhooks';
    case 'active_play_drift':
      return '/plays';
    case 'assigned':
    case 'owner_changed':
      return lead_id === null ? '/leads?scope=mine' : `/leads/${lead_id}`;
  }
  if (play_id !== null) return `/plays/${play_id}`;
  return lead_id === null ? '/' : `/leads/${lead_id}`;
}

/** `3 replies`, for the subject of a digest. */
export function groupCount(group: NotificationGroup, count: number): string {
  const [one, many] = GROUP_NOUNS[group];
  return `${count} ${count === 1 ? one : many}`;
}

const GROUP_NOUNS: Readonly<Record<NotificationGroup, readonly [one: string, many: string]>> = {
  reply: ['reply', 'replies'],
  meeting: ['hand-off', 'hand-offs'],
  assigned: ['assignment', 'assignments'],
  manual_send: ['manual send', 'manual sends'],
  warning: ['warning', 'warnings'],
  play: ['play', 'plays'],
  request: ['stopped request', 'stopped requests'],
};

/** Every kind with words of its own, for the tests of their length and of the database's groups. */
export const NOTICE_KINDS: readonly string[] = [...FLAG_KIND_VALUES, ...Object.keys(TITLES)];
