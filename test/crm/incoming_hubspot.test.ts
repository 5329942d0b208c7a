import { afterAll, beforeAll, expect, it } from 'vitest';
import { crmConnector } from '../../src/connectors/crm/connector.ts';
import { hubspotUser } from '../connectors/crm/hubspot_bench.ts';
import { type HubspotDouble, startHubspotDouble } from '../connectors/hubspot_double.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS } from '../world.ts';
import { incomingServer } from './incoming_server.ts';

/* HubSpot reports changes in batches, signs a time with them, and says of a merge only in its event. */

const CLOSE = 'b2bea_membership_close';
const { db } = await testDatabase();
let world: TaskWorld;
let double: HubspotDouble;
let user: ReturnType<typeof hubspotUser>;
/** HubSpot's clock: the real one, since signatures are checked by it. */
let late_ms = 0;
let incoming: Awaited<ReturnType<typeof incomingServer>>;

beforeAll(async () => {
  world = await taskWorld(db);
  double = await startHubspotDouble({ seed: 1, now_ms: () => Date.now() - late_ms });
  user = hubspotUser(double);
  const crm = crmConnector({ allow_local: true, only_local: false });
  Object.assign(world.context, { crm });
  incoming = await incomingServer(db, world, { crm, public_url: 'https://touchline.example' });
  const { api_key, app_id, client_secret } = double.world;
  const key = { api_key, app_id: String(app_id), client_secret, base_url: double.url };
  await world.call('connect_crm', world.person, { crm: 'hubspot', ...key });
  await incoming.read();
});
afterAll(async () => {
  await incoming.server.close();
  await double.close();
});

async function hear(faults: Parameters<HubspotDouble['takeDeliveries']>[0] = {}): Promise<number[]> {
  world.clock.advance(60_000);
  const statuses: number[] = [];
  for (const delivery of double.takeDeliveries(faults)) statuses.push(await incoming.post(delivery));
  await incoming.read();
  return statuses;
}
const leadOf = async (record_id: string) =>
  (await world.rows<Record<string, unknown>>('leads', `crm_contact_id = '${record_id}'`))[0];

const opportunity = (deal: string) => world.rows('opportunities', `crm_deal_id = '${deal}'`);

it('keeps nothing of a wrong signature or an old one, and reads the right one once', async () => {
  const id = user.createPerson('ada@acme.example', 'CTO');
  late_ms = 6 * 60_000;
  const [old] = double.takeDeliveries();
  expect(await incoming.post(old!)).toBe(401);
  late_ms = 0;
  user.addPhoneNumber(id, '+14155550100');
  const [delivery] = double.takeDeliveries();
  expect(await incoming.post(delivery!, `${delivery!.body} `)).toBe(401);
  expect(await world.rows('crm_events')).toEqual([]);
  user.addPhoneNumber(id, '+14155550101');
  const statuses = await hear({ double: 100 });
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await leadOf(id)).toMatchObject({ email: 'ada@acme.example', title: 'CTO', phone: '+14155550101' });
});

it('an opt-out stops the next touch, and a deletion pauses the person and asks', async () => {
  const emails = ['eve@acme.example', 'fay@acme.example'];
  for (const email of emails) await world.addLead({ email });
  const leads = await world.rows<{ id: string; email: string }>(
    'leads',
    `email IN ('${emails.join(`', '`)}') ORDER BY email`,
  );
  for (const { id } of leads) await world.request(id, CLOSE);
  const [eve, fay] = leads.map(({ email }) => user.createPerson(email));
  await hear();
  user.setField({ object: 'person', slug: 'touchline_opt_out' }, eve!, 'true');
  user.deleteRecord('person', fay!);
  await hear();
  expect(await leadOf(eve!)).toMatchObject({ opt_out_flag: true });
  const [gone] = await world.rows<Record<string, unknown>>('leads', `id = '${leads[1]!.id}'`);
  expect(gone).toMatchObject({ opt_out_flag: false, cadence_pause_reason: 'crm_record_deleted' });
  world.clock.advance(DAY_MS);
  await world.work();
  expect(await world.rows('touches')).toEqual([]);
});

it('a merge joins both leads, and a deal follows its stage', async () => {
  const [kim, twin] = [user.createPerson('kim@acme.example'), user.createPerson('kim@home.example')];
  await hear();
  const [kept, gone] = [await leadOf(kim), await leadOf(twin)];
  expect(user.merge('person', kim, twin)).toBe(kim);
  await hear();
  await world.work();
  expect(await world.rows('lead_merges')).toMatchObject([{ lead_id: gone!.id, into_lead_id: kept!.id }]);
  const deal = user.createDeal('Acme, 50 seats');
  user.linkPerson(deal, kim);
  await hear();
  expect(await opportunity(deal)).toMatchObject([{ crm_deal_id: deal, lead_id: kept!.id, stage: 'lead' }]);
  const { stages } = await world.call('get_crm', world.person, {});
  user.moveDeal(deal, stages.won);
  await hear();
  expect(await opportunity(deal)).toMatchObject([{ stage: 'won' }]);
});

it('a sync finds everything whose reports were lost', async () => {
  const id = user.createPerson('pat@acme.example');
  const deal = user.createDeal('Acme, 50 seats');
  user.linkPerson(deal, id);
  await hear({ lose: 100 });
  expect(await leadOf(id)).toBeUndefined();
  await world.call('sync_crm', world.person, {});
  await hear();
  expect(await leadOf(id)).toMatchObject({ email: 'pat@acme.example' });
  expect(await opportunity(deal)).toMatchObject([{ crm_deal_id: deal }]);
});
