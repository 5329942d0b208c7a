import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { answer, lastMessage, take } from '../inbound/inbound_world.ts';
import { type CrmWorld, crmWorld } from './crm_world.ts';

/* The outbox, from the change to the CRM's answer, against the double over HTTP. */

const { db } = await testDatabase();
let world: CrmWorld;

beforeEach(async () => {
  world = await crmWorld(db);
});
afterEach(() => world.close());

const told = async () => (await world.writes()).map(({ kind, part, status }) => `${kind} ${part} ${status}`);

it('writes a person after their company, the deal of a sale, and each touch with its content type', async () => {
  const lead_id = await world.soldTo({ domain: 'acme.example', last_name: 'Doe', title: 'Buyer' });
  await world.write();
  expect(await told()).toEqual([
    'company created written',
    'person enrolled written',
    'deal lead written',
    'touch sent written',
    'deal in_progress written',
  ]);
  const person_id = await world.recordOf(lead_id);
  const [note] = world.double.world.notes;
  expect(note).toMatchObject({ parent_record_id: person_id, title: 'Email: sent' });
  expect(JSON.stringify(note)).toMatch(/Content type: follow_up.*b2bea/is);
  const [opportunity] = await world.rows<Record<string, unknown>>('opportunities');
  expect(opportunity).toMatchObject({ lead_id, stage: 'in_progress', source: 'crm' });
  expect(opportunity!.enrollment_id).toBe((await world.rows<{ id: string }>('campaign_contacts'))[0]!.id);
  expect(world.recordsOf('companies')).toHaveLength(1);
  await world.write();
  expect(world.double.world.notes).toHaveLength(1);
});

it.each([
  ['converted', 'won', 'won'],
  ['rejected', 'lost', 'lost'],
  ['no_engagement', 'lost', 'lost'],
] as const)('closes the deal of a sequence that ended by %s as %s', async (exit_reason, part, stage) => {
  const lead_id = await world.soldTo();
  await world.exit(lead_id, exit_reason);
  await world.write();
  expect((await told()).at(-1)).toBe(`deal ${part} written`);
  expect(await world.rows('opportunities')).toMatchObject([{ stage, closed_at: expect.any(Date) }]);
  expect(world.double.world.tasks).toEqual([]);
});

it('leaves the deal open after an opt-out, with a task for its owner, and tells the opt-out first', async () => {
  const lead_id = await world.soldTo();
  await world.call('opt_out_lead', world.person, { id: lead_id, reason: 'asked by phone' });
  await world.write();
  const journal = world.double.journal.filter(({ method }) => method !== 'GET').map(({ path }) => path);
  const opted = journal.findIndex((path) => path.includes('people'));
  expect(journal.findIndex((path) => path.includes('/notes'))).toBeGreaterThan(opted);
  expect(await told()).toEqual(expect.arrayContaining([expect.stringMatching(/^opt_out \d+ written$/)]));
  expect(await told()).toContain('deal left_open written');
  expect(world.double.world.tasks).toHaveLength(1);
  expect(await world.rows('opportunities')).toMatchObject([{ stage: 'in_progress' }]);
  const person = world.double.world.records.get((await world.recordOf(lead_id))!)!;
  expect(JSON.stringify([...person.values])).toContain('"value":true');
});

it('tells an unknown delivery and its settlement, and nothing about a touch that was void', async () => {
  const lead_id = await world.soldTo();
  await world.addTouch(lead_id, 'unknown');
  await world.moveTouch(await world.touchOf(lead_id, 'unknown'), 'sent');
  await world.addTouch(lead_id, 'reserved');
  const reserved = await world.touchOf(lead_id, 'reserved');
  await world.moveTouch(reserved, 'void');
  await world.addTouch(lead_id, 'unknown');
  await world.moveTouch(await world.touchOf(lead_id, 'unknown'), 'void');
  await world.write();
  expect(world.double.world.notes.map(({ title }) => title).toReversed()).toEqual([
    'Email: sent',
    'Email: delivery unknown',
    'Email: delivery confirmed: it was sent',
    'Email: delivery unknown',
    'Email: delivery confirmed: it was not sent',
  ]);
});

it('tells each reply once, with its intent', async () => {
  const lead_id = await world.soldTo();
  const { id } = await take(
    world,
    answer(await lastMessage(world, lead_id), 'Please call me about the price.'),
  );
  await world.write();
  await world.call('handle_inbound', world.person, { id, intent: 'interested' });
  await world.write();
  const notes = world.double.world.notes.map(({ title }) => title);
  expect(notes.filter((title) => `${title}`.startsWith('Reply'))).toHaveLength(1);
});

it('does not overwrite what the CRM says about a person, and fills in what is empty', async () => {
  world.double.asMember('POST', '/v2/objects/people/records', {
    data: { values: { email_addresses: ['known@prospect.example'], name: 'Known, Well', job_title: 'Head' } },
  });
  await world.soldTo({
    email: 'known@prospect.example',
    first_name: 'Other',
    title: 'Buyer',
    phone: '+442071838750',
  });
  await world.write();
  const [person, ...more] = world.recordsOf('people');
  expect(more).toEqual([]);
  const text = JSON.stringify([...person!.values]);
  expect(text).toContain('Well');
  expect(text).toContain('Head');
  expect(text).toContain('+442071838750');
});

it('moves no deal back that a person moved on or closed in the CRM', async () => {
  const lead_id = await world.soldTo();
  await world.write();
  const [{ crm_deal_id: deal_id }] = (await world.rows<{ crm_deal_id: string }>('opportunities')) as [
    { crm_deal_id: string },
  ];
  const won = (await world.call('get_crm', world.person, {})).stages.won;
  world.double.asMember('PATCH', `/v2/objects/deals/records/${deal_id}`, {
    data: { values: { stage: won } },
  });
  await world.exit(lead_id, 'rejected');
  await world.write();
  const deal = world.double.world.records.get(deal_id)!;
  expect(JSON.stringify([...deal.values])).toContain(won);
});

it('does nothing without a CRM, and cancels what is pending when it is disconnected', async () => {
  await world.soldTo();
  await world.call('disconnect_crm', world.person, {});
  expect(new Set((await world.writes()).map(({ status }) => status))).toEqual(new Set(['canceled']));
  const count = (await world.writes()).length;
  await world.soldTo();
  expect(await world.writes()).toHaveLength(count);
});
