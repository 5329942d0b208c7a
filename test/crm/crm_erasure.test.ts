import { afterEach, beforeEach, expect, it } from 'vitest';
import { erasedAddressHmac } from '../../src/coordinator/sending/erased_addresses.ts';
import { testDatabase } from '../database.ts';
import { type CrmWorld, crmWorld } from './crm_world.ts';

const { db } = await testDatabase();
let world: CrmWorld;

beforeEach(async () => {
  world = await crmWorld(db);
});
afterEach(() => world.close());

const erase = (id: string) => world.call('erase_lead', world.person, { id, reason: 'asked' });

/** A person with a deal and a note in the CRM, whose data is then deleted. */
async function erased() {
  const lead_id = await world.soldTo({ account_id: null, first_name: 'Ada', last_name: 'Byron' });
  await world.write();
  const record_id = (await world.recordOf(lead_id))!;
  return { lead_id, record_id, answer: await erase(lead_id) };
}

it('cancels what is pending, deletes the CRM’s record with our notes, and stays open until the CRM confirms', async () => {
  const { lead_id, record_id, answer } = await erased();
  expect(answer.crm_records_left_count).toBe(1);
  expect(await world.rows('contact_ids')).toEqual([]);
  world.double.setFaults({ 503: 100 });
  await world.write();
  expect((await erase(lead_id)).crm_records_left_count).toBe(1);
  world.double.setFaults({});
  world.clock.advance(60_000);
  await world.write();
  expect((await erase(lead_id)).crm_records_left_count).toBe(0);
  expect(world.double.world.records.has(record_id)).toBe(false);
  expect(world.double.world.notes).toEqual([]);
  const deals = JSON.stringify(world.recordsOf('deals').map(({ values }) => [...values]));
  expect(deals).toContain('Deal of a deleted lead');
  expect(deals).not.toContain('Byron');
  expect(JSON.stringify(await world.writes())).not.toContain(record_id);
  const hmac = erasedAddressHmac(world.context.secret, world.org_id, `crm:${record_id}`);
  expect(await world.rows('erased_addresses', `address_hmac = '\\x${hmac.toString('hex')}'`)).toHaveLength(1);
});

it('asks an admin first where the connection says so', async () => {
  await world.asksBeforeErasure();
  const { record_id } = await erased();
  await world.write();
  expect(world.double.world.records.has(record_id)).toBe(true);
  const [asked, ...more] = (await world.call('list_crm_writes', world.person, { status: 'refused' })).items;
  expect([asked.kind, asked.last_code, more]).toEqual(['erasure', 'asks_admin', []]);
  expect(await world.rows('flags', `kind = 'crm_write_refused'`)).toMatchObject([
    { for_role: 'admin', subject: asked.id },
  ]);
  await world.call('retry_crm_write', world.person, { id: asked.id });
  await world.write();
  expect(world.double.world.records.has(record_id)).toBe(false);
});

it('waits for a write under way, so that no record appears afterwards', async () => {
  const lead_id = await world.soldTo();
  world.double.setFaults({ drop: 100 });
  await world.write();
  const refusal = await world.refused('erase_lead', world.person, { id: lead_id, reason: 'asked' });
  expect(refusal.code).toBe('already_leaving');
});

it('still asks the owner about a deal that was left open, without naming anyone', async () => {
  const lead_id = await world.soldTo();
  await world.write();
  const before = world.double.world.tasks.length;
  await world.call('erase_lead', world.person, { id: lead_id, reason: 'asked' });
  await world.write();
  const tasks = world.double.world.tasks.slice(before);
  expect(tasks).toHaveLength(1);
  const deal = world.double.world.records.get(tasks[0]!.linked_records[0]!.target_record_id)!;
  expect(deal.values.get('name')).toMatchObject([{ value: 'Deal of a deleted lead' }]);
  expect(await world.writes(`lead_id = '${lead_id}' AND record_id IS NOT NULL AND kind <> 'deal'`)).toEqual(
    [],
  );
});

it('keeps none of the CRM’s words about a deleted person, neither earlier nor later ones', async () => {
  const lead_id = await world.soldTo();
  await world.write();
  const [e] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
  await world.call('exit_enrollment', world.person, { id: e!.id, exit_reason: 'meeting' });
  world.double.setFaults({ 503: 100 });
  const tried = async () => {
    world.clock.advance(3_600_000);
    await world.write();
    const writes = await world.writes(`part = 'left_open'`);
    return writes.map(({ last_code, last_message }) => [last_code, last_message]);
  };
  expect(await tried()).toEqual([['unreachable', expect.any(String)]]);
  await erase(lead_id);
  expect(await world.writes('last_message IS NOT NULL')).toEqual([]);
  expect(await tried()).toEqual([['unreachable', null]]);
  expect(await world.writes('last_message IS NOT NULL')).toEqual([]);
});
