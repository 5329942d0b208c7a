/** Which events tell that something did not go on. */
import type { EventType } from '../schema.gen.ts';
import type { HistoryEvent } from './explain_history.ts';

/** Whether an event tells of something that did not go on. What may have left is not among them. */
export function isNotSent(event: Pick<HistoryEvent, 'event_type' | 'suppressed_reason'>): boolean {
  const is_stop = IS_STOP[event.event_type];
  return is_stop === 'if_suppressed' ? event.suppressed_reason !== null : is_stop;
}

const IS_STOP: Record<EventType, boolean | 'if_suppressed'> = {
  requested: false,
  enrolled: false,
  dispatched: false,
  drafted: false,
  edited: false,
  approved: false,
  approval_withdrawn: false,
  draft_rejected: true,
  sent: false,
  marked_sent: false,
  held: true,
  suppressed: true,
  released: false,
  deferred: true,
  paused: 'if_suppressed',
  resumed: false,
  exited: false,
  canceled: true,
  failed: true,
  unknown: false,
  late_reply: false,
  retried: true,
  opted_out: false,
  opt_out_lifted: false,
  template_approved: false,
  replied: false,
  auto_replied: false,
  bounced: false,
  delivery_delayed: false,
  complained: false,
  reply_read: false,
};
