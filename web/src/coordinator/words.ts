import type { EventType } from '../api/schema.d.ts';

export type { EventType, LogEvent } from '../api/schema.d.ts';

/** What happened, in a word or two. */
export const TYPE_WORDS: Record<EventType, string> = {
  requested: 'Asked for',
  enrolled: 'Let in',
  dispatched: 'Fell due',
  drafted: 'Drafted',
  edited: 'Edited',
  approved: 'Approved',
  approval_withdrawn: 'Approval taken back',
  draft_rejected: 'Rejected',
  sent: 'Sent',
  marked_sent: 'Sent by a person',
  held: 'Held',
  suppressed: 'Stopped',
  skipped: 'Skipped',
  released: 'Released',
  deferred: 'Put off',
  paused: 'Paused',
  resumed: 'Resumed',
  exited: 'Ended',
  canceled: 'Cancelled',
  failed: 'Failed',
  unknown: 'Unknown outcome',
  retried: 'Tried again',
  opted_out: 'Opted out',
  opt_out_lifted: 'Opt-out lifted',
  template_approved: 'Template approved',
  late_reply: 'Server answered late',
  replied: 'Answered',
  auto_replied: 'Answered by a machine',
  bounced: 'Came back',
  delivery_delayed: 'Delayed',
  complained: 'Complained',
  reply_read: 'Answer read',
};

export const TYPES = Object.entries(TYPE_WORDS) as readonly (readonly [EventType, string])[];

/** The rows of the conflict matrix as policy and log name them. */
export const RULES = [
  ['t1_sales_fresher', 'T1', 'sales_fresher', 'Sales signal fresher'],
  ['t1_marketing_fresher', 'T1', 'marketing_fresher', 'Marketing signal fresher'],
  ['t2_sales_fresher', 'T2', 'sales_fresher', 'Sales signal fresher'],
  ['t2_marketing_fresher', 'T2', 'marketing_fresher', 'Marketing signal fresher'],
  ['t3_sales_fresher', 'T3', 'sales_fresher', 'Sales signal fresher'],
  ['t3_marketing_fresher', 'T3', 'marketing_fresher', 'Marketing signal fresher'],
] as const;

export function ruleName(rule: string): string {
  if (rule === 't3_sales') return 'T3: sales is not for them';
  const known = RULES.find(([name]) => name === rule);
  return known === undefined ? 'the conflict matrix' : `${known[1]}, ${known[3].toLowerCase()}`;
}
