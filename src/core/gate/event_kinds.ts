/** Kinds of events, for filters of a timeline. */
import type { EventType } from '../../schema.gen.ts';

export const EVENT_KINDS = ['sent', 'not_sent', 'answers', 'drafts', 'sequences', 'consent'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export function kindOf(event_type: EventType): EventKind {
  return KINDS[event_type];
}

export function typesOf(kind: EventKind): EventType[] {
  return (Object.keys(KINDS) as EventType[]).filter((type) => KINDS[type] === kind);
}

const KINDS: Readonly<Record<EventType, EventKind>> = {
  requested: 'sequences',
  enrolled: 'sequences',
  dispatched: 'drafts',
  drafted: 'drafts',
  edited: 'drafts',
  approved: 'drafts',
  approval_withdrawn: 'drafts',
  draft_rejected: 'not_sent',
  sent: 'sent',
  marked_sent: 'sent',
  held: 'not_sent',
  suppressed: 'not_sent',
  skipped: 'not_sent',
  released: 'drafts',
  deferred: 'not_sent',
  paused: 'sequences',
  resumed: 'sequences',
  exited: 'sequences',
  canceled: 'not_sent',
  failed: 'not_sent',
  unknown: 'sent',
  retried: 'not_sent',
  opted_out: 'consent',
  opt_out_lifted: 'consent',
  merged: 'sequences',
  template_approved: 'drafts',
  late_reply: 'sent',
  replied: 'answers',
  auto_replied: 'answers',
  bounced: 'answers',
  delivery_delayed: 'answers',
  complained: 'answers',
  reply_read: 'answers',
};
