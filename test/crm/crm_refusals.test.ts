import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { type CrmWorld, crmWorld } from './crm_world.ts';

/* Writes that the CRM refuses, loses, or delays, and what people decide about them. */

const { db } = await testDatabase();
let world: CrmWorld;

beforeEach(async () => {
  world = await crmWorld(db);
});
afterEach(() => world.close());

const told = async () => (await world.writes()).map(({ kind, part, status }) => `${kind} ${part} ${status}`);
const refused = async () => (await world.call('list_crm_writes', world.person, { status: 'refused' })).items;
const openFlags = () => world.rows('flags', `resolved_at IS NULL AND kind = 'crm_write_refused'`);

/** A deal needs an owner; the connection names none. */
async function withoutOwner(): Promise<string> {
  await db.query('UPDATE crm_connections SET deal_owner_id = NULL').catch(() => undefined);
  const { api_key } = world.double.world;
  await world.call('connect_crm', world.person, { crm: 'attio', api_key, base_url: world.double.url });
  return world.soldTo();
}

it('stops the queue of one person at a refused write, and of no other, and warns', async () => {
  const lead_id = await withoutOwner();
  await world.write();
  expect(await told()).toEqual([
    'person enrolled written',
    'deal lead refused',
    'touch sent pending',
    'deal in_progress pending',
  ]);
  expect(await refused()).toMatchObject([
    { lead_id, kind: 'deal', last_code: 'deal_owner_unknown', last_path: 'deal_owner_id', waiting_count: 2 },
  ]);
  expect(await openFlags()).toMatchObject([{ lead_id, for_role: 'revops' }]);
  expect(await world.call('get_crm', world.person, {})).toMatchObject({ pending_count: 2, refused_count: 1 });
  const other = await world.addLead();
  await world.request(other, 'b2bea_nurture');
  await world.write();
  expect(await world.recordOf(other)).toEqual(expect.any(String));
});

it('continues after a person retried it, once its cause is gone', async () => {
  await withoutOwner();
  await world.write();
  const [{ id }] = await refused();
  await world.call('retry_crm_write', world.person, { id });
  expect(await openFlags()).toEqual([]);
  await world.write();
  expect(await refused()).toHaveLength(1);
  const { api_key, members } = world.double.world;
  const owner = { deal_owner_id: members[0]!.id };
  await world.call('connect_crm', world.person, {
    crm: 'attio',
    api_key,
    base_url: world.double.url,
    ...owner,
  });
  await world.call('retry_crm_write', world.person, { id });
  await world.write();
  expect(new Set((await world.writes()).map(({ status }) => status))).toEqual(new Set(['written']));
  expect((await world.refused('retry_crm_write', world.person, { id })).code).toBe('illegal_status_move');
});

it('leaves out what a person skipped with a reason, and continues', async () => {
  const lead_id = await withoutOwner();
  await world.write();
  const [{ id }] = await refused();
  const rep = await world.addPerson('rep');
  expect((await world.refused('skip_crm_write', rep, { id, reason: 'x' })).code).toBe('role_required');
  await world.call('skip_crm_write', world.person, { id, reason: 'wrote it by hand' });
  await world.write();
  expect((await told()).slice(0, 3)).toEqual([
    'person enrolled written',
    'deal lead skipped',
    'touch sent written',
  ]);
  expect(
    (await world.call('list_crm_writes', world.person, { lead_id, status: 'skipped' })).items,
  ).toMatchObject([{ id, skip_reason: 'wrote it by hand', decided_by_name: expect.any(String) }]);
  expect(JSON.stringify(await world.rows('audit_log', `subject_table = 'crm_writes'`))).toContain('skipped');
});

it('does not bring back a person whose record was deleted in the CRM; an opt-out overtakes the rest', async () => {
  const lead_id = await world.soldTo();
  await world.write();
  world.double.asMember('DELETE', `/v2/objects/people/records/${await world.recordOf(lead_id)}`);
  await world.addTouch(lead_id, 'sent');
  await world.write();
  expect(await refused()).toMatchObject([{ kind: 'touch', last_code: 'record_missing' }]);
  expect(world.recordsOf('people')).toEqual([]);
});

it('waits for a CRM that is away or does not accept the key, without refusing anything, and warns admins', async () => {
  await world.soldTo();
  const { api_key } = world.double.world;
  world.double.world.api_key = 'another';
  await world.write();
  expect(await refused()).toEqual([]);
  expect(await world.rows('flags', `kind = 'crm_unreachable'`)).toMatchObject([
    { for_role: 'admin', detail: { cause: 'key' } },
  ]);
  world.double.world.api_key = api_key;
  world.clock.advance(120_000);
  await world.write();
  expect(new Set((await world.writes()).map(({ status }) => status))).toEqual(new Set(['written']));
  expect(await world.rows('flags', `kind = 'crm_unreachable' AND resolved_at IS NULL`)).toEqual([]);
});

it('does not count a limit as an attempt', async () => {
  world.double.setFaults({ 429: 100 });
  await world.soldTo();
  await world.write();
  expect(await world.writes(`kind = 'person'`)).toMatchObject([
    { status: 'pending', attempt_count: 0, last_code: 'limited' },
  ]);
});

it('writes pending notes of a merged lead to the other one’s record', async () => {
  const kept = await world.soldTo();
  const gone = await world.addLead({ phone: '+442071838750' });
  await world.request(gone, 'b2bea_nurture');
  await world.call('merge_leads', world.person, { id: kept, other_lead_id: gone });
  await world.write();
  expect(new Set((await world.writes()).map(({ status }) => status))).toEqual(new Set(['written']));
  expect(world.recordsOf('people')).toHaveLength(1);
});

it('cancels what is pending about a person whose data is deleted, and forgets the CRM’s ids', async () => {
  const lead_id = await world.soldTo();
  await world.write();
  await world.addTouch(lead_id, 'sent');
  await world.call('opt_out_lead', world.person, { id: lead_id, reason: 'asked' });
  await world.call('erase_lead', world.person, { id: lead_id, reason: 'asked' });
  expect(await world.writes(`settled_at IS NULL`)).toMatchObject([
    { kind: 'deal', part: 'left_open' },
    { kind: 'erasure', part: '1' },
  ]);
  expect(await world.rows('contact_ids')).toEqual([]);
});
