import { expect, it } from 'vitest';
import type { SuppressionsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { importFile } from '../leads/import_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

/* The no of an erased person stays effective, although no readable address is left. */

const { db } = await testDatabase({ max: 70 });
const CONNECTIONS = 64;
const EMAIL = 'gone@x.example';
const PHONE = '+12025550123';

const erase = (world: TaskWorld, id: string) =>
  world.call('erase_lead', world.person, { id, reason: 'They asked us to.' });
const add = (world: TaskWorld, id: string, value: string, kind = 'email') =>
  world.call('add_lead_address', world.person, { id, kind, value });
const inForce = async (world: TaskWorld) =>
  (await world.rows<SuppressionsRow>('suppressions', 'lifted_at IS NULL ORDER BY value')).map(
    ({ value, source, lead_id }) => `${value} ${source} ${lead_id}`,
  );

it('no one adds an address or a number that a person suppressed and whose lead was erased', async () => {
  const world = await taskWorld(db);
  const ann = await world.addLead({ email: EMAIL, phone: PHONE });
  await world.call('add_suppressions', world.person, { values: [EMAIL, PHONE], reason: 'our lawyer' });
  await erase(world, ann);
  expect(await inForce(world)).toEqual([]);
  const id = await world.addLead({ phone: null });
  const refused = (path: string) => ({ code: 'lead_erased', errors: [{ path }] });
  const adding = { id, value: 'Gone@X.example', is_primary: true };
  expect(await world.refused('add_lead_address', world.person, adding)).toMatchObject(refused('value'));
  const number = { id, value: '+1 202 555 0123', kind: 'phone' };
  expect(await world.refused('add_lead_address', world.person, number)).toMatchObject(refused('value'));
  expect(await world.refused('patch_lead', world.person, { id, phone: PHONE })).toMatchObject(
    refused('phone'),
  );
  const report = await importFile(
    world,
    `Email,Phone,Email 2,Mobile phone\n${EMAIL},,,\nbo@y.example,${PHONE},,\ncy@y.example,,${EMAIL},\ndi@y.example,,,${PHONE}\n`,
  );
  expect(report).toMatchObject({ created_count: 0, skipped_count: 4 });
  expect(await world.rows('leads')).toHaveLength(2);
});

it(`an erased address stays refused for ${CONNECTIONS} connections during the erasure`, async () => {
  const world = await taskWorld(db);
  const [ann, bo] = [await world.addLead({ email: EMAIL }), await world.addLead()];
  const erasing = erase(world, ann);
  const adding = Array.from({ length: CONNECTIONS }, () => add(world, bo, EMAIL));
  const tries = await Promise.allSettled([...adding, erasing]);
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await world.rows('lead_addresses', `value = '${EMAIL}'`)).toEqual([]);
});

it('an address that another lead has now stays suppressed, and that lead can be imported', async () => {
  const world = await taskWorld(db);
  const ann = await world.addLead({ email: EMAIL });
  await add(world, ann, 'desk@x.example');
  await world.call('opt_out_lead', world.person, { id: ann });
  const [desk] = await world.rows<{ id: string }>('lead_addresses', `value = 'desk@x.example'`);
  await world.call('change_lead_address', world.person, { id: desk!.id, is_ended: true });
  await world.addLead({ email: 'desk@x.example' });
  await world.call('add_suppressions', world.person, { values: ['desk@x.example'], reason: 'our lawyer' });
  await erase(world, ann);
  expect(await inForce(world)).toEqual(
    expect.arrayContaining(['desk@x.example opt_out null', 'desk@x.example person null']),
  );
  expect(await importFile(world, 'Email,Title\ndesk@x.example,Clerk\n')).toMatchObject({ skipped_count: 0 });
});
