/** The events that stopped something. */
import type { EventType } from '../../schema.gen.ts';
import type { HistoryEvent } from './history.ts';

/** Whether an event stopped a touch or sequence. Messages that may have been sent do not count. */
export function isNotSent(event: StopFacts): boolean {
  const is_stop = IS_STOP[event.event_type];
  return typeof is_stop === 'boolean' ? is_stop : is_stop(event);
}

type StopFacts = Pick<HistoryEvent, 'event_type' | 'suppressed_reason' | 'resolution'>;

const ifSuppressed = ({ suppressed_reason, resolution }: StopFacts): boolean =>
  suppressed_reason !== null || resolution === 'unreachable';
/** Every other exit is one that the sequence was designed for. */
const ifForbidden = ({ resolution }: StopFacts): boolean =>
  resolution === 'compliance_block' || resolution === 'unreachable';

const IS_STOP: Record<EventType, boolean | ((event: StopFacts) => boolean)> = {
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
  skipped: true,
  released: false,
  deferred: true,
  paused: ifSuppressed,
  resumed: false,
  exited: ifForbidden,
  canceled: true,
  failed: true,
  unknown: false,
  late_reply: false,
  retried: true,
  opted_out: false,
  opt_out_lifted: false,
  merged: false,
  template_approved: false,
  replied: false,
  auto_replied: false,
  bounced: false,
  delivery_delayed: false,
  complained: false,
  reply_read: false,
};
