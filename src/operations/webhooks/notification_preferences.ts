/** How notifications reach a person outside the browser. Each person sets their own. */
import { z } from 'zod';
import { type NoticeForm, noticeRequest, PREFERENCES_PATH } from '../../coordinator/notifications/notices.ts';
import { notificationUrlOwner } from '../../coordinator/notifications/preferences.ts';
import { openSecret, sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { NOTIFICATION_GROUPS } from '../../core/explain/notices.ts';
import type { Queryable } from '../../db/pool.ts';
import * as sql from '../../db/queries/notification_preferences.gen.ts';
import { getOrganization } from '../../db/queries/principals.gen.ts';
import { hostOf, readWebhookUrl } from '../../public_address.ts';
import { existing, instant, noun, nullableInstant, requirePerson } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { notSent, presentSender, takenStatus } from './test_posts.ts';

const kind = z.enum(NOTIFICATION_GROUPS).meta({ id: 'NotificationGroup' });
const by_email = z.enum(['off', 'at_once', 'digest']).meta({ id: 'EmailDelivery' });
const by_webhook = z.enum(['off', 'at_once']).meta({ id: 'WebhookMessages' });
const form = z.enum(['slack', 'teams']).meta({ id: 'NotificationForm' });
const status = z.int();

const preferences = noun('NotificationPreferences', {
  items: z
    .array(noun('NotificationPreference', { kind, email: by_email, webhook: by_webhook }))
    .describe('most urgent first'),
  webhook: z
    .object({
      form,
      host: z.string().describe('its URL is not shown again'),
      set_at: instant,
      failing_since: nullableInstant.describe('every message failed since then'),
      last_error: z.string().nullable(),
    })
    .nullable(),
  email_failed_at: nullableInstant.describe('when the latest email failed or became unknown'),
  email_error: z.string().nullable(),
  includes_lead_text: z
    .boolean()
    .describe('whether the organization lets names and texts of leads leave in notifications'),
});

const get = operation({
  name: 'get_notification_preferences',
  summary: 'Show how your notifications reach you by email and by your own webhook.',
  http: { method: 'GET', path: '/notification_preferences' },
  cli: { command: 'notifications preferences' },
  input: z.object({}),
  output: preferences,
  text: preferencesText,
  run: ({ context: { db }, principal }) => shown(db, principal.org_id, requirePerson(principal)),
});

const put = operation({
  name: 'put_notification_preferences',
  summary: 'Set how kinds of notifications reach you: at once, in a digest at 08:00 on working days, or not.',
  http: { method: 'PUT', path: '/notification_preferences' },
  cli: { command: 'notifications prefer' },
  input: z
    .object({
      kinds: z.array(kind).min(1).max(NOTIFICATION_GROUPS.length),
      email: by_email.optional(),
      webhook: by_webhook.optional().describe('to your Slack or Teams webhook'),
    })
    .refine(({ email, webhook }) => email !== undefined || webhook !== undefined, {
      path: ['email'],
      message: 'is required, or webhook',
    }),
  output: preferences,
  text: preferencesText,
  run: async (call) => {
    const { principal, input } = call;
    const user_id = requirePerson(principal);
    const media = (['email', 'webhook'] as const).filter((medium) => input[medium] !== undefined);
    const rows = [...new Set(input.kinds)].flatMap((kind) =>
      media.map((medium) => ({ kind, medium, delivery: input[medium]! })),
    );
    return transact(call, async ({ tx, org_id, now }) => {
      await sql.putNotificationPreferences.run({ org_id, user_id, rows, now }, tx);
      return shown(tx, org_id, user_id);
    });
  },
});

const putWebhook = operation({
  name: 'put_notification_webhook',
  summary: 'Set your own Slack or Teams webhook for notifications. Its URL is not shown again.',
  http: { method: 'PUT', path: '/notification_preferences/webhook' },
  cli: { command: 'notifications webhook', args: ['url'] },
  input: z.object({
    url: z.string().trim().max(2_000).describe('https on the public internet'),
    form: form.describe('slack: an incoming webhook; teams: a workflow that posts webhook requests'),
  }),
  output: preferences,
  text: preferencesText,
  errors: 'webhook_url_refused',
  run: async (call) => {
    const { context, principal, input } = call;
    const user_id = requirePerson(principal);
    const read = readWebhookUrl(input.url, { allow_local: context.webhooks?.allow_local ?? false });
    const url = sealSecret(context.secret, read.href, notificationUrlOwner(principal.org_id, user_id));
    const set = { user_id, form: input.form, host: hostOf(read), url };
    return transact(call, async ({ tx, org_id, now }) => {
      await sql.putNotificationWebhook.run({ ...set, org_id, now }, tx);
      return shown(tx, org_id, user_id);
    });
  },
});

const deleteWebhook = operation({
  name: 'delete_notification_webhook',
  summary: 'Delete your own Slack or Teams webhook. Pending messages to it are dropped.',
  http: { method: 'DELETE', path: '/notification_preferences/webhook' },
  cli: { command: 'notifications webhook delete' },
  input: z.object({}),
  output: z.void(),
  run: async (call) => {
    const user_id = requirePerson(call.principal);
    await transact(call, ({ tx, org_id }) => sql.deleteNotificationWebhook.run({ org_id, user_id }, tx));
  },
});

const testWebhook = operation({
  name: 'test_notification_webhook',
  summary: 'Post a test message to your own Slack or Teams webhook now and show the answer.',
  http: { method: 'POST', path: '/notification_preferences/webhook/test' },
  cli: { command: 'notifications webhook test' },
  // A repeated test must post again.
  answers_secret: true,
  input: z.object({}),
  output: z.object({ host: z.string(), ok: z.literal(true).describe('the receiver answered 2xx'), status }),
  errors: 'not_found webhook_not_sent webhook_not_taken',
  text: (answer) => `${answer.host} answered ${answer.status}.`,
  run: async ({ context, principal }) => {
    const user_id = requirePerson(principal);
    const { org_id } = principal;
    const found = existing(
      await sql.getNotificationWebhook.one({ org_id, user_id }, context.db),
      'webhook',
      'Set one: touchline notifications webhook.',
    );
    const sender = presentSender(context.webhooks);
    const url = openSecret(context.secret, found.url, notificationUrlOwner(org_id, user_id));
    if (url === null) {
      throw notSent('The webhook’s URL cannot be decrypted with this TOUCHLINE_SECRET.', 'Set it again.');
    }
    const notice = {
      title: 'Test from Touchline',
      words: null,
      url: `${context.public_url}${PREFERENCES_PATH}`,
    };
    const answer = await sender.post(noticeRequest(found.form as NoticeForm, url, notice));
    const taken = takenStatus(answer, 'Check the URL and its form, then test again.');
    return { host: found.host, ok: true as const, status: taken };
  },
});

export const notificationPreferenceOperations = [get, put, putWebhook, testWebhook, deleteWebhook] as const;

async function shown(db: Queryable, org_id: string, user_id: string) {
  const kinds = [...NOTIFICATION_GROUPS];
  const items = await sql.notificationPreferences.run({ org_id, user_id, kinds }, db);
  const webhook = await sql.getNotificationWebhook.one({ org_id, user_id }, db);
  const failed = await sql.lastEmailFailure.one({ org_id, user_id }, db);
  const { notices_include_lead_text } = (await getOrganization.one({ org_id }, db))!;
  return {
    items: items as z.input<typeof preferences>['items'],
    webhook: webhook === undefined ? null : { ...webhook, form: webhook.form as NoticeForm },
    email_failed_at: failed?.settled_at ?? null,
    email_error: failed === undefined ? null : (failed.last_error ?? failed.status),
    includes_lead_text: notices_include_lead_text,
  };
}

function preferencesText({ items, webhook, email_failed_at }: z.output<typeof preferences>): string {
  const lines = items.map((one) => {
    return `${one.kind.padEnd(12)} email ${one.email.padEnd(8)} webhook ${one.webhook}`;
  });
  if (webhook === null) lines.push('No webhook. Set one: touchline notifications webhook URL --form slack');
  else {
    const failing = webhook.failing_since === null ? '' : `, failing since ${webhook.failing_since}`;
    lines.push(`Webhook: ${webhook.form} at ${webhook.host}${failing}`);
  }
  if (email_failed_at !== null) lines.push(`The latest email failed at ${email_failed_at}.`);
  return lines.join('\n');
}
