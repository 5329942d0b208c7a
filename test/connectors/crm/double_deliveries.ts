import { createHmac } from 'node:crypto';
import { request } from 'node:https';
import type { Change } from './double_records.ts';
import type { Actor, DoubleWorld } from './double_world.ts';

/* Webhook deliveries of the double: signed as Attio signs them, and, as told, twice, in another order, or not at all. */

export type Delivery = { target_url: string; headers: Record<string, string>; body: string };

/** Percent of deliveries. `shuffle` moves a delivery to a random place. */
export type DeliveryFaults = Partial<Record<'double' | 'shuffle' | 'lose', number>>;

const ANSWER_MS = 5_000;

export function newDeliveries(world: DoubleWorld) {
  const waiting: Delivery[] = [];
  let faults: DeliveryFaults = {};
  const hits = (percent = 0) => world.random() * 100 < percent;
  return {
    setFaults(next: DeliveryFaults) {
      faults = next;
    },
    add(change: Change, actor: Actor) {
      for (const { webhook_id, target_url, secret, subscriptions } of world.webhooks)
        if (subscriptions.some(({ event_type }) => event_type === change.event_type))
          waiting.push(signed(world, { webhook_id, target_url, secret }, change, actor));
    },
    /** Empties the queue. */
    take(): Delivery[] {
      const kept = waiting.splice(0).filter(() => !hits(faults.lose));
      const all = kept.flatMap((delivery) => (hits(faults.double) ? [delivery, delivery] : [delivery]));
      for (const [index, delivery] of all.entries()) {
        if (!hits(faults.shuffle)) continue;
        const other = Math.floor(world.random() * all.length);
        [all[index], all[other]] = [all[other]!, delivery];
      }
      return all;
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

/** The receiver's status; 0 without an answer. Any certificate passes: receivers are on this machine. */
export function post({ target_url, headers, body }: Delivery): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const options = {
    method: 'POST',
    headers,
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(ANSWER_MS),
  };
  const sent = request(target_url, options, (answer) => {
    answer.resume();
    resolve(answer.statusCode ?? 0);
  });
  sent.on('error', () => resolve(0));
  sent.end(body);
  return promise;
}
