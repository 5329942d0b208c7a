import type { EventType } from '../api/schema.d.ts';

export type { EventType, LogEvent } from '../api/schema.d.ts';

/** Event names of one or two words. */
export const TYPE_WORDS: Record<EventType, string> = {
  requested: 'Requested',
  enrolled: 'Enrolled',
  dispatched: 'Due',
  drafted: 'Drafted',
  edited: 'Edited',
  approved: 'Approved',
  approval_withdrawn: 'Approval withdrawn',
  draft_rejected: 'Rejected',
  sent: 'Sent',
  marked_sent: 'Sent manually',
  held: 'Held',
  suppressed: 'Blocked',
  skipped: 'Skipped',
  released: 'Released',
  deferred: 'Deferred',
  paused: 'Paused',
  resumed: 'Resumed',
  exited: 'Ended',
  canceled: 'Canceled',
  failed: 'Failed',
  unknown: 'Delivery unknown',
  retried: 'Retried',
  opted_out: 'Opted out',
  opt_out_lifted: 'Opt-out lifted',
  merged: 'Lead merged',
  template_approved: 'Template approved',
  late_reply: 'Late server response',
  replied: 'Replied',
  auto_replied: 'Auto-reply',
  bounced: 'Bounced',
  delivery_delayed: 'Delayed',
  complained: 'Marked as spam',
  reply_read: 'Reply classified',
};

export const TYPES = Object.entries(TYPE_WORDS) as readonly (readonly [EventType, string])[];

/** Rows of the conflict matrix, with the names of policy and log. */
export const RULES = [
  ['t1_sales_fresher', 'T1', 'sales_fresher', 'Sales signal fresher'],
  ['t1_marketing_fresher', 'T1', 'marketing_fresher', 'Marketing signal fresher'],
  ['t2_sales_fresher', 'T2', 'sales_fresher', 'Sales signal fresher'],
  ['t2_marketing_fresher', 'T2', 'marketing_fresher', 'Marketing signal fresher'],
  ['t3_sales_fresher', 'T3', 'sales_fresher', 'Sales signal fresher'],
  ['t3_marketing_fresher', 'T3', 'marketing_fresher', 'Marketing signal fresher'],
] as const;

export function ruleName(rule: string): string {
  if (rule === 't3_sales') return 'T3: marketing only';
  const known = RULES.find(([name]) => name === rule);
  return known === undefined ? 'the conflict rules' : `${known[1]}, ${known[3].toLowerCase()}`;
}
