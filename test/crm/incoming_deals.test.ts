import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { type IncomingWorld, incomingWorld } from './incoming_world.ts';

const { db } = await testDatabase();
let world: IncomingWorld;

beforeEach(async () => {
  world = await incomingWorld(db);
  await world.read();
});
afterEach(() => world.stop());

const CLOSE = 'b2bea_membership_close';
const WON = 'Won 🎉';
const person = (email: string) => world.create('person', { email_addresses: [email] });
const owner = () => ({ workspace_member_email_address: world.double.world.members[0]!.email_address });
const deal = (person_ids: string[], more: Record<string, unknown> = {}) =>
  world.create('deal', {
    name: 'Membership',
    stage: 'Lead',
    owner: owner(),
    associated_people: person_ids.map((id) => ({ target_object: 'people', target_record_id: id })),
    ...more,
  });
const opportunities = () => world.rows<Record<string, unknown>>('opportunities');

it('a deal opens an opportunity of its first known person, with the newest enrollment before it', async () => {
  const lead_id = await world.addLead({ email: 'ada@acme.example' });
  await world.request(lead_id, CLOSE);
  const [enrollment] = await world.rows<{ id: string }>('campaign_contacts');
  const user_id = crypto.randomUUID();
  await db.query(
    `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, 'ada@crm.example', 'Ada', '{rep}')`,
    [world.org_id, user_id],
  );
  world.clock.advance(60_000);
  const id = deal([person('ada@acme.example')], { value: 1_200.5 });
  // Only the deal's own event arrives: its person is read first.
  for (const delivery of world.double.takeDeliveries().slice(-1)) await world.post(delivery);
  await world.read();
  expect(await opportunities()).toMatchObject([
    {
      ...{ lead_id, crm_deal_id: id, stage: 'lead', name: 'Membership', source: 'crm' },
      ...{ amount_cents: 120050, currency: 'USD', enrollment_id: enrollment!.id },
      owner_user_id: user_id,
    },
  ]);
  world.change('deal', id, { stage: WON, name: 'Big membership' });
  await world.hear();
  expect(await opportunities()).toMatchObject([
    { stage: 'won', name: 'Big membership', closed_at: expect.any(Date), amount_cents: 120050 },
  ]);
  world.change('deal', id, { stage: 'In Progress' });
  await world.hear();
  expect(await opportunities()).toMatchObject([{ stage: 'in_progress', closed_at: null }]);
});

it('a deal that the product wrote stays one opportunity, found by its reference', async () => {
  const lead_id = await world.addLead({ email: 'bo@acme.example' });
  await world.request(lead_id, CLOSE);
  await world.write();
  await world.hear();
  await world.sync();
  expect(await opportunities()).toMatchObject([{ lead_id, stage: 'lead', crm_deal_id: expect.any(String) }]);
  const [{ crm_deal_id } = { crm_deal_id: '' }] = await opportunities();
  world.change('deal', crm_deal_id as string, { stage: 'In Progress' });
  await world.hear();
  expect(await opportunities()).toMatchObject([{ stage: 'in_progress' }]);
});

it('a stage that a person set here moves forward with the CRM, and never back', async () => {
  const id = deal([person('cy@acme.example')]);
  await world.hear();
  const [{ id: opportunity_id } = { id: '' }] = await opportunities();
  await world.call('patch_opportunity', world.person, { id: opportunity_id, stage: 'in_progress' });
  world.change('deal', id, { name: 'Renamed' });
  await world.hear();
  expect(await opportunities()).toMatchObject([{ stage: 'in_progress', name: 'Renamed' }]);
  await world.sync();
  expect(await opportunities()).toMatchObject([{ stage: 'in_progress' }]);
  world.change('deal', id, { stage: WON });
  await world.hear();
  expect(await opportunities()).toMatchObject([{ stage: 'won' }]);
});

it('a deal without a known person waits until one is linked; a deleted deal keeps its opportunity', async () => {
  const id = deal([]);
  await world.hear();
  expect(await opportunities()).toEqual([]);
  const target_record_id = person('di@acme.example');
  world.change('deal', id, { associated_people: [{ target_object: 'people', target_record_id }] });
  await world.hear();
  expect(await opportunities()).toMatchObject([{ crm_deal_id: id }]);
  world.remove('deal', id);
  await world.hear();
  expect(await opportunities()).toMatchObject([{ crm_deal_id: id, stage: 'lead' }]);
  expect(await world.rows('crm_records', `object = 'deal'`)).toMatchObject([{ gone_at: expect.any(Date) }]);
});

it('the name of an erased person’s deal stays erased', async () => {
  const id = deal([person('ed@acme.example')]);
  await world.hear();
  const [{ lead_id } = { lead_id: '' }] = await opportunities();
  await world.call('erase_lead', world.person, { id: lead_id, reason: 'asked' });
  world.change('deal', id, { name: 'Membership of Ed', stage: 'In Progress' });
  await world.hear();
  expect(await opportunities()).toMatchObject([{ name: '(erased)', stage: 'in_progress' }]);
});
