import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookRequest } from '../../connectors/webhook_port.ts';
import type { Json } from '../../schema.gen.ts';

const PREFIX = 'whsec_';
/** Standard Webhooks: 24 to 64. */
const SECRET_BYTES = 32;

export type WebhookMessage = {
  /** The same at every try. */
  id: string;
  event: string;
  occurred_at: Date;
  data: Json;
};

/** A secret of the receiver's own, as Standard Webhooks writes it. */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** What a webhook's sealed secret is bound to. */
export function webhookSecretOwner(org_id: string, webhook_id: string): readonly string[] {
  return ['webhook_secret', org_id, webhook_id];
}

/**
 * A message as it goes out at `sent_at`, signed as Standard Webhooks has it: HMAC-SHA256 over id, time and body. The time is
 * that of the try, so that a receiver can refuse what is old; the body says when it happened.
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
