import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookRequest } from '../../connectors/connector.ts';
import type { Json } from '../../schema.gen.ts';

const PREFIX = 'whsec_';
/** Standard Webhooks: 24 to 64. */
const SECRET_BYTES = 32;

export type WebhookMessage = {
  /** The same for every attempt. */
  id: string;
  event: string;
  occurred_at: Date;
  data: Json;
};

/** A receiver's own secret, in the format of Standard Webhooks. */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** The owner to which a webhook's sealed secret is bound. */
export function webhookSecretOwner(org_id: string, webhook_id: string): readonly string[] {
  return ['webhook_secret', org_id, webhook_id];
}

/**
 * A message at `sent_at`, signed according to Standard Webhooks: HMAC-SHA256 over id, time, and body. The time is that of
 * the attempt, so a receiver can refuse old ones; the body has the time of the event.
 */
export function webhookRequest(
  { url, secret }: { url: string; secret: string },
  { id, event, occurred_at, data }: WebhookMessage,
  sent_at: Date,
): WebhookRequest {
  const body = JSON.stringify({ type: event, timestamp: occurred_at.toISOString(), data });
  const timestamp = String(Math.floor(sent_at.getTime() / 1_000));
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Touchline',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  return { url, headers, body };
}
