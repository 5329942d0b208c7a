import { z } from 'zod';
import type { OperationContext } from '../../context.ts';
import { openSecret, sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { newWebhookSecret, webhookRequest, webhookSecretOwner } from '../../coordinator/webhooks/message.ts';
import { findAgent } from '../../db/queries/api_keys.gen.ts';
import { lockOrganization } from '../../db/queries/users.gen.ts';
import * as webhooks_sql from '../../db/queries/webhooks.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { readWebhookUrl } from '../../public_address.ts';
import {
  existing,
  id,
  instant,
  notFound,
  noun,
  nullableInstant,
  requirePerson,
  unknownAgent,
} from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { BY_ID, NEWEST_FIRST, pagedList } from '../page.ts';
import { notSent, presentSender, takenStatus } from './test_posts.ts';

/** Deliveries are written in the transaction of each event, so their number is bounded. */
const WEBHOOKS_MAX = 20;

const TASK_EVENTS = ['task.created', 'task.dead_end'] as const;
export const WEBHOOK_EVENTS = [
  ...TASK_EVENTS,
  'flag.raised',
  'draft.waiting',
  'touch.sent',
  'touch.failed',
  'touch.unknown',
  'enrollment.started',
  'enrollment.exited',
  'request.suppressed',
  'lead.opted_out',
  'play.proposed',
  'play.activated',
  'play.retired',
  'reply.received',
  'reply.bounced',
  'reply.complained',
  'meeting.booked',
  'draft.approved',
  'draft.rejected',
  'opportunity.moved',
] as const;

const webhookEvent = z.enum(WEBHOOK_EVENTS).meta({ id: 'WebhookEvent' });

const created = { id, url: z.string(), events: z.array(webhookEvent), agent_id: z.string().nullable() };
const webhook = noun('Webhook', {
  ...created,
  agent_id: created.agent_id.describe('only the tasks of this agent'),
  created_by_user_id: id,
  created_at: instant,
  failing_since: nullableInstant.describe('every attempt failed since then'),
  disabled_at: nullableInstant,
  disabled_reason: z
    .enum(['gone', 'failing', 'secret_lost'])
    .nullable()
    .describe(
      'gone: the receiver answered 410. failing: every attempt failed for five days. secret_lost: its secret cannot be decrypted with this TOUCHLINE_SECRET',
    ),
});

const list = pagedList({
  name: 'list_webhooks',
  summary: 'List webhooks. Their secrets are not shown again.',
  path: '/webhooks',
  cli: {
    command: 'webhooks',
    columns: 'id url events agent_id failing_since disabled_reason',
    empty: 'No webhooks. Create one: touchline webhooks create URL --events task.created',
  },
  item: webhook,
  order: BY_ID,
  rows: async ({ page, db }) => (await webhooks_sql.listWebhooks.run(page, db)).map(shown),
});

const create = operation({
  name: 'create_webhook',
  summary:
    'Create a webhook: ids only, signed as Standard Webhooks defines, delivered at least once, in no promised order. The secret is shown once.',
  http: { method: 'POST', path: '/webhooks' },
  cli: { command: 'webhooks create', args: ['url'] },
  answers_secret: true,
  input: z.object({
    url: z.string().trim().max(2_000).describe('https on the public internet'),
    events: z
      .array(webhookEvent)
      .min(1)
      .max(WEBHOOK_EVENTS.length)
      .transform((given) => [...new Set(given)]),
    agent_id: z.string().max(64).optional().describe('only the tasks of this agent; task events only'),
  }),
  output: z.object({ ...created, secret: z.string().describe('whsec_..., shown once') }),
  errors: 'webhook_url_refused webhook_events_invalid webhooks_exceeded unknown_agent',
  text: ({ id, url, secret }) =>
    `${url} receives events from now on. Test it: touchline webhooks test ${id}. Its secret, shown once:\n${secret}`,
  run: async ({ context, principal, input }) => {
    const created_by_user_id = requirePerson(principal);
    const { events, agent_id = null } = input;
    const url = readWebhookUrl(input.url, { allow_local: context.webhooks?.allow_local ?? false }).href;
    if (agent_id !== null) refuseOtherThanTasks(events);
    const row = { id: newId(context.clock), url, events, agent_id };
    const secret = newWebhookSecret();
    const sealed = sealSecret(context.secret, secret, webhookSecretOwner(principal.org_id, row.id));
    await transact({ context, principal }, async ({ tx, org_id, now }) => {
      // Under the lock, so that concurrent calls are counted.
      await lockOrganization.run({ org_id }, tx);
      const counted = await webhooks_sql.countWebhooks.one({ org_id }, tx);
      if (counted!.webhook_count >= WEBHOOKS_MAX) throw tooMany();
      if (agent_id !== null && !(await findAgent.one({ org_id, id: agent_id }, tx)))
        throw unknownAgent(agent_id, 'agent_id');
      await webhooks_sql.createWebhook.run({ ...row, org_id, secret: sealed, created_by_user_id, now }, tx);
    });
    return { ...row, secret };
  },
});

const remove = operation({
  name: 'delete_webhook',
  summary: 'Delete a webhook at once, with its pending deliveries.',
  http: { method: 'DELETE', path: '/webhooks/{id}' },
  cli: { command: 'webhooks delete', args: ['id'] },
  input: z.object({ id }),
  output: z.void(),
  errors: 'not_found',
  run: async (call) => {
    const deleted = await transact(call, ({ tx, org_id }) =>
      webhooks_sql.deleteWebhook.run({ org_id, id: call.input.id }, tx),
    );
    if (deleted.length === 0) throw notFound('webhook');
  },
});

const test = operation({
  name: 'test_webhook',
  summary: 'Send a signed `webhook.test` now and show the answer. Nothing is retried.',
  http: { method: 'POST', path: '/webhooks/{id}/test' },
  cli: { command: 'webhooks test', args: ['id'] },
  // Many receivers carry a token in their address; and a repeated test must send again.
  answers_secret: true,
  input: z.object({ id }),
  output: z.object({
    id,
    url: z.string(),
    ok: z.literal(true).describe('the receiver answered 2xx'),
    status: z.int(),
  }),
  errors: 'not_found webhook_not_sent webhook_not_taken',
  text: ({ url, status }) => `${url} answered ${status}.`,
  run: async ({ context, principal: { org_id }, input }) => {
    const found = existing(
      await webhooks_sql.getWebhook.one({ org_id, id: input.id }, context.db),
      'webhook',
    );
    const status = await sendTest(context, org_id, found);
    return { id: found.id, url: found.url, ok: true as const, status };
  },
});

const deliveries = pagedList({
  name: 'list_webhook_deliveries',
  summary: 'List the deliveries of a webhook, newest first; kept for 30 days.',
  path: '/webhooks/{id}/deliveries',
  cli: {
    command: 'webhooks deliveries',
    args: ['id'],
    columns: 'id event occurred_at status attempt_count last_status last_error next_at',
    empty: 'No deliveries. Events for this webhook appear here.',
  },
  filters: { id },
  item: noun('WebhookDelivery', {
    id: id.describe('webhook-id of every attempt'),
    event: z.string(),
    data: z.record(z.string(), z.unknown()),
    occurred_at: instant,
    status: z.enum(['pending', 'delivered', 'failed']),
    attempt_count: z.int(),
    next_at: nullableInstant.describe('next attempt of a pending delivery'),
    last_status: z.int().nullable().describe('last status code of the receiver'),
    last_error: z.string().nullable().describe('why the receiver gave no answer'),
    settled_at: nullableInstant,
  }),
  errors: 'not_found',
  order: NEWEST_FIRST,
  rows: async ({ page: { id: webhook_id, ...page }, db }) => {
    existing(await webhooks_sql.getWebhook.one({ org_id: page.org_id, id: webhook_id }, db), 'webhook');
    return (await webhooks_sql.listWebhookDeliveries.run({ ...page, webhook_id }, db)).map(shownDelivery);
  },
});

export const webhookOperations = [list, create, test, deliveries, remove] as const;

function shown<Row extends { events: string[]; disabled_reason: string | null }>(row: Row) {
  return row as Row & Pick<z.input<typeof webhook>, 'events' | 'disabled_reason'>;
}

function shownDelivery<Row extends { status: string; next_at: Date; data: unknown }>(row: Row) {
  const status = row.status as 'pending' | 'delivered' | 'failed';
  const data = row.data as Record<string, unknown>;
  return { ...row, status, data, next_at: status === 'pending' ? row.next_at : null };
}

function refuseOtherThanTasks(events: readonly string[]): void {
  const others = events.filter((event) => !TASK_EVENTS.some((task) => task === event));
  if (others.length === 0) return;
  throw new AppError('webhook_events_invalid', 'A webhook for one agent reports only tasks.', {
    errors: others.map((event) => ({ path: 'events', message: `${event} is not a task event` })),
    hint: 'Omit agent_id, or create a separate webhook for the other events.',
  });
}

const tooMany = () =>
  new AppError('webhooks_exceeded', `The organization already has ${WEBHOOKS_MAX} webhooks.`, {
    hint: 'Delete an unused webhook: touchline webhooks lists them.',
  });

/** Sends one `webhook.test`. Returns the 2xx status; throws `webhook_not_sent` or `webhook_not_taken`. */
async function sendTest(
  { clock, secret: own_secret, webhooks }: OperationContext,
  org_id: string,
  { id, url, secret: sealed }: webhooks_sql.GetWebhookResult,
): Promise<number> {
  const sender = presentSender(webhooks);
  const secret = openSecret(own_secret, sealed, webhookSecretOwner(org_id, id));
  if (secret === null) {
    throw notSent(
      'The webhook’s secret cannot be decrypted with this TOUCHLINE_SECRET.',
      'Delete the webhook and create it again, or restart Touchline with the original TOUCHLINE_SECRET.',
    );
  }
  const occurred_at = clock.now();
  const data = { webhook_id: id, kind: 'test' };
  const message = { id: newId(clock), event: 'webhook.test', occurred_at, data };
  const answer = await sender.post(webhookRequest({ url, secret }, message, occurred_at));
  return takenStatus(answer, 'Check the receiver’s log, then try again: touchline webhooks test.');
}
