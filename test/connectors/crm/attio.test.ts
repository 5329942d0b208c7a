import { expect, test } from 'vitest';
import { startAttioBench } from './attio_bench.ts';
import { crmConformance } from './conformance.ts';
import { done } from './crm_bench.ts';

crmConformance(startAttioBench);

test('a merge that keeps the primary record names it as the survivor', async () => {
  const bench = await startAttioBench(1);
  const { crm, user, double } = bench;
  const target_url = 'https://touchline.example/api/crm/events';
  const subscription = await done(bench, () => crm.ensureSubscription(target_url, null));
  const [one, two] = [user.createPerson('one@acme.example'), user.createPerson('two@acme.example')];
  bench.takeDeliveries();
  double.merge('people', one, two, true);
  const events = bench
    .takeDeliveries()
    .flatMap((delivery) => crm.readEvents(delivery, subscription, []) ?? []);
  expect(events).toMatchObject([{ object: 'person', record_id: two, action: 'merged', merged_into: one }]);
  expect(await crm.readRecord('person', one)).toMatchObject({ kind: 'ok' });
  expect(await crm.readRecord('person', two)).toMatchObject({ kind: 'missing' });
  await crm.close();
  await bench.stop();
});

test('Attio counts reads and writes apart', async () => {
  const bench = await startAttioBench(1);
  const { crm } = bench;
  const kinds = [];
  for (let index = 0; index < 130; index += 1) kinds.push((await crm.check()).kind);
  expect(kinds.filter((kind) => kind === 'ok')).toHaveLength(100);
  expect(await crm.upsertPerson({ email_addresses: ['pat@acme.example'] })).toMatchObject({ kind: 'ok' });
  bench.advance(999);
  expect(await crm.check()).toMatchObject({ kind: 'limited' });
  bench.advance(1);
  expect(await crm.check()).toMatchObject({ kind: 'ok' });
  await crm.close();
  await bench.stop();
});
