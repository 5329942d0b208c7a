import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import type { AttioClient } from './attio_requests.ts';
import { delivery } from './attio_shapes.ts';
import { SLUG_OF } from './attio_values.ts';
import { parsedJson } from './crm_json.ts';
import type { Crm, CrmDelivery, CrmEvent, CrmOutcome, CrmSubscription } from './port.ts';
import type { CrmObject } from './records.ts';

const EVENT_TYPES = ['record.created', 'record.updated', 'record.deleted', 'record.merged'] as const;
const WEBHOOK_PAGE = 100;
const WEBHOOK_PAGES_MAX = 20;

type Webhook = { webhook_id: string; target_url: string; is_fit: boolean };

export function attioWebhooks(
  client: AttioClient,
): Pick<Crm, 'ensureSubscription' | 'isAuthentic' | 'readEvents'> {
  return {
    async ensureSubscription(target_url, known) {
      const all = await webhooksOf(client);
      if (all.kind !== 'ok') return all;
      const own = all.value.filter((webhook) => webhook.target_url === target_url);
      const kept = own.find(({ webhook_id, is_fit }) => is_fit && webhook_id === known?.subscription_id);
      for (const { webhook_id } of own.filter((webhook) => webhook !== kept)) {
        const gone = await client.call('delete_webhook', { params: { webhook_id } });
        if (gone.kind !== 'ok' && gone.kind !== 'missing') return gone;
      }
      return kept !== undefined && known !== null
        ? { kind: 'ok', value: known }
        : await subscribe(client, target_url);
    },
    isAuthentic,
    readEvents,
  };
}

async function webhooksOf(client: AttioClient): Promise<CrmOutcome<Webhook[]>> {
  const all: Webhook[] = [];
  for (let index = 0; index < WEBHOOK_PAGES_MAX; index += 1) {
    const query = { limit: WEBHOOK_PAGE, offset: index * WEBHOOK_PAGE };
    const got = await client.call('list_webhooks', { query });
    if (got.kind !== 'ok') return got;
    const page = got.value.data.map(({ id, target_url, status, subscriptions }) => {
      const types = subscriptions.map(({ event_type }) => event_type);
      const is_fit = status !== 'inactive' && EVENT_TYPES.every((type) => types.includes(type));
      return { webhook_id: id.webhook_id, target_url, is_fit };
    });
    all.push(...page);
    if (page.length < WEBHOOK_PAGE) break;
  }
  return { kind: 'ok', value: all };
}

/** Reads the ids of objects first, so that no subscription is made whose events cannot be read. */
async function subscribe(client: AttioClient, target_url: string): Promise<CrmOutcome<CrmSubscription>> {
  const objects = await client.call('list_objects', {});
  if (objects.kind !== 'ok') return objects;
  const object_ids: CrmSubscription['object_ids'] = {};
  for (const object of Object.keys(SLUG_OF) as CrmObject[]) {
    const found = objects.value.data.find(({ api_slug }) => api_slug === SLUG_OF[object]);
    if (found !== undefined) object_ids[object] = found.id.object_id;
  }
  const made = await client.call('create_webhook', {
    body: {
      data: {
        target_url,
        subscriptions: EVENT_TYPES.map((event_type) => ({ event_type, filter: null })),
      },
    },
  });
  if (made.kind !== 'ok') return made;
  const { id, secret } = made.value.data;
  return { kind: 'ok', value: { subscription_id: id.webhook_id, target_url, secret, object_ids } };
}

/** Attio signs the body with HMAC-SHA256, in hex. There is no signed time, so an old delivery stays authentic. */
function isAuthentic({ headers, raw_body }: CrmDelivery, { secret }: CrmSubscription): boolean {
  const given = headers['attio-signature'] ?? '';
  if (!/^[0-9a-f]{64}$/i.test(given)) return false;
  const own = createHmac('sha256', secret).update(raw_body).digest();
  return timingSafeEqual(own, Buffer.from(given, 'hex'));
}

type Event = z.output<typeof delivery>['events'][number];

function readEvents(
  received: CrmDelivery,
  subscription: CrmSubscription,
  own_actor_ids: readonly string[],
): CrmEvent[] | null {
  const body = delivery.safeParse(parsedJson(received.raw_body.toString('utf8')));
  if (!body.success || body.data.webhook_id !== subscription.subscription_id) return null;
  const names = new Map(
    Object.entries(subscription.object_ids).map(([object, id]) => [id, object as CrmObject]),
  );
  // The key is stable over retries. A proxy may drop it; the body is then as unique.
  const key =
    received.headers['idempotency-key'] ?? createHash('sha256').update(received.raw_body).digest('hex');
  return body.data.events.flatMap((event, index) => {
    const object = names.get(event.id.object_id ?? '');
    const known = object === undefined ? null : eventOf(event, object);
    if (known === null) return [];
    const actor_id = event.actor?.id;
    const author = typeof actor_id === 'string' ? { is_ours: own_actor_ids.includes(actor_id) } : {};
    return [{ event_id: `${key}:${index}`, at: null, ...known, ...author }];
  });
}

function eventOf(event: Event, object: CrmObject): Omit<CrmEvent, 'event_id' | 'at' | 'is_ours'> | null {
  const { record_id } = event.id;
  const [, action] = /^record\.(created|updated|deleted|merged)$/.exec(event.event_type) ?? [];
  if (record_id === undefined || action === undefined) return null;
  if (action !== 'merged') return { object, record_id, action: action as CrmEvent['action'] };
  const vanished = event.duplicate_record_id;
  return vanished === undefined ? null : { object, record_id: vanished, action, merged_into: record_id };
}
