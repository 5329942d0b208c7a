import { expect, test } from 'vitest';
import type { CrmDelivery, CrmEvent, CrmSubscription } from '../../../src/connectors/crm/port.ts';
import { type CrmBench, done, prepared } from './crm_bench.ts';

const UNKNOWN = '11111111-1111-4111-8111-111111111111';
const TARGET = 'https://touchline.example/api/crm/events';

async function subscribed(bench: CrmBench, known: CrmSubscription | null = null) {
  await prepared(bench);
  return await done(bench, () => bench.crm.ensureSubscription(TARGET, known));
}

/** Every event of the deliveries, which must be authentic. */
function eventsOf(
  bench: CrmBench,
  subscription: CrmSubscription,
  deliveries: readonly CrmDelivery[],
  own_actor_ids: readonly string[] = [],
): CrmEvent[] {
  return deliveries.flatMap((delivery) => {
    expect(bench.crm.isAuthentic(delivery, subscription, bench.now())).toBe(true);
    return bench.crm.readEvents(delivery, subscription, own_actor_ids) ?? [];
  });
}

export function eventCases(current: () => CrmBench): void {
  subscriptionCases(current);
  deliveryCases(current);
}

function subscriptionCases(current: () => CrmBench): void {
  test('a known subscription is kept', async () => {
    const bench = current();
    const first = await subscribed(bench);
    const writes = bench.writes();
    expect(await subscribed(bench, first)).toEqual(first);
    expect(bench.writes()).toBe(writes);
  });

  test.each([
    ['was not stored', () => null],
    ['was removed in the CRM', (first: CrmSubscription) => ({ ...first, subscription_id: UNKNOWN })],
  ])('a subscription that %s is replaced, and events arrive once', async (_, knownOf) => {
    const bench = current();
    const first = await subscribed(bench);
    const second = await subscribed(bench, knownOf(first));
    expect(second.subscription_id).not.toBe(UNKNOWN);
    const record_id = bench.user.createPerson('pat@acme.example');
    const events = eventsOf(bench, second, bench.takeDeliveries());
    expect(events.every((event) => event.record_id === record_id)).toBe(true);
    // Some CRMs report the first values of a record as changes, too.
    expect(events.filter(({ action }) => action === 'created')).toHaveLength(1);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  });

  test('only the exact signed body is authentic', async () => {
    const bench = current();
    const subscription = await subscribed(bench);
    bench.user.createPerson('pat@acme.example');
    const [delivery] = bench.takeDeliveries();
    const { crm } = bench;
    const now = bench.now();
    expect(crm.isAuthentic(delivery!, subscription, now)).toBe(true);
    const changed = Buffer.from(delivery!.raw_body);
    changed[changed.length - 2] = (changed[changed.length - 2] ?? 0) ^ 1;
    for (const raw_body of [changed, Buffer.alloc(0), Buffer.concat([delivery!.raw_body, Buffer.from(' ')])])
      expect(crm.isAuthentic({ ...delivery!, raw_body }, subscription, now)).toBe(false);
    expect(crm.isAuthentic(delivery!, { ...subscription, secret: 'other' }, now)).toBe(false);
    expect(crm.isAuthentic({ ...delivery!, headers: {} }, subscription, now)).toBe(false);
    const wrong = Object.fromEntries(Object.keys(delivery!.headers).map((name) => [name, 'é']));
    expect(crm.isAuthentic({ ...delivery!, headers: wrong }, subscription, now)).toBe(false);
  });

  test('a body that cannot be read has no events', async () => {
    const bench = current();
    const subscription = await subscribed(bench);
    for (const text of ['', 'null', '{}', '[', '[1]', '{"events":[]}', '"x"']) {
      const delivery = { method: 'POST', url: TARGET, headers: {}, raw_body: Buffer.from(text) };
      expect(bench.crm.readEvents(delivery, subscription, []) ?? []).toEqual([]);
    }
  });
}

function deliveryCases(current: () => CrmBench): void {
  test('events tell creation, update, deletion, and merge apart', async () => {
    const bench = current();
    const { user } = bench;
    const subscription = await subscribed(bench);
    const company_id = user.createCompany('Acme', 'acme.example');
    user.addDomain(company_id, 'acme-group.example');
    user.deleteRecord('company', company_id);
    const [one, two] = [user.createPerson('one@acme.example'), user.createPerson('two@acme.example')];
    bench.takeDeliveries().length;
    const again = user.createCompany('Acme', 'acme.example');
    user.addDomain(again, 'acme-group.example');
    user.deleteRecord('company', again);
    const survivor = user.merge('person', one, two);
    const events = eventsOf(bench, subscription, bench.takeDeliveries());
    const shown = events.map(({ object, record_id, action, merged_into }) => ({
      object,
      record_id,
      action,
      ...(merged_into === undefined ? {} : { merged_into }),
    }));
    for (const action of ['created', 'updated', 'deleted'])
      expect(shown).toContainEqual({ object: 'company', record_id: again, action });
    const merged = shown.filter(({ action }) => action === 'merged');
    const vanished = [one, two].filter((id) => id !== survivor).sort();
    expect(merged.map(({ record_id }) => record_id).sort()).toEqual(vanished);
    expect(merged.every(({ merged_into }) => merged_into === survivor)).toBe(true);
    expect(shown.some(({ object, action }) => object === 'person' && action === 'deleted')).toBe(false);
  });

  test('a repeated delivery has the same event ids; others differ', async () => {
    const bench = current();
    const subscription = await subscribed(bench);
    for (const index of [1, 2, 3]) bench.user.createPerson(`p${index}@acme.example`);
    const twice = eventsOf(bench, subscription, bench.takeDeliveries({ double: 100, shuffle: 100 }));
    const counts = Map.groupBy(twice, ({ event_id }) => event_id);
    const created = [...counts.values()].filter(([event]) => event!.action === 'created');
    expect(created).toHaveLength(3);
    for (const same of counts.values()) expect(same).toHaveLength(2);
    for (const same of counts.values()) expect(same[0]).toEqual(same[1]);
  });

  test('our own changes are marked, those of users are not', async () => {
    const bench = current();
    const { crm, user } = bench;
    const subscription = await subscribed(bench);
    const theirs = user.createPerson('user@acme.example');
    const at = bench.now();
    const note = { person_id: theirs, title: 'Email sent', text: 'Text', at, now: at, reference: 'touch-1' };
    const { actor_id } = await done(bench, () => crm.createActivity(note));
    const ours = await done(bench, () => crm.upsertPerson({ email_addresses: ['ours@acme.example'] }));
    const own = actor_id === null ? [] : [actor_id];
    const events = eventsOf(bench, subscription, bench.takeDeliveries(), own);
    const isOurs = (id: string) => events.find(({ record_id }) => record_id === id)!.is_ours;
    expect(isOurs(theirs)).not.toBe(true);
    expect(isOurs(ours.record_id)).not.toBe(false);
    if (actor_id !== null) expect([isOurs(theirs), isOurs(ours.record_id)]).toEqual([false, true]);
  });

  test('lost deliveries are found by paging', async () => {
    const bench = current();
    await subscribed(bench);
    const record_id = bench.user.createPerson('pat@acme.example');
    expect(bench.takeDeliveries({ lose: 100 })).toEqual([]);
    const page = await done(bench, () => bench.crm.pageRecords('person', null, 10));
    expect(page.records.map((record) => record.record_id)).toEqual([record_id]);
  });
}
