import { afterEach, expect, test } from 'vitest';
import { hubspotCrm } from '../../../src/connectors/crm/hubspot.ts';
import { startHubspotDouble } from '../hubspot_double.ts';
import { crmConformance } from './conformance.ts';
import { stored } from './conformance_records.ts';
import { done, prepared, settled } from './crm_bench.ts';
import { startHubspotBench } from './hubspot_bench.ts';

crmConformance(startHubspotBench);

const TARGET = 'https://touchline.example/api/crm/events';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function started() {
  const bench = await startHubspotBench(1);
  closers.push(
    () => bench.crm.close(),
    () => bench.stop(),
  );
  return bench;
}

test('a merged record reads as its survivor, and writes to its old id are missing', async () => {
  const { crm, user } = await started();
  const [one, two] = [user.createDeal('One'), user.createDeal('Two')];
  user.merge('deal', one, two);
  expect(await crm.readRecord('deal', two)).toEqual({ kind: 'merged', merged_into: one });
  expect(await crm.changeDeal(two, { name: 'Three' })).toMatchObject({ kind: 'missing' });
  expect(await crm.deleteRecord('deal', two)).toMatchObject({ kind: 'missing' });
  expect(await crm.readRecord('deal', one)).toMatchObject({ kind: 'ok', value: { name: 'One' } });
});

test('a limit has no instant, and its kind is ten seconds or a day', async () => {
  let now_ms = Date.UTC(2027, 0, 11, 9);
  const limits = { burst: 3, day: 5 };
  const { world, url, close } = await startHubspotDouble({ now_ms: () => now_ms, limits });
  const { api_key, client_secret } = world;
  const crm = hubspotCrm({ api_key, client_secret, app_id: String(world.app_id), base_url: url });
  closers.push(() => crm.close(), close);
  for (const _ of [1, 2, 3]) expect(await crm.check()).toMatchObject({ kind: 'ok' });
  expect(await crm.check()).toMatchObject({ kind: 'limited', until: null, per: 'burst' });
  now_ms += 10_000;
  for (const _ of [1, 2]) expect(await crm.check()).toMatchObject({ kind: 'ok' });
  expect(await crm.check()).toMatchObject({ kind: 'limited', until: null, per: 'day' });
  now_ms += 24 * 3_600_000;
  expect(await crm.check()).toMatchObject({ kind: 'ok' });
});

test('stages say their end, and a move to another pipeline names the pipeline', async () => {
  const bench = await started();
  const { crm, user, double } = bench;
  const { stages } = await done(bench, () => crm.describe());
  expect(stages.map(({ pipeline_id, title, end }) => [pipeline_id, title, end])).toEqual([
    ['default', 'Appointment', 'open'],
    ['default', 'Bought', 'won'],
    ['default', 'Gone', 'lost'],
    ['7001', 'Due', 'open'],
    ['7001', 'Renewed', 'won'],
  ]);
  expect(stages.every(({ is_end_certain }) => is_end_certain)).toBe(true);
  const record_id = user.createDeal('Acme');
  await done(bench, () => crm.changeDeal(record_id, { stage_id: '7003' }));
  expect(double.journal.at(-1)!.body).toEqual({ properties: { pipeline: '7001', dealstage: '7003' } });
  const unknown = await crm.changeDeal(record_id, { stage_id: 'nowhere' });
  expect(unknown).toMatchObject({ kind: 'refused', status: null, path: 'stage_id' });
});

test('an account with several currencies has the currency of each deal', async () => {
  const bench = await started();
  bench.double.world.other_currencies = ['EUR'];
  const record_id = bench.user.createDeal('Acme');
  for (const currency of ['EUR', 'USD']) {
    await done(bench, () => bench.crm.changeDeal(record_id, { amount: { value: 5.25, currency } }));
    expect((await stored(bench, 'deal', record_id)).amount).toEqual({ value: 5.25, currency });
  }
  expect((await done(bench, () => bench.crm.describe())).deal_currency).toBe(null);
});

test('a delivery is authentic for five minutes, at its own URL only', async () => {
  const bench = await started();
  const { crm, user } = bench;
  await prepared(bench);
  const target_url = `${TARGET}?of=a:b`;
  const subscription = await done(bench, () => crm.ensureSubscription(target_url, null));
  user.createPerson('pat@acme.example');
  const [delivery] = bench.takeDeliveries();
  const at = (ms: number) => new Date(Date.parse(bench.now()) + ms).toISOString();
  const isAuthentic = (change: object, now = bench.now()) =>
    crm.isAuthentic({ ...delivery!, ...change }, subscription, now);
  expect([isAuthentic({}), isAuthentic({}, at(300_000)), isAuthentic({}, at(300_001))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(isAuthentic({}, at(-300_001))).toBe(false);
  expect(isAuthentic({ url: `${TARGET}?of=a%3Ab` })).toBe(true);
  expect(isAuthentic({ url: TARGET })).toBe(false);
  expect(isAuthentic({ method: 'PUT' })).toBe(false);
  const headers = { ...delivery!.headers, 'x-hubspot-request-timestamp': String(Date.parse(at(1))) };
  expect(isAuthentic({ headers })).toBe(false);
});

test('deliveries have up to 100 events, and a subscription that was paused is resumed', async () => {
  const bench = await started();
  const { crm, user, double } = bench;
  await prepared(bench);
  const known = await done(bench, () => crm.ensureSubscription(TARGET, null));
  for (const one of double.world.subscriptions) one.active = false;
  expect(await done(bench, () => crm.ensureSubscription(TARGET, known))).toEqual(known);
  for (let index = 0; index < 75; index += 1) user.createPerson(`p${index}@acme.example`);
  const events = bench.takeDeliveries().map((delivery) => crm.readEvents(delivery, known, []) ?? []);
  expect(events.map(({ length }) => length)).toEqual([100, 50]);
  expect(new Set(events.flat().map(({ event_id }) => event_id)).size).toBe(150);
});

test('a second number is kept apart, and a third is left out', async () => {
  const bench = await started();
  const { crm, user } = bench;
  const record_id = user.createPerson('pat@acme.example');
  user.addPhoneNumber(record_id, '+12025550101');
  const phone_numbers = ['+12025550102', '+12025550103'];
  await done(bench, () => crm.upsertPerson({ email_addresses: ['pat@acme.example'], phone_numbers }));
  const person = await stored(bench, 'person', record_id);
  expect(person.phone_numbers).toEqual(['+12025550101', '+12025550102']);
});

test('a company that a user has just made is found only after the lag of the search', async () => {
  const bench = await started();
  const { crm, user } = bench;
  await prepared(bench);
  const theirs = user.createCompany('Acme', 'acme.example');
  settled(bench);
  const found = await done(bench, () => crm.upsertCompany({ domains: ['acme.example'] }));
  expect(found.record_id).toBe(theirs);
  // The reference now finds the company at once, also after the user changes its domain.
  const again = await done(bench, () => crm.upsertCompany({ domains: ['acme.example'], name: 'New' }));
  expect(again.record_id).toBe(theirs);
  user.createCompany('Late', 'late.example');
  const late = await done(bench, () => crm.upsertCompany({ domains: ['late.example'] }));
  expect(bench.double.world.records.get(late.record_id)!.source).toBe('connector');
});

test('a company becomes the primary one, and others stay', async () => {
  const bench = await started();
  const { crm, user, double } = bench;
  const record_id = user.createPerson('pat@acme.example');
  const [one, two] = [user.createCompany('One', 'one.example'), user.createCompany('Two', 'two.example')];
  const person = { record_id, email_addresses: ['pat@acme.example'] };
  for (const company_id of [one, two, two, one])
    await done(bench, () => crm.upsertPerson({ ...person, company_id }));
  expect((await stored(bench, 'person', record_id)).company_id).toBe(one);
  expect(double.world.links.map(({ to, type_ids }) => [to, type_ids.sort()])).toEqual([
    [one, [1, 279]],
    [two, [279]],
  ]);
  expect(double.journal.filter(({ actor }) => actor === 'app')).toHaveLength(3);
});

test('text of a note is HTML to HubSpot', async () => {
  const bench = await started();
  const { crm, user, double } = bench;
  const person_id = user.createPerson('pat@acme.example');
  const at = bench.now();
  const reference = 'touch<1>&2';
  const note = { person_id, title: 'A & B', text: 'One <two>\r\nthree', at, now: at, reference };
  const made = await done(bench, () => crm.createActivity(note));
  const { properties } = double.journal.at(-1)!.body as { properties: Record<string, string> };
  expect(properties.hs_note_body).toBe(
    'A &amp; B<br><br>One &lt;two&gt;<br>three<br><br>Touchline reference: touch&lt;1&gt;&amp;2',
  );
  expect(await done(bench, () => crm.findActivity(person_id, reference))).toEqual(made);
});

test.each(['', '0', '12a', '-1', 'x'])('the app id %j is refused', (app_id) => {
  expect(() => hubspotCrm({ api_key: 'key', client_secret: 'secret', app_id })).toThrow(
    expect.objectContaining({ code: 'crm_app_invalid' }),
  );
});

test('a key that HubSpot repeats is hidden', async () => {
  const { world, url, close } = await startHubspotDouble({ seed: 1 });
  world.scopes = [];
  const key = world.api_key;
  const crm = hubspotCrm({ api_key: key, client_secret: 'secret', app_id: '1', base_url: url });
  closers.push(() => crm.close(), close);
  world.app_id = 1;
  world.scopes = [key];
  expect(JSON.stringify(await crm.check())).not.toContain(key);
});

test('links beyond those that HubSpot answers with a record are read, too', async () => {
  const bench = await started();
  const { crm, user } = bench;
  const deal_id = user.createDeal('Acme');
  const people = ['a', 'b', 'c', 'd'].map((name) => user.createPerson(`${name}@acme.example`));
  for (const person_id of people) user.linkPerson(deal_id, person_id);
  expect((await stored(bench, 'deal', deal_id)).person_ids).toEqual(people);
  const page = await done(bench, () => crm.pageRecords('deal', null, 10));
  expect(page.records).toMatchObject([{ person_ids: people }]);
  const [record_id = ''] = people;
  const person = { record_id, email_addresses: ['a@acme.example'] };
  const companies = ['a', 'b', 'c'].map((name) => user.createCompany(name, `${name}.example`));
  for (const company_id of companies) await done(bench, () => crm.upsertPerson({ ...person, company_id }));
  expect((await stored(bench, 'person', record_id)).company_id).toBe(companies.at(-1));
});

test('searches have a limit of their own, and nothing is written beyond it', async () => {
  const bench = await started();
  await prepared(bench);
  const before = bench.writes();
  bench.advance(10_000);
  const upsert = (index: number) => bench.crm.upsertCompany({ domains: [`acme${index}.example`] });
  for (const index of [1, 2, 3, 4, 5]) expect(await upsert(index)).toMatchObject({ kind: 'ok' });
  expect(await upsert(6)).toMatchObject({ kind: 'limited', until: null, per: 'burst' });
  expect(bench.writes()).toBe(before + 5);
  bench.advance(1_000);
  expect(await upsert(6)).toMatchObject({ kind: 'ok' });
});
