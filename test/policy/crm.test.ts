import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { crmConnector } from '../../src/connectors/crm/connector.ts';
import { crmKeyOwner } from '../../src/coordinator/crm/findings.ts';
import { openSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import { crmChecks } from '../../src/doctor/crm.ts';
import { type AttioDouble, startAttioDouble } from '../connectors/attio_double.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

const { db } = await testDatabase();
let KEY: string;
let double: AttioDouble;
let world: TaskWorld;

beforeAll(async () => {
  double = await startAttioDouble({ seed: 1 });
  KEY = double.world.api_key;
});
afterAll(() => double.close());
beforeEach(async () => {
  world = await taskWorld(db);
  Object.assign(world.context, { crm: crmConnector({ allow_local: true, only_local: false }) });
});

const connect = (more: Record<string, unknown> = {}) =>
  world.call('connect_crm', world.person, { crm: 'attio', api_key: KEY, base_url: double.url, ...more });
const refused = (more: Record<string, unknown>) =>
  world.refused('connect_crm', world.person, { crm: 'attio', api_key: KEY, base_url: double.url, ...more });

it('a dry run shows the stages and the attributes that it would create, and keeps nothing', async () => {
  const found = await connect({ dry_run: true });
  expect(found).toMatchObject({ is_connected: false, faults: [] });
  expect(found.stages).toEqual({
    lead: expect.any(String),
    in_progress: expect.any(String),
    won: expect.any(String),
    lost: expect.any(String),
  });
  expect(found.attributes.map(({ state }: { state: string }) => state)).toEqual(
    found.attributes.map(() => 'absent'),
  );
  expect(await world.rows('crm_connections')).toEqual([]);
  expect((await world.refused('get_crm', world.person, {})).code).toBe('not_found');
});

it('connects, creates the attributes, and keeps the key sealed', async () => {
  expect(await connect()).toMatchObject({ is_connected: true });
  expect((await connect({ dry_run: true })).attributes).toSatisfy((all: { state: string }[]) =>
    all.every(({ state }) => state === 'present'),
  );
  const shown = await world.call('get_crm', world.person, {});
  expect(shown).toMatchObject({ crm: 'attio', connected_by_user_id: world.person.user_id });
  expect(shown.stage_titles).toEqual({
    lead: 'Lead',
    in_progress: 'In Progress',
    won: 'Won 🎉',
    lost: 'Lost',
  });
  expect(JSON.stringify(shown)).not.toContain(KEY);
  const [row] = await world.rows<{ api_key: Buffer }>('crm_connections');
  expect(row!.api_key.includes(KEY)).toBe(false);
  expect(openSecret(world.context.secret, row!.api_key, crmKeyOwner(world.org_id))).toBe(KEY);
  const audit = JSON.stringify(await world.rows('audit_log', `subject_table = 'crm_connections'`));
  expect(audit).toContain('(changed)');
  await world.call('disconnect_crm', world.person, {});
  expect(await world.rows('crm_connections')).toEqual([]);
});

it('names each stage, owner, and host that does not fit', async () => {
  const { crm_stages } = await connect({ dry_run: true });
  const won = crm_stages.find(({ end }: { end: string }) => end === 'won')!.stage_id;
  const error = await refused({ stages: { lost: 'nowhere' }, deal_owner_id: 'no-user' });
  expect([error.code, error.errors?.map(({ path }) => path)]).toEqual([
    'crm_unfit',
    ['stages.lost', 'deal_owner_id'],
  ]);
  expect(await connect({ stages: { in_progress: won }, dry_run: true })).toMatchObject({
    is_connected: false,
  });
  for (const base_url of ['https://crm.example', 'http://10.0.0.1', 'nonsense'])
    expect((await refused({ base_url })).code).toBe('crm_url_refused');
  expect((await refused({ base_url: 'http://127.0.0.1:9' })).code).toBe('crm_unreachable');
  expect((await refused({ api_key: 'a b' })).code).toBe('crm_key_invalid');
  expect(await world.rows('crm_connections')).toEqual([]);
});

it('reaches only a CRM on this machine at speed, and none on a shared server', async () => {
  const at_speed = crmConnector({ allow_local: false, only_local: true });
  expect(() => at_speed('attio', { api_key: KEY })).toThrow('At speed');
  at_speed('attio', { api_key: KEY, base_url: double.url }).close();
  const shared = crmConnector({ allow_local: false, only_local: false });
  expect(() => shared('attio', { api_key: KEY, base_url: double.url })).toThrow('TOUCHLINE_LOCAL_WEBHOOKS');
  shared('attio', { api_key: KEY }).close();
});

it('the doctor repeats the checks, and says what to do', async () => {
  const connector = crmConnector({ allow_local: true, only_local: false });
  const checks = (secret: string | null) =>
    crmChecks({ name: 'CRM', app: db.app, org_id: world.org_id, secret, connect: connector });
  expect(await checks(world.context.secret)).toEqual([]);
  await connect();
  expect(await checks(world.context.secret)).toMatchObject([{ name: 'CRM', status: 'ok', next: null }]);
  expect(await checks('another secret')).toMatchObject([
    { status: 'failure', seen: 'the key cannot be decrypted' },
  ]);
  double.world.api_key = 'renewed';
  const after = await checks(world.context.secret);
  double.world.api_key = KEY;
  expect(after).toMatchObject([{ status: 'failure', seen: expect.stringContaining('The key is not valid') }]);
});

// crm_connections_guard, crm_connections_key
it('is connected only by an admin in their own name, and keeps its key for its server', async () => {
  await connect();
  const { tried } = await attackersOf(db, world);
  const elsewhere = `UPDATE crm_connections SET base_url = 'http://127.0.0.1:1'`;
  expect(await tried([elsewhere], ['admin', 'rep', 'coordinator'])).toEqual({
    ...{ admin: 'TL052', rep: 'TL005', coordinator: 'TL005' },
  });
  expect(await tried(['DELETE FROM crm_connections'], ['rep', 'system', 'agent'])).toEqual({
    ...{ rep: 'TL022', system: 'TL005', agent: 'TL005' },
  });
});
