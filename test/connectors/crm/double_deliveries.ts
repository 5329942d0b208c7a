import { createHmac } from 'node:crypto';
import { type Delivery, newQueue } from './double_queue.ts';
import type { Change } from './double_records.ts';
import type { Actor, DoubleWorld } from './double_world.ts';

/* Webhook deliveries of the Attio double: one event each, signed as Attio signs them. */

export function newDeliveries(world: DoubleWorld) {
  const { setFaults, add, take } = newQueue<Delivery>(world.random, (deliveries) => deliveries);
  return {
    setFaults,
    take,
    add(change: Change, actor: Actor) {
      for (const { webhook_id, target_url, secret, subscriptions } of world.webhooks)
        if (subscriptions.some(({ event_type }) => event_type === change.event_type))
          add(signed(world, { webhook_id, target_url, secret }, change, actor));
    },
  };
}

function signed(
  world: DoubleWorld,
  { webhook_id, target_url, secret }: { webhook_id: string; target_url: string; secret: string },
  { event_type, object, record_id, duplicate_record_id }: Change,
  actor: Actor,
): Delivery {
  const { workspace_id } = world;
  const object_id = world.objects.get(object);
  const merged =
    duplicate_record_id === undefined ? {} : { duplicate_object_id: object_id, duplicate_record_id };
  const updated = event_type === 'record.updated' ? { attribute_id: world.uuid() } : {};
  const id = { workspace_id, object_id, record_id, ...updated };
  const body = JSON.stringify({ webhook_id, events: [{ event_type, id, ...merged, actor }] });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return {
    target_url,
    headers: {
      'content-type': 'application/json',
      'attio-signature': signature,
      'x-attio-signature': signature,
      'idempotency-key': world.uuid(),
    },
    body,
  };
}
