import { z } from 'zod';
import { itemSubject, recordEvents } from '../../coordinator/gate/events.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { resolveUnknown } from '../../coordinator/sending/outcomes.ts';
import { mailboxStates } from '../../db/queries/mailboxes.gen.ts';
import * as send_queue from '../../db/queries/send_queue.gen.ts';
import { cancelTasksOfItems } from '../../db/queries/tasks.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import * as schema from '../../schema.gen.ts';
import { id, instant, leadNames, noun, nullableInstant, reason, underLeadLock } from '../fields.ts';
import { leadFilter } from '../lead_keys.ts';
import { type Call, operation, transactWork } from '../operation.ts';
import { rowsInScope, scope } from '../ownership.ts';
import { BY_PLACE, pagedList } from '../page.ts';
import { queueWords } from './send_queue_words.ts';

/** Where send_queue.heldPage sorts items without a known release time. */
const NO_KNOWN_TIME = new Date('9999-12-31T00:00:00Z');

const CANCELABLE = ['pending', 'drafted', 'approved', 'held', 'failed'] as const;

const queueItem = noun('QueueItem', {
  id,
  lead_id: id,
  enrollment_id: id,
  campaign_slug: z.string(),
  client_id: z.string(),
  contact_id: z.string(),
  step_number: z.number(),
  channel: z.enum(schema.CHANNEL_VALUES),
  status: z.enum(schema.QUEUE_STATUS_VALUES),
  staged_draft_id: id.nullable(),
  requires_personal_send: z.boolean(),
  scheduled_at: instant,
  sent_at: nullableInstant,
  held_until: nullableInstant.describe('when the gate checks again'),
  held_reason: z.enum(schema.SUPPRESSED_REASON_VALUES).nullable(),
  wake: z.string().nullable().describe('what ends the hold if no time is known'),
  deferred_reason: z
    .enum(schema.DEFERRED_REASON_VALUES)
    .nullable()
    .describe('why an approved touch waits until scheduled_at'),
  mailbox_id: id.nullable().describe('mailbox that sends to the lead, once chosen'),
  attempt_count: z.number(),
  error: z.string().nullable(),
  created_at: instant,
});
const listedItem = noun('ListedQueueItem', {
  ...queueItem.shape,
  ...leadNames,
  campaign_name: z.string(),
  held_place: z.number().nullable().describe('its place among the held touches of the lead'),
  held_count: z.number().nullable().describe('held touches of the lead'),
  mailbox_address: z.string().nullable(),
  unknown_message_id: z.string().nullable().describe('the Message-ID to look for if delivery is unknown'),
  unknown_since: nullableInstant,
  sending_since: nullableInstant.describe('when a process began sending it; null: not being sent'),
  sending_until: nullableInstant.describe('end of that lease; until then no other process sends it'),
  why: z.string().nullable().describe('why the item has its status, in words'),
  what_next: z.string().nullable().describe('what a person must do before the item continues'),
});

const list = pagedList({
  name: 'list_send_queue',
  summary: 'List queue items; held ones with the reason and the time of their release.',
  path: '/send_queue',
  cli: {
    command: 'queue',
    empty: 'Nothing is queued. Enroll leads to start: touchline request --help',
    columns: `
      lead_email campaign_slug step_number channel status held_until held_reason deferred_reason
      scheduled_at id`,
    below: ['why', 'what_next'],
  },
  mcp: { tool: 'list_send_queue', title: 'List the send queue' },
  filters: {
    status: z.enum(schema.QUEUE_STATUS_VALUES).optional(),
    lead_id: leadFilter,
    scope,
    order: z.enum(['due', 'release']).optional().describe('release: earliest first; requires status=held'),
  },
  item: listedItem,
  order: BY_PLACE,
  rows: async ({ context, principal, page: { order, status, lead_id, scope, ...rest }, db }) => {
    const { org_id } = rest;
    const page = { ...rest, lead_ids: await rowsInScope(db, principal, { scope, lead_id }) };
    const by_release = order === 'release';
    if (by_release && status !== 'held') throw releaseOfHeldOnly();
    const found = by_release
      ? await send_queue.heldPage.run(page, db)
      : await send_queue.queuePage.run({ ...page, status }, db);
    const ids = found.map((row) => row.id);
    const rows = await send_queue.queueItems.run({ org_id, ids }, db);
    const mailbox_ids = [...new Set(rows.flatMap(({ own_mailbox_id }) => own_mailbox_id ?? []))];
    const mailboxes = await mailboxStates.run({ org_id, ids: mailbox_ids, limit: ids.length + 1 }, db);
    const now = context.clock.now();
    const due = (row: (typeof rows)[number]) => (status === 'sent' ? row.sent_at! : row.scheduled_at);
    return rows.map((row) => {
      const own = mailboxes.find(({ id }) => id === row.own_mailbox_id);
      const mailbox_address = own?.address ?? null;
      const place = by_release ? (row.held_until ?? NO_KNOWN_TIME) : due(row);
      const words = queueWords(row, own ?? mailboxes[0], now);
      return { ...row, mailbox_address, ...words, place, place_id: row.id };
    });
  },
});

const cancel = operation({
  name: 'cancel_queue_item',
  summary: 'Cancel one touch. Its enrollment continues with the next step.',
  http: { method: 'POST', path: '/send_queue/{id}/cancel' },
  cli: { command: 'cancel', args: ['id'] },
  input: z.object({ id, reason }),
  output: queueItem,
  errors: 'not_found illegal_status_move already_leaving',
  run: (call) =>
    onItem(call, async (scope, item) => {
      const { org_id, tx, now } = scope;
      const attempts = await send_queue.openAttempts.run({ org_id, queue_id: item.id }, tx);
      if (attempts.length > 0) {
        throw new AppError('already_leaving', 'The message is being handed to the mail server.');
      }
      const error = `canceled: ${call.input.reason}`;
      const move = { to_status: 'canceled', from_statuses: CANCELABLE, error, sent_at: null } as const;
      const moved = await send_queue.setItemStatus.run({ org_id, id: item.id, ...move }, tx);
      if (moved.length === 0) throw wrongStatus(item, 'canceled');
      await cancelTasksOfItems.run({ org_id, queue_ids: [item.id], now }, tx);
      const canceled = {
        event_type: 'canceled',
        coordinator_action: 'cancel',
        resolution: 'person',
      } as const;
      const detail = { reason: call.input.reason };
      const actor = actorOf(call.principal);
      await recordEvents(scope, [{ ...itemSubject(item), ...canceled, detail }], { actor });
    }),
});

const resolve = operation({
  name: 'resolve_queue_item',
  summary: 'Confirm whether a message of unknown delivery was sent. It is never resent automatically.',
  http: { method: 'POST', path: '/send_queue/{id}/resolve' },
  cli: { command: 'resolve', args: ['id'] },
  input: z.object({ id, went: z.boolean().describe('true: the message was sent') }),
  output: queueItem,
  errors: 'not_found illegal_status_move',
  run: (call) =>
    onItem(call, async (scope, item) => {
      if (item.status !== 'unknown') throw wrongStatus(item, 'resolved');
      await resolveUnknown(scope, item, call.input.went);
      const event_type = call.input.went ? ('sent' as const) : ('failed' as const);
      const resolution = call.input.went ? 'person_says_sent' : 'person_says_not_sent';
      const event = { ...itemSubject(item), event_type, coordinator_action: 'resolve', resolution };
      await recordEvents(scope, [event], { actor: actorOf(call.principal) });
    }),
});

export const sendQueueOperations = [list, cancel, resolve] as const;

/** Changes a queue item in one transaction in the person's name, under the lead's lock. */
async function onItem(
  { context, principal, input }: Call<{ id: string }>,
  act: (scope: Scope & { now: Date }, item: send_queue.GetQueueItemResult) => Promise<void>,
) {
  return transactWork({ context, principal }, async (scope) => {
    const { tx, org_id } = scope;
    await act(scope, await underLeadLock(scope, send_queue.getQueueItem, 'queue item', input.id));
    return (await send_queue.getQueueItem.one({ org_id, id: input.id }, tx))!;
  });
}

const releaseOfHeldOnly = () =>
  new AppError('input_invalid', 'Only held items can be sorted by release.', {
    errors: [{ path: 'order', message: 'release requires status=held' }],
    hint: 'Add status=held, or omit order.',
  });

const MOVE_HINTS = {
  canceled:
    'Sent messages stay. Confirm an unknown delivery first: touchline resolve ID --went (or --no-went).',
  resolved: 'Only unknown deliveries can be resolved: touchline queue --status unknown lists them.',
} as const;

function wrongStatus(item: send_queue.GetQueueItemResult, verb: keyof typeof MOVE_HINTS): AppError {
  return new AppError('illegal_status_move', `A touch that is ${item.status} cannot be ${verb}.`, {
    hint: MOVE_HINTS[verb],
  });
}
