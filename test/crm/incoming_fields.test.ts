import { afterEach, beforeEach, expect, it } from 'vitest';
import { addAttioAttribute } from '../connectors/crm/attio_bench.ts';
import { testDatabase } from '../database.ts';
import { type IncomingWorld, incomingWorld } from './incoming_world.ts';

const { db } = await testDatabase();
let world: IncomingWorld;

/** The attributes that users added, and the fields that they become. */
const ADDED = [
  ['people', 'fit', 'select'],
  ['people', 'is_chosen', 'checkbox'],
  ['companies', 'industry', 'text'],
  ['companies', 'is_named', 'checkbox'],
  ['companies', 'keeper', 'actor-reference'],
] as const;
const FIELDS = {
  tier: 'person.fit',
  segment: 'company.industry',
  abm_active: 'company.is_named',
  owner: 'company.keeper',
};

beforeEach(async () => {
  world = await incomingWorld(db);
  for (const [object, slug, type] of ADDED) addAttioAttribute(world.double, object, slug, type);
});
afterEach(() => world.stop());

const connect = (fields: Record<string, string>) => {
  const { api_key } = world.double.world;
  world.clock.advance(60_000);
  return world.call('connect_crm', world.person, {
    crm: 'attio',
    api_key,
    base_url: world.double.url,
    fields,
  });
};

const acme = (more: Record<string, unknown> = {}) =>
  world.create('company', { name: 'Acme', domains: ['acme.example'], ...more });
const person = (email: string, more: Record<string, unknown> = {}) =>
  world.create('person', { email_addresses: [email], ...more });

it('mapped attributes become tier, segment, ABM, and owner: the CRM wins, and its empty ones say nothing', async () => {
  await connect(FIELDS);
  const user = world.double.world.members[0]!;
  const [us] = await world.rows<{ email: string }>('users', `id = '${world.person.user_id}'`);
  user.email_address = us!.email;
  const company = acme({
    industry: 'enterprise',
    is_named: true,
    keeper: { workspace_member_email_address: user.email_address },
  });
  const id = person('ada@acme.example', {
    fit: 'Tier 2',
    company: [{ target_object: 'companies', target_record_id: company }],
  });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ icp_tier: 'T2' });
  expect(await world.rows('accounts', `crm_account_id = '${company}'`)).toMatchObject([
    { segment: 'enterprise', abm_active: true, owner_user_id: world.person.user_id },
  ]);
  world.change('person', id, { fit: [] });
  world.change('company', company, { industry: [], is_named: false });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ icp_tier: 'T2' });
  expect(await world.rows('accounts', `crm_account_id = '${company}'`)).toMatchObject([
    { segment: 'enterprise', abm_active: false },
  ]);
});

it('a value that says nothing here changes nothing and is counted, until it is mended', async () => {
  await connect(FIELDS);
  const id = person('ada@acme.example', { fit: 'Gold' });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ icp_tier: null });
  const unread = async () => (await world.call('get_crm', world.person, {})).unread_fields;
  expect(await unread()).toEqual([{ field: 'tier', record_count: 1 }]);
  world.change('person', id, { fit: 'tier_1' });
  await world.hear();
  expect(await world.leadOf(id)).toMatchObject({ icp_tier: 'T1' });
  expect(await unread()).toEqual([]);
  acme({ keeper: { workspace_member_email_address: world.double.world.members[0]!.email_address } });
  await world.hear();
  expect(await unread()).toEqual([{ field: 'owner', record_count: 1 }]);
});

it('only chosen people are imported, now or once they are chosen, but known ones stay', async () => {
  await connect({ imported: 'person.is_chosen' });
  const known = await world.addLead({ email: 'kim@acme.example' });
  const [kim, ada, bo] = [
    person('kim@acme.example', { job_title: 'CTO' }),
    person('ada@acme.example', { is_chosen: true }),
    person('bo@acme.example', { is_chosen: false }),
  ];
  await world.hear();
  expect(await world.leadOf(kim)).toMatchObject({ id: known, title: 'CTO' });
  expect(await world.leadOf(ada)).toMatchObject({ email: 'ada@acme.example' });
  expect(await world.leadOf(bo)).toBeUndefined();
  expect(await world.rows('crm_records', `record_id = '${bo}'`)).toMatchObject([
    { left_out: 'not_selected' },
  ]);
  world.change('person', bo, { is_chosen: true });
  await world.hear();
  expect(await world.leadOf(bo)).toMatchObject({ email: 'bo@acme.example' });
});

it('another mapping is applied to everything by a sync of its own', async () => {
  const id = person('ada@acme.example', { fit: 'T3' });
  await world.hear();
  await world.read();
  expect(await world.leadOf(id)).toMatchObject({ icp_tier: null });
  await connect(FIELDS);
  // HubSpot needs subscriptions for the newly mapped properties, too.
  expect(await world.rows('crm_subscriptions', 'checked_at IS NULL')).toHaveLength(1);
  await world.read();
  expect(await world.leadOf(id)).toMatchObject({ icp_tier: 'T3' });
  expect(await world.call('get_crm', world.person, {})).toMatchObject({ fields: FIELDS });
});

it('the opt-out of a person who is not imported suppresses the address at once, so a later lead is not contacted', async () => {
  await connect({ imported: 'person.is_chosen' });
  const bo = person('Bo@acme.example', { touchline_opt_out: true, phone_numbers: ['+12025550123'] });
  person('cy@acme.example');
  await world.hear();
  expect(await world.leadOf(bo)).toBeUndefined();
  const suppressed = () => world.rows('suppressions', 'lead_id IS NULL ORDER BY value');
  expect(await suppressed()).toMatchObject([
    { kind: 'phone', value: '+12025550123', source: 'crm', added_by_user_id: null },
    { kind: 'address', value: 'bo@acme.example', source: 'crm' },
  ]);
  world.change('person', bo, { job_title: 'CFO' });
  await world.hear();
  expect(await suppressed()).toHaveLength(2);
  for (const [email, outcome] of [
    ['bo@acme.example', 'block'],
    ['cy@acme.example', 'allow'],
  ]) {
    const lead_id = await world.addLead({ email });
    expect(await world.request(lead_id, 'dreamborn')).toMatchObject({ decision: { outcome } });
  }
});
