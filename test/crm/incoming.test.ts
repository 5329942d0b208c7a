import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { DAY_MS } from '../world.ts';
import { type IncomingWorld, incomingWorld } from './incoming_world.ts';

const { db } = await testDatabase();
let world: IncomingWorld;

beforeEach(async () => {
  world = await incomingWorld(db);
  await world.read();
});
afterEach(() => world.stop());

const events = () => world.rows<Record<string, unknown>>('crm_events');
const person = (email: string, more: Record<string, unknown> = {}) =>
  world.create('person', { email_addresses: [email], ...more });

it('a wrong signature is refused and nothing is kept; the right one is kept once', async () => {
  person('ada@acme.example');
  const [delivery] = world.double.takeDeliveries();
  expect(await world.post(delivery!, `${delivery!.body} `)).toBe(401);
  const headers = { ...delivery!.headers, 'attio-signature': '0'.repeat(64) };
  expect(await world.post({ ...delivery!, headers })).toBe(401);
  const elsewhere = delivery!.target_url.replace(/[^/]+$/, 'A'.repeat(43));
  expect(await world.post({ ...delivery!, target_url: elsewhere })).toBe(404);
  expect(await world.post(delivery!, Buffer.alloc(1_048_577, ' '))).toBe(413);
  expect(await events()).toEqual([]);
  expect([await world.post(delivery!), await world.post(delivery!)]).toEqual([200, 200]);
  expect(await events()).toMatchObject([{ action: 'created', settled_at: null, is_ours: false }]);
  await world.read();
  expect(await events()).toMatchObject([{ settled_at: expect.any(Date) }]);
});

it('a person is imported with their company: the CRM’s values win, but its empty ones say nothing', async () => {
  const company = world.create('company', { name: 'Acme', domains: ['acme.example'] });
  const id = person('ada@acme.example', {
    name: [{ first_name: 'Ada', last_name: 'Doe', full_name: 'Ada Doe' }],
    job_title: 'CTO',
    company: [{ target_object: 'companies', target_record_id: company }],
  });
  // The company's own event is lost.
  world.double.takeDeliveries().slice(1);
  world.change('person', id, { job_title: 'CEO' });
  await world.hear();
  const lead = await world.leadOf(id);
  expect(lead).toMatchObject({
    email: 'ada@acme.example',
    first_name: 'Ada',
    last_name: 'Doe',
    title: 'CEO',
  });
  expect(await world.rows('accounts', `id = '${lead!.account_id}'`)).toMatchObject([
    { name: 'Acme', domain: 'acme.example', crm_account_id: company },
  ]);
  expect(await world.rows('lead_addresses', `lead_id = '${lead!.id}'`)).toMatchObject([{ source: 'crm' }]);
  world.change('person', id, { job_title: [], email_addresses: ['ada@acme.example', 'ada@home.example'] });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ title: 'CEO', email: 'ada@acme.example' });
  const addresses = await world.rows<{ value: string }>('lead_addresses', `lead_id = '${lead!.id}'`);
  expect(addresses.map(({ value }) => value).sort()).toEqual(['ada@acme.example', 'ada@home.example']);
});

it('a known lead is found by any of its addresses, and none is created twice', async () => {
  const lead_id = await world.addLead({ email: 'bo@acme.example', title: 'Buyer' });
  await world.call('add_lead_address', world.person, { id: lead_id, value: 'bo@home.example' });
  const id = person('bo@home.example', { job_title: 'Head of Buying' });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ id: lead_id, title: 'Head of Buying' });
  expect(await world.rows('leads')).toHaveLength(1);
});

it('an opt-out in the CRM ends everything at once, and the CRM lifts none', async () => {
  const lead_id = await world.addLead({ email: 'cy@acme.example' });
  await world.request(lead_id, 'b2bea_membership_close');
  const id = person('cy@acme.example', { touchline_opt_out: true });
  await world.hear();
  await world.work();
  expect(await world.leadOf(id)).toMatchObject({ id: lead_id, opt_out_flag: true });
  expect(await world.rows('touches')).toEqual([]);
  expect(await world.rows('campaign_contacts', `status IN ('active', 'paused')`)).toEqual([]);
  await world.write();
  world.change('person', id, { touchline_opt_out: false });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ opt_out_flag: true });
  await world.write();
  const values = world.double.world.records.get(id)!.values.get('touchline_opt_out')!;
  expect(values).toMatchObject([{ value: true }]);
});

it('a lift here is not undone by the mark that the CRM still has', async () => {
  const id = person('di@acme.example', { touchline_opt_out: true });
  await world.hear();
  await world.write();
  const lead = await world.leadOf(id);
  await world.call('opt_out_lead', world.person, { id: lead!.id, action: 'lift', reason: 'agreed' });
  world.change('person', id, { job_title: 'CFO' });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ opt_out_flag: false, title: 'CFO' });
  await world.write();
  await world.sync();
  expect(await world.leadOf(id)).toMatchObject({ opt_out_flag: false });
});

it('no event, sync, or merge restores an erased person', async () => {
  const id = person('ed@acme.example', { job_title: 'Clerk' });
  await world.hear();
  const lead = await world.leadOf(id);
  await world.call('erase_lead', world.person, { id: lead!.id, reason: 'asked' });
  world.change('person', id, { job_title: 'Chief' });
  await world.hear();
  world.change('person', id, { email_addresses: ['ed@new.example'] });
  await world.hear();
  await world.sync();
  const other = person('ann@acme.example');
  const survivor = world.merge('person', id, other);
  await world.hear();
  await world.sync();
  expect(await world.rows('leads', 'erased_at IS NULL')).toEqual([]);
  const stored =
    JSON.stringify(await world.rows('leads')) + JSON.stringify(await world.rows('lead_addresses'));
  expect(stored).not.toMatch(/ed@|Chief|Clerk/);
  expect(survivor).toBeDefined();
});

it('an erased person’s own company stays away, too', async () => {
  const company = world.create('company', {
    name: 'Jane Zebulon Consulting',
    domains: ['janezebulon.example'],
  });
  const id = person('jane@janezebulon.example', {
    name: [{ first_name: 'Jane', last_name: 'Zebulon', full_name: 'Jane Zebulon' }],
    company: [{ target_object: 'companies', target_record_id: company }],
  });
  await world.hear();
  const lead = await world.leadOf(id);
  await world.call('erase_lead', world.person, { id: lead!.id, reason: 'asked' });
  world.change('company', company, { name: 'Jane Zebulon Partners' });
  await world.hear();
  await world.sync();
  expect(await world.rows('accounts')).toEqual([]);
});

it('without webhooks, the night’s sync finds everything, and says why the CRM reports nothing', async () => {
  await world.stop();
  world = await incomingWorld(db, { public_url: 'http://touchline.example' });
  await world.read();
  const id = person('flo@acme.example');
  expect(await world.call('get_crm', world.person, {})).toMatchObject({
    events: { is_subscribed: false, message: expect.any(String) },
    sync: { step: 'done', requested_by_user_id: null },
  });
  world.clock.advance(DAY_MS);
  await world.read();
  expect(await world.leadOf(id)).toMatchObject({ email: 'flo@acme.example' });
});
