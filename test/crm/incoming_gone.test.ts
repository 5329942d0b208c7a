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

const CLOSE = 'b2bea_membership_close';
const person = (email: string, more: Record<string, unknown> = {}) =>
  world.create('person', { email_addresses: [email], ...more });
const lead = async (id: string) => (await world.rows<Record<string, unknown>>('leads', `id = '${id}'`))[0];

async function deleted(email: string) {
  const lead_id = await world.addLead({ email });
  await world.request(lead_id, CLOSE);
  const record_id = person(email);
  await world.hear();
  world.remove('person', record_id);
  await world.hear();
  return { lead_id, record_id };
}

it('a write to a deleted person starts the same, also if the CRM reports nothing', async () => {
  const lead_id = await world.soldTo();
  await world.write();
  await world.hear();
  world.remove('person', (await world.recordOf(lead_id))!);
  world.double.takeDeliveries();
  await world.addTouch(lead_id, 'sent');
  await world.write();
  await world.read();
  expect(await lead(lead_id)).toMatchObject({ cadence_pause_reason: 'crm_record_deleted' });
  expect(await world.flags('crm_record_deleted')).toMatchObject([{ lead_id }]);
});

it('a deletion pauses the person and asks; keeping the lead continues, without the record', async () => {
  const { lead_id } = await deleted('ada@acme.example');
  expect(await lead(lead_id)).toMatchObject({
    cadence_pause_reason: 'crm_record_deleted',
    opt_out_flag: false,
  });
  expect(await world.flags('crm_record_deleted')).toMatchObject([{ lead_id }]);
  world.clock.advance(DAY_MS);
  await world.work();
  expect(await world.rows('touches')).toEqual([]);
  const keep = () => world.call('settle_crm_deletion', world.person, { id: lead_id, action: 'keep' });
  expect(await keep()).toMatchObject({ changed: true, crm_contact_id: null });
  expect(await keep()).toMatchObject({ changed: false });
  expect(await lead(lead_id)).toMatchObject({ cadence_paused_at: null, cadence_pause_reason: null });
  expect(await world.flags('crm_record_deleted')).toEqual([]);
  world.clock.advance(DAY_MS);
  await world.work();
  expect(await world.rows('sales_send_queue', `lead_id = '${lead_id}'`)).not.toEqual([]);
});

it('or opts the lead out', async () => {
  const { lead_id } = await deleted('bo@acme.example');
  const asked = { id: lead_id, action: 'opt_out', reason: 'left the company' };
  expect(await world.call('settle_crm_deletion', world.person, asked)).toMatchObject({ opt_out_flag: true });
  expect(await world.rows('campaign_contacts', `status IN ('active', 'paused')`)).toEqual([]);
  expect(await world.flags('crm_record_deleted')).toEqual([]);
});

it('a record that is created again with the address continues the lead', async () => {
  const { lead_id } = await deleted('cy@acme.example');
  const record_id = person('cy@acme.example');
  await world.hear();
  expect(await lead(lead_id)).toMatchObject({ crm_contact_id: record_id, cadence_paused_at: null });
  expect(await world.flags('crm_record_deleted')).toEqual([]);
});

it('a late event of a deleted record restores no lead', async () => {
  const { lead_id, record_id } = await deleted('di@acme.example');
  await world.call('settle_crm_deletion', world.person, { id: lead_id, action: 'keep' });
  await world.asWorker(
    `INSERT INTO crm_events (org_id, event_id, object, record_id, action, received_at, next_at)
     VALUES ($1, 'late', 'person', $2, 'created', $3, $3)`,
    [world.org_id, record_id, world.clock.now()],
  );
  await world.read();
  expect(await lead(lead_id)).toMatchObject({ crm_contact_id: null, cadence_paused_at: null });
  expect(await world.rows('leads')).toHaveLength(1);
});

it('a merge in the CRM merges the leads, and the stricter consent counts', async () => {
  const ids = await Promise.all([1, 2].map((n) => world.addLead({ email: `ed${n}@acme.example` })));
  const [one, two] = [person('ed1@acme.example'), person('ed2@acme.example', { touchline_opt_out: true })];
  await world.hear();
  const survivor = world.merge('person', one!, two!);
  await world.hear();
  await world.work();
  await world.hear();
  const leads = await world.rows<Record<string, unknown>>('leads');
  const [kept] = leads.filter(({ merged_into_id }) => merged_into_id === null);
  expect(leads.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(leads.filter(({ merged_into_id }) => merged_into_id === kept!.id)).toHaveLength(1);
  expect(kept).toMatchObject({ crm_contact_id: survivor, opt_out_flag: true });
  expect(await world.flags('crm_record_deleted')).toEqual([]);
});

it('a merge with a record without a lead moves the lead to the new record', async () => {
  const lead_id = await world.addLead({ email: 'fay@acme.example' });
  const [one, two] = [person('fay@acme.example'), world.create('person', { job_title: 'Unknown' })];
  await world.hear();
  const survivor = world.merge('person', two, one);
  await world.hear();
  expect(await lead(lead_id)).toMatchObject({ crm_contact_id: survivor, merged_into_id: null });
});

it('a deleted company is unlinked, a merged one moves', async () => {
  const company = (n: number) => world.create('company', { name: `Co ${n}`, domains: [`co${n}.example`] });
  const [one, two, three] = [company(1), company(2), company(3)];
  await world.hear();
  world.remove('company', one);
  const survivor = world.merge('company', two, three);
  await world.hear();
  const accounts = await world.rows<Record<string, unknown>>('accounts', 'true ORDER BY name');
  const [first, ...others] = accounts.map(({ crm_account_id }) => crm_account_id);
  expect(first).toBe(null);
  expect(new Set(others)).toEqual(new Set([survivor, null]));
});
