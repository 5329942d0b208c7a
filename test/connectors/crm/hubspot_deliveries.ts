import { createHmac } from 'node:crypto';
import { type Delivery, newQueue } from './double_queue.ts';
import type { Change } from './hubspot_objects.ts';
import type { HubspotWorld, Role } from './hubspot_world.ts';

/* Webhook deliveries of the HubSpot double: many events each, signed with the time. */

const NAMES: Readonly<Record<string, string>> = { contacts: 'contact', companies: 'company', '0-3': 'deal' };
/** HubSpot's maximum of events in one delivery. */
const EVENTS_MAX = 100;

type Waiting = { target_url: string; event: Record<string, unknown> };

export function newHubspotDeliveries(world: HubspotWorld) {
  const { setFaults, add, take } = newQueue<Waiting>(world.random, (waiting) => batches(world, waiting));
  return {
    setFaults,
    take,
    add(change: Change, role: Role) {
      const subscriptionType = `${NAMES[change.kind]}.${change.what}`;
      const { target_url } = world;
      if (target_url === null) return;
      for (const one of world.subscriptions)
        if (one.active && one.eventType === subscriptionType && one.propertyName === change.propertyName)
          add({ target_url, event: eventOf(world, change, one.id, subscriptionType, role) });
    },
  };
}

function eventOf(
  world: HubspotWorld,
  { id, propertyName, secondary }: Change,
  subscriptionId: number,
  subscriptionType: string,
  role: Role,
) {
  const objectId = Number(id);
  const merged =
    secondary === undefined
      ? {}
      : { primaryObjectId: objectId, mergedObjectIds: [Number(secondary)], newObjectId: objectId };
  const source =
    role === 'connector'
      ? { changeSource: 'INTEGRATION', sourceId: String(world.app_id) }
      : { changeSource: 'CRM_UI', sourceId: 'userId:7' };
  return {
    eventId: Math.floor(world.random() * 2 ** 31),
    subscriptionId,
    portalId: world.portal_id,
    appId: world.app_id,
    occurredAt: world.now_ms(),
    subscriptionType,
    attemptNumber: 0,
    objectId,
    ...(propertyName === undefined ? {} : { propertyName, propertyValue: '' }),
    ...merged,
    ...source,
  };
}

function batches(world: HubspotWorld, waiting: readonly Waiting[]): Delivery[] {
  const all: Delivery[] = [];
  for (const [target_url, own] of Map.groupBy(waiting, (one) => one.target_url))
    for (let index = 0; index < own.length; index += EVENTS_MAX) {
      const body = JSON.stringify(own.slice(index, index + EVENTS_MAX).map(({ event }) => event));
      const timestamp = String(world.now_ms());
      const signature = createHmac('sha256', world.client_secret)
        .update(`POST${target_url}${body}${timestamp}`)
        .digest('base64');
      const headers = {
        'content-type': 'application/json',
        'x-hubspot-signature-v3': signature,
        'x-hubspot-request-timestamp': timestamp,
      };
      all.push({ target_url, headers, body });
    }
  return all;
}
