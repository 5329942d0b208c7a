import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { parsedJson } from './crm_json.ts';
import type { HubspotCalls } from './hubspot_calls.ts';
import type { HubspotClient } from './hubspot_requests.ts';
import { delivery } from './hubspot_shapes.ts';
import { NAME_OF, PROPERTIES } from './hubspot_values.ts';
import type {
  Crm,
  CrmApp,
  CrmDelivery,
  CrmEvent,
  CrmOptions,
  CrmOutcome,
  CrmPlace,
  CrmSubscription,
} from './port.ts';
import type { CrmObject } from './records.ts';

/** HubSpot's own rule for the age of a signed delivery, which also bounds a clock that is ahead. */
const AGE_MAX_MS = 5 * 60_000;
const REQUESTS_AT_ONCE = 10;

type Wanted = z.input<HubspotCalls['create_subscription']['request']>;

/**
 * An app has one URL and one secret, which HubSpot shows only to its owner. `ensureSubscription` moves the URL here and adds
 * the missing subscriptions: one for each property, since HubSpot reports no other changes.
 */
export function hubspotWebhooks(
  client: HubspotClient,
  { app_id, client_secret, fields = [] }: CrmApp & Pick<CrmOptions, 'fields'>,
): Pick<Crm, 'ensureSubscription' | 'isAuthentic' | 'readEvents'> {
  const params = { app_id };
  return {
    async ensureSubscription(target_url) {
      const settings = await client.call('get_settings', { params });
      const is_new = settings.kind === 'refused' && settings.status === 404;
      if (settings.kind !== 'ok' && !is_new) return settings;
      if (settings.kind !== 'ok' || settings.value.targetUrl !== target_url) {
        const throttling = { maxConcurrentRequests: REQUESTS_AT_ONCE };
        const put = await client.call('put_settings', {
          params,
          body: { targetUrl: target_url, throttling },
        });
        if (put.kind !== 'ok') return put;
      }
      const failed = await subscribe(client, app_id, fields);
      if (failed !== null) return failed;
      return {
        kind: 'ok',
        value: { subscription_id: app_id, target_url, secret: client_secret, object_ids: NAME_OF },
      };
    },
    isAuthentic,
    readEvents,
  };
}

async function subscribe(
  client: HubspotClient,
  app_id: string,
  fields: readonly CrmPlace[],
): Promise<CrmOutcome<never> | null> {
  const all = await client.call('list_subscriptions', { params: { app_id } });
  if (all.kind !== 'ok') return all;
  for (const wanted of wantedOf(fields)) {
    const has = all.value.results.find(
      ({ eventType, propertyName }) =>
        eventType === wanted.eventType && (propertyName ?? '') === (wanted.propertyName ?? ''),
    );
    if (has?.active === true) continue;
    const done =
      has === undefined
        ? await client.call('create_subscription', { params: { app_id }, body: { active: true, ...wanted } })
        : await client.call('change_subscription', {
            params: { app_id, subscription_id: has.id },
            body: { active: true },
          });
    if (done.kind !== 'ok') return done;
  }
  return null;
}

function wantedOf(fields: readonly CrmPlace[]): Omit<Wanted, 'active'>[] {
  return (Object.keys(NAME_OF) as CrmObject[]).flatMap((object) => wantedOfObject(object, fields));
}

function wantedOfObject(object: CrmObject, fields: readonly CrmPlace[]): Omit<Wanted, 'active'>[] {
  const name = NAME_OF[object];
  const own = fields.filter((place) => place.object === object).map(({ slug }) => slug);
  const properties = [...new Set([...PROPERTIES[object], ...own])];
  return [
    { eventType: `${name}.creation` },
    { eventType: `${name}.deletion` },
    { eventType: `${name}.merge` },
    ...(name === 'company' ? [] : [{ eventType: `${name}.associationChange` as const }]),
    ...properties.map((propertyName) => ({ eventType: `${name}.propertyChange` as const, propertyName })),
  ];
}

/** Version 3 of HubSpot's signature: HMAC-SHA256 of method, URL, body, and time, in base64. */
function isAuthentic(
  { method, url, headers, raw_body }: CrmDelivery,
  { secret }: CrmSubscription,
  now: string,
): boolean {
  const given = headers['x-hubspot-signature-v3'] ?? '';
  const timestamp = headers['x-hubspot-request-timestamp'] ?? '';
  if (!/^[A-Za-z0-9+/]{43}=$/.test(given) || !/^\d{1,16}$/.test(timestamp)) return false;
  if (Math.abs(Date.parse(now) - Number(timestamp)) > AGE_MAX_MS) return false;
  const own = createHmac('sha256', secret)
    .update(`${method}${decoded(url)}`)
    .update(raw_body)
    .update(timestamp);
  return timingSafeEqual(own.digest(), Buffer.from(given, 'base64'));
}

/** HubSpot signs a URL in which exactly these characters are decoded. */
function decoded(url: string): string {
  return url.replace(/%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (code) => decodeURIComponent(code));
}

type Event = z.output<typeof delivery>[number];

function readEvents(
  { raw_body }: CrmDelivery,
  subscription: CrmSubscription,
  own_actor_ids: readonly string[],
): CrmEvent[] | null {
  const body = delivery.safeParse(parsedJson(raw_body.toString('utf8')));
  if (!body.success) return null;
  const names = new Map(
    Object.entries(subscription.object_ids).map(([object, name]) => [name, object as CrmObject]),
  );
  return body.data.flatMap((event) => {
    const [name = '', what = ''] = event.subscriptionType.split('.');
    const object = names.get(name);
    if (object === undefined) return [];
    // HubSpot's ids of events are not unique; the number of the attempt is the only part that a repetition changes.
    const { portalId, subscriptionId, eventId, occurredAt, changeSource, sourceId } = event;
    const key = `${portalId}:${subscriptionId}:${eventId}:${occurredAt}`;
    const author =
      changeSource === undefined
        ? {}
        : { is_ours: changeSource === 'INTEGRATION' && own_actor_ids.includes(sourceId ?? '') };
    const at = new Date(occurredAt).toISOString();
    return actionsOf(event, what).map((action) => ({
      event_id: `${key}:${action.record_id}`,
      object,
      at,
      ...action,
      ...author,
    }));
  });
}

function actionsOf(event: Event, what: string): Pick<CrmEvent, 'record_id' | 'action' | 'merged_into'>[] {
  const id = event.objectId ?? event.fromObjectId;
  if (what === 'merge') {
    const survivor = event.newObjectId ?? event.primaryObjectId ?? id;
    const all = new Set([...(event.mergedObjectIds ?? []), event.primaryObjectId]);
    const vanished = [...all].filter((one) => one !== undefined && one !== survivor);
    if (survivor === undefined) return [];
    return vanished.map((one) => ({
      record_id: String(one),
      action: 'merged' as const,
      merged_into: String(survivor),
    }));
  }
  if (id === undefined) return [];
  const record_id = String(id);
  if (what === 'creation') return [{ record_id, action: 'created' }];
  if (what === 'deletion' || what === 'privacyDeletion') return [{ record_id, action: 'deleted' }];
  return what === 'propertyChange' || what === 'associationChange' ? [{ record_id, action: 'updated' }] : [];
}
