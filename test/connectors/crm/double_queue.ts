import { request } from 'node:https';

/* Webhook deliveries of a double: as told, twice, in another order, or not at all. */

export type Delivery = { target_url: string; headers: Record<string, string>; body: string };

/** Percent of deliveries. `shuffle` moves a delivery to a random place. */
export type DeliveryFaults = Partial<Record<'double' | 'shuffle' | 'lose', number>>;

const ANSWER_MS = 5_000;

/** `deliver` makes deliveries of the events that wait. */
export function newQueue<E>(random: () => number, deliver: (events: E[]) => Delivery[]) {
  const waiting: E[] = [];
  let faults: DeliveryFaults = {};
  const hits = (percent = 0) => random() * 100 < percent;
  return {
    setFaults(next: DeliveryFaults) {
      faults = next;
    },
    add: (event: E) => void waiting.push(event),
    /** Empties the queue. */
    take(): Delivery[] {
      const kept = deliver(waiting.splice(0)).filter(() => !hits(faults.lose));
      const all = kept.flatMap((delivery) => (hits(faults.double) ? [delivery, delivery] : [delivery]));
      for (const [index, delivery] of all.entries()) {
        if (!hits(faults.shuffle)) continue;
        const other = Math.floor(random() * all.length);
        [all[index], all[other]] = [all[other]!, delivery];
      }
      return all;
    },
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
