import type { WebhookEvent } from '../api/schema.d.ts';

export type { WebhookEvent } from '../api/schema.d.ts';

export const EVENT_WORDS: Record<WebhookEvent, string> = {
  'task.created': 'Task created',
  'task.dead_end': 'Task failed',
  'flag.raised': 'Warning raised',
  'draft.waiting': 'Draft pending',
  'touch.sent': 'Message sent',
  'touch.failed': 'Message failed',
  'touch.unknown': 'Delivery unknown',
  'enrollment.started': 'Lead enrolled',
  'enrollment.exited': 'Enrollment ended',
  'request.suppressed': 'Touch not sent',
  'lead.opted_out': 'Lead opted out',
  'play.proposed': 'Play proposed',
  'play.activated': 'Play activated',
  'play.retired': 'Play retired',
  'reply.received': 'Reply received',
  'reply.bounced': 'Message bounced',
  'reply.complained': 'Spam complaint received',
  'meeting.booked': 'Meeting booked',
  'draft.approved': 'Draft approved',
  'draft.rejected': 'Draft rejected',
  'opportunity.moved': 'Opportunity opened or moved',
};
