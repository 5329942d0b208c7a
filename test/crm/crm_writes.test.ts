import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { type CrmWorld, crmWorld } from './crm_world.ts';

const { db } = await testDatabase();
let world: CrmWorld;

beforeAll(async () => {
  world = await crmWorld(db);
});
afterAll(() => world.double.close());

const CLOSE = 'b2bea_membership_close';
const leadOf = async (id: string) => (await world.rows<Record<string, unknown>>('leads', `id = '${id}'`))[0]!;

it('writes a person after their company, the deal of a sale, and each touch', async () => {
  const lead_id = await world.addLead({ last_name: 'Doe', title: 'Buyer' });
  await db.query(
    `UPDATE accounts SET domain = 'acme.example' FROM leads l WHERE l.id = $1 AND accounts.id = l.account_id`,
    [lead_id],
  );
  await world.request(lead_id, CLOSE);
  await world.work();
  await world.approve(lead_id);
  await world.write();
  const writes = await world.writes();
  expect(writes.map(({ kind, part, status, last_message }) => [kind, part, status, last_message])).toEqual([
    ['company', 'created', 'written', null],
    ['person', 'enrolled', 'written', null],
    ['deal', 'lead', 'written', null],
    ['touch', 'sent', 'written', null],
    ['deal', 'in_progress', 'written', null],
  ]);
  const lead = await leadOf(lead_id);
  expect(world.notesOf(lead.crm_contact_id as string)).toEqual(['Email: sent']);
  expect(await world.rows('opportunities')).toMatchObject([
    { lead_id, stage: 'in_progress', source: 'crm', crm_deal_id: expect.any(String) },
  ]);
});
