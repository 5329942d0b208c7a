import { expect, test } from 'vitest';
import { attioCrm } from '../../../src/connectors/crm/attio.ts';
import { startAttioDouble } from '../attio_double.ts';
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

test('a workspace without deals is refused with its place', async () => {
  const bench = await startAttioBench(1);
  bench.double.world.objects.delete('deals');
  const refused = { kind: 'refused', status: 404, path: 'deals' };
  expect(await bench.crm.describe()).toMatchObject(refused);
  expect(await bench.crm.planAttributes()).toMatchObject(refused);
  const deal = {
    reference: 'd',
    name: 'd',
    stage_id: 'Lead',
    owner_id: bench.double.world.members[0]!.id,
    person_ids: [],
  };
  expect(await bench.crm.ensureDeal(deal)).toMatchObject(refused);
  await bench.crm.close();
  await bench.stop();
});

test('the hook runs before each request with its kind, and its throw ends the call', async () => {
  const { world, url, close } = await startAttioDouble({ seed: 1 });
  const kinds: string[] = [];
  const beforeRequest = async (kind: 'read' | 'write') => {
    if (kinds.length === 3) throw new Error('stop');
    kinds.push(kind);
  };
  const crm = attioCrm({ api_key: world.api_key, base_url: url, beforeRequest });
  const person = { email_addresses: ['pat@acme.example'], phone_numbers: ['+12025550101'] };
  expect(await crm.upsertPerson(person)).toMatchObject({ kind: 'ok' });
  expect(kinds).toEqual(['write', 'read', 'write']);
  await expect(crm.check()).rejects.toThrow('stop');
  await crm.close();
  await close();
});

test('a scope to write includes the scope to read', async () => {
  const bench = await startAttioBench(1);
  const { world } = bench.double;
  world.scopes = world.scopes.map((scope) =>
    scope.replace(/^user_management:read$/, 'user_management:read-write'),
  );
  expect(await bench.crm.check()).toMatchObject({ kind: 'ok', value: { missing_scopes: [] } });
  await bench.crm.close();
  await bench.stop();
});

test('a user who copied our reference is not one of our actors', async () => {
  const bench = await startAttioBench(1);
  const { crm, double } = bench;
  const parent_record_id = bench.user.createPerson('pat@acme.example');
  const content = `Copied: ${crm.referenceLine('touch-1')}.`;
  double.asMember('POST', '/v2/notes', {
    data: { parent_object: 'people', parent_record_id, title: 'Copy', format: 'plaintext', content },
  });
  const found = await crm.findActivity(parent_record_id, 'touch-1');
  expect(found).toMatchObject({ kind: 'ok', value: { actor_id: null } });
  await crm.close();
  await bench.stop();
});

test('an update sends only links and addresses that the record lacks', async () => {
  const bench = await startAttioBench(1);
  const { crm, user, double } = bench;
  const [one, two] = [user.createPerson('one@acme.example'), user.createPerson('two@acme.example')];
  const deal_id = user.createDeal('Acme');
  user.linkPerson(deal_id, one);
  await done(bench, () => crm.changeDeal(deal_id, { person_ids: [one, two] }));
  expect(double.journal.at(-1)!.body).toEqual({
    data: { values: { associated_people: [{ target_object: 'people', target_record_id: two }] } },
  });
  const email_addresses = ['One@acme.example', 'new@acme.example'];
  await done(bench, () => crm.upsertPerson({ record_id: one, email_addresses }));
  expect(double.journal.at(-1)!.body).toEqual({
    data: { values: { email_addresses: [{ email_address: 'new@acme.example' }] } },
  });
  await crm.close();
  await bench.stop();
});
