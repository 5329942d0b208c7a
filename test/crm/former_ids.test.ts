import { afterEach, beforeEach, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { statementAs } from '../../src/db/pool.ts';
import { type AttioDouble, startAttioDouble } from '../connectors/attio_double.ts';
import { testDatabase } from '../database.ts';
import { type IncomingWorld, incomingWorld } from './incoming_world.ts';

const { db } = await testDatabase();
let world: IncomingWorld;
let other: AttioDouble;

beforeEach(async () => {
  [world, other] = [await incomingWorld(db), await startAttioDouble({ seed: 2 })];
});
afterEach(() => Promise.all([world.stop(), other.close()]));

const connect = ({ world: { api_key, members }, url }: AttioDouble) => {
  world.clock.advance(60_000);
  const given = { crm: 'attio', api_key, base_url: url, deal_owner_id: members[0]!.id };
  return world.call('connect_crm', world.person, given);
};
const former = async () => (await world.call('get_crm', world.person, {})).former_workspace_name;
const idsLeft = async () => [
  ...(await world.rows('leads', 'crm_contact_id IS NOT NULL')),
  ...(await world.rows('accounts', 'crm_account_id IS NOT NULL')),
  ...(await world.rows('opportunities', 'crm_deal_id IS NOT NULL')),
  ...(await world.rows('contact_ids', 'until IS NULL')),
];

/** A lead with a record, a company, and a deal in the first workspace. */
async function sold(): Promise<string> {
  const lead_id = await world.soldTo({ domain: 'acme.example' });
  await world.write();
  await world.read();
  expect(await idsLeft()).toHaveLength(4);
  return lead_id;
}

it.each([
  ['connected in its place', false],
  ['connected after the former one was disconnected', true],
])('another workspace %s gets nothing before the former ids are gone', async (_, disconnects) => {
  const lead_id = await sold();
  const record_id = await world.recordOf(lead_id);
  if (disconnects) await world.call('disconnect_crm', world.person, {});
  await connect(other);
  expect(await former()).toBe('Double');
  await world.request(await world.addLead({ email: 'new@acme.example' }), 'dreamborn');
  other.journal.length = 0;
  await world.write();
  expect(other.journal).toEqual([]);
  await world.read();
  expect(await former()).toBeNull();
  expect(await idsLeft()).toEqual([]);
  expect(await world.rows('contact_ids')).toMatchObject([{ contact_id: record_id, until: expect.any(Date) }]);
  await world.write();
  expect(await world.writes(`status NOT IN ('written', 'canceled')`)).toEqual([]);
  const paths = other.journal.map(({ path }) => path).join(' ');
  expect(paths).not.toContain(record_id);
  expect(await world.rows('leads', 'cadence_pause_reason IS NOT NULL')).toEqual([]);
});

it('a deleted lead has only the connected workspace’s records deleted', async () => {
  const lead_id = await sold();
  const record_id = (await world.recordOf(lead_id))!;
  await connect(other);
  await world.read();
  const { crm_records_left_count } = await world.call('erase_lead', world.person, {
    id: lead_id,
    reason: 'asked',
  });
  expect(crm_records_left_count).toBe(0);
  expect(await world.writes(`kind = 'erasure'`)).toEqual([]);
  expect(world.double.world.records.has(record_id)).toBe(true);
});

it('the same workspace keeps the ids, connected again or after a while', async () => {
  const lead_id = await sold();
  const record_id = await world.recordOf(lead_id);
  await connect(world.double);
  await world.call('disconnect_crm', world.person, {});
  await connect(world.double);
  expect(await former()).toBeNull();
  await world.read();
  expect(await world.recordOf(lead_id)).toBe(record_id);
  expect(await idsLeft()).toHaveLength(4);
});

it('the database refuses to replace the workspace while ids are left, and anyone but the coordinator', async () => {
  const lead_id = await sold();
  await connect(other);
  const { org_id, person } = world;
  const admin = { org_id, kind: 'human', id: person.kind === 'human' ? person.user_id : null } as const;
  const as = (actor: typeof admin | ReturnType<typeof coordinatorActor>, text: string) =>
    statementAs(db.app, actor, text);
  const coordinator = coordinatorActor(org_id);
  const replace = `UPDATE crm_workspaces SET workspace_id = 'x'`;
  await expect(as(coordinator, replace)).rejects.toMatchObject({ code: 'TL001' });
  await expect(as(admin, replace)).rejects.toMatchObject({ code: 'TL004' });
  await expect(as(coordinator, 'DELETE FROM crm_workspaces')).rejects.toMatchObject({ code: '42501' });
  await expect(db.query('DELETE FROM crm_workspaces')).rejects.toMatchObject({ code: 'TL003' });
  await expect(as(coordinator, 'UPDATE contact_ids SET until = now()')).rejects.toMatchObject({
    code: '42501',
  });
  const end = `SELECT end_former_contact_ids('${org_id}', 10) AS ended`;
  await expect(as(admin, end)).rejects.toMatchObject({ code: 'TL004' });
  await connect(world.double);
  await as(coordinator, end);
  expect(await world.rows('contact_ids', `lead_id = '${lead_id}' AND until IS NULL`)).toHaveLength(1);
});
