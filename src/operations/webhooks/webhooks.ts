import { z } from 'zod';
import { sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { newWebhookSecret, webhookSecretOwner } from '../../coordinator/webhooks/message.ts';
import { transaction } from '../../db/pool.ts';
import { findAgent } from '../../db/queries/api_keys.gen.ts';
import { lockOrganization } from '../../db/queries/users.gen.ts';
import {
  countWebhooks,
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhookDeliveries,
  listWebhooks,
} from '../../db/queries/webhooks.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { actorOf } from '../../principal.ts';
import { readWebhookUrl } from '../../webhook_target.ts';
import { id, instant, notFound, noun, nullableInstant, requirePerson } from '../fields.ts';
import { operation } from '../operation.ts';
import { pageInput, pageOf, readIdCursor, toPage } from '../page.ts';
import { sendTest } from './test_message.ts';

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
] as const;

const webhookEvent = z.enum(WEBHOOK_EVENTS).meta({ id: 'WebhookEvent' });

const webhook = noun('Webhook', {
  id,
  url: z.string(),
  events: z.array(webhookEvent),
  agent_id: z.string().nullable().describe('only the tasks of this agent'),
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

const list = operation({
  name: 'list_webhooks',
  summary: 'List webhooks. Their secrets are not shown again.',
  http: { method: 'GET', path: '/webhooks' },
  cli: {
    command: 'webhooks',
    columns: 'id url events agent_id failing_since disabled_reason',
    empty: 'No webhooks. Create one: touchline webhooks create URL --events task.created',
  },
  input: z.object(pageInput),
  output: pageOf(webhook),
  errors: 'cursor_invalid',
  run: async ({ context, principal: { org_id }, input: { cursor, limit } }) => {
    const asked = { org_id, after_id: readIdCursor(cursor), limit: limit + 1 };
    const rows = await listWebhooks.run(asked, context.db);
    return toPage(rows.map(shown), limit, (row) => [row.id]);
  },
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
  output: z.object({
    id,
    url: z.string(),
    events: z.array(webhookEvent),
    agent_id: z.string().nullable(),
    secret: z.string().describe('whsec_..., shown once'),
  }),
  errors: 'webhook_url_refused webhook_events_invalid webhooks_exceeded unknown_agent',
  text: ({ id, url, secret }) =>
    `${url} receives events from now on. Test it: touchline webhooks test ${id}. Its secret, shown once:\n${secret}`,
  run: async ({ context: { db, clock, secret: own_secret, webhooks }, principal, input }) => {
    const created_by_user_id = requirePerson(principal);
    const { org_id } = principal;
    const { events } = input;
    const agent_id = input.agent_id ?? null;
    const url = readWebhookUrl(input.url, { allow_local: webhooks?.allow_local ?? false }).href;
    if (agent_id !== null) refuseOtherThanTasks(events);
    const row = { id: newId(clock), url, events, agent_id };
    const secret = newWebhookSecret();
    const sealed = sealSecret(own_secret, secret, webhookSecretOwner(org_id, row.id));
    await transaction(db, actorOf(principal), async (tx) => {
      // Under the lock, so that concurrent calls are counted.
      await lockOrganization.run({ org_id }, tx);
      const [{ webhook_count } = { webhook_count: 0 }] = await countWebhooks.run({ org_id }, tx);
      if (webhook_count >= WEBHOOKS_MAX) throw tooMany();
      const [agent] = agent_id === null ? [] : await findAgent.run({ org_id, id: agent_id }, tx);
      if (agent_id !== null && agent === undefined) throw unknownAgent();
      await createWebhook.run({ ...row, org_id, secret: sealed, created_by_user_id, now: clock.now() }, tx);
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
  run: async ({ context, principal, input }) => {
    const { org_id } = principal;
    const deleted = await transaction(context.db, actorOf(principal), (tx) =>
      deleteWebhook.run({ org_id, id: input.id }, tx),
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
    const [found] = await getWebhook.run({ org_id, id: input.id }, context.db);
    if (found === undefined) throw notFound('webhook');
    const status = await sendTest(context, org_id, found);
    return { id: found.id, url: found.url, ok: true as const, status };
  },
});

const deliveries = operation({
  name: 'list_webhook_deliveries',
  summary: 'List the deliveries of a webhook, newest first; kept for 30 days.',
  http: { method: 'GET', path: '/webhooks/{id}/deliveries' },
  cli: {
    command: 'webhooks deliveries',
    args: ['id'],
    columns: 'id event occurred_at status attempt_count last_status last_error next_at',
    empty: 'No deliveries. Events for this webhook appear here.',
  },
  input: z.object({ id, ...pageInput }),
  output: pageOf(
    noun('WebhookDelivery', {
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
  ),
  errors: 'not_found cursor_invalid',
  run: async ({ context, principal: { org_id }, input }) => {
    const before_id = readIdCursor(input.cursor);
    const [found] = await getWebhook.run({ org_id, id: input.id }, context.db);
    if (found === undefined) throw notFound('webhook');
    const asked = { org_id, webhook_id: input.id, before_id, limit: input.limit + 1 };
    const rows = await listWebhookDeliveries.run(asked, context.db);
    return toPage(rows.map(shownDelivery), input.limit, (row) => [row.id]);
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

function tooMany(): AppError {
  return new AppError('webhooks_exceeded', `The organization already has ${WEBHOOKS_MAX} webhooks.`, {
    hint: 'Delete an unused webhook: touchline webhooks lists them.',
  });
}

function unknownAgent(): AppError {
  return new AppError('unknown_agent', 'No agent has this id.', {
    errors: [{ path: 'agent_id', message: 'no agent has this id' }],
    hint: 'touchline agents lists them.',
  });
}
