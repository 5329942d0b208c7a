import type { WebhookEvent } from '../api/schema.d.ts';

export type { WebhookEvent } from '../api/schema.d.ts';

export const EVENT_WORDS: Record<WebhookEvent, string> = {
  'task.created': 'A task was made',
  'task.dead_end': 'A task came to nothing',
  'flag.raised': 'A flag was raised',
  'draft.waiting': 'A draft waits',
  'touch.sent': 'A message went out',
  'touch.failed': 'A message failed',
  'touch.unknown': 'Nobody knows whether a message went',
  'enrollment.started': 'A lead entered a campaign',
  'enrollment.exited': 'A lead left a campaign',
  'request.suppressed': 'A request was not let through',
  'lead.opted_out': 'Someone opted out',
  'play.proposed': 'A play was proposed',
  'play.activated': 'A play became active',
  'play.retired': 'A play was retired',
};
