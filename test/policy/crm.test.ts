import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { crmConnector } from '../../src/connectors/crm/connector.ts';
import { crmSecretOwner } from '../../src/coordinator/crm/opened.ts';
import { openSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import { crmChecks } from '../../src/doctor/crm.ts';
import { CRM_NAME_VALUES } from '../../src/schema.gen.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { type CrmDouble, DOUBLES } from './crm_doubles.ts';

const { db } = await testDatabase();
let world: TaskWorld;
beforeEach(async () => {
  world = await taskWorld(db);
  Object.assign(world.context, { crm: crmConnector({ allow_local: true, only_local: false }) });
});

describe.each(CRM_NAME_VALUES)('%s', (crm) => {
  let double: CrmDouble;
  beforeAll(async () => {
    double = await DOUBLES[crm]({ seed: 1 });
  });
  afterAll(() => double.close());

  const connect = (more: Record<string, unknown> = {}) =>
    world.call('connect_crm', world.person, { ...double.input, ...more });
  const refused = (more: Record<string, unknown>) =>
    world.refused('connect_crm', world.person, { ...double.input, ...more });

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

  it('connects, creates the attributes, and keeps the secrets sealed', async () => {
    expect(await connect()).toMatchObject({ is_connected: true });
    expect((await connect({ dry_run: true })).attributes).toSatisfy((all: { state: string }[]) =>
      all.every(({ state }) => state === 'present'),
    );
    const { api_key, app_id = null, client_secret } = double.input;
    const shown = await world.call('get_crm', world.person, {});
    expect(shown).toMatchObject({ crm, app_id, connected_by_user_id: world.person.user_id });
    expect(Object.values(shown.stage_titles)).not.toEqual(Object.values(shown.stages));
    const [row] = await world.rows<Record<string, Buffer>>('crm_connections');
    const audit = JSON.stringify(await world.rows('audit_log', `subject_table = 'crm_connections'`));
    const secrets = { api_key, ...(client_secret === undefined ? {} : { client_secret }) };
    for (const [column, text] of Object.entries(secrets)) {
      const sealed = row![column]!;
      const owner = crmSecretOwner(world.org_id, column as 'api_key' | 'client_secret');
      expect(openSecret(world.context.secret, sealed, owner)).toBe(text);
      expect([sealed.includes(text), JSON.stringify(shown).includes(text)]).toEqual([false, false]);
      expect(audit).not.toContain(sealed.toString('hex'));
    }
    expect(audit).toContain('(changed)');
    await world.call('disconnect_crm', world.person, {});
    expect(await world.rows('crm_connections')).toEqual([]);
  });

  it('names each stage, owner, and host that does not fit', async () => {
    const error = await refused({ stages: { lost: 'nowhere' }, deal_owner_id: 'no-user' });
    expect([error.code, error.errors?.map(({ path }) => path)]).toEqual([
      'crm_unfit',
      ['stages.lost', 'deal_owner_id'],
    ]);
    for (const base_url of ['https://crm.example', 'http://10.0.0.1', 'nonsense'])
      expect((await refused({ base_url })).code).toBe('crm_url_refused');
    expect((await refused({ base_url: 'http://127.0.0.1:9' })).code).toBe('crm_unreachable');
    expect((await refused({ api_key: 'a b' })).code).toBe('crm_key_invalid');
    expect(await refused({ api_key: 'another' })).toMatchObject({
      code: 'crm_refused',
      errors: [{ path: 'api_key' }],
    });
    expect(await world.rows('crm_connections')).toEqual([]);
  });

  it('names each mapped attribute that is missing, of another object, or of another type', async () => {
    const people = crm === 'attio' ? 'job_title' : 'jobtitle';
    const fields = {
      tier: 'person.nowhere',
      segment: `person.${people}`,
      abm_active: `person.${people}`,
      owner: 'company.name',
      imported: `person.${people}`,
    };
    const error = await refused({ fields });
    expect([error.code, error.errors?.map(({ path }) => path)]).toEqual([
      'crm_unfit',
      ['fields.tier', 'fields.abm_active', 'fields.owner', 'fields.imported'],
    ]);
    expect((await refused({ fields: { tier: 'deal.name' } })).code).toBe('input_invalid');
  });

  it('names only the missing scopes, without which nothing else is known', async () => {
    const scopes = double.setScopes([]);
    const { faults } = await connect({ dry_run: true });
    double.setScopes(scopes);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults).toSatisfy((all: { path: string; fault: string }[]) =>
      all.every(({ path, fault }) => path === 'api_key' && fault.startsWith('lacks the scope ')),
    );
  });

  it('reaches only a CRM on this machine at speed, and none on a shared server', async () => {
    const { base_url, ...options } = double.input;
    const at_speed = crmConnector({ allow_local: false, only_local: true });
    expect(() => at_speed(crm, options)).toThrow('At speed');
    at_speed(crm, double.input).close();
    const shared = crmConnector({ allow_local: false, only_local: false });
    expect(() => shared(crm, double.input)).toThrow('TOUCHLINE_LOCAL_WEBHOOKS');
    shared(crm, options).close();
  });

  it('the doctor repeats the checks, and says what to do', async () => {
    const connector = crmConnector({ allow_local: true, only_local: false });
    const checks = (secret: string | null, connect = connector) =>
      crmChecks({ name: 'CRM', app: db.app, org_id: world.org_id, secret, connect });
    expect(await checks(world.context.secret)).toEqual([]);
    await connect();
    expect(await checks(world.context.secret)).toMatchObject([{ name: 'CRM', status: 'ok', next: null }]);
    for (const secret of ['another secret', null])
      expect(await checks(secret)).toMatchObject([
        { status: 'failure', seen: 'the key cannot be decrypted' },
      ]);
    const shared = crmConnector({ allow_local: false, only_local: false });
    expect(await checks(world.context.secret, shared)).toMatchObject([
      { status: 'failure', next: expect.stringContaining(`touchline crm connect ${crm}`) },
    ]);
    double.setKey('renewed');
    const after = await checks(world.context.secret);
    double.setKey(double.input.api_key);
    expect(after).toMatchObject([{ status: 'failure', seen: expect.stringContaining('The CRM refused') }]);
  });

  // crm_connections_guard, crm_connections_key, crm_connections_secret
  it('is connected only by an admin in their own name, and keeps its secrets for its server', async () => {
    await connect();
    const { tried } = await attackersOf(db, world);
    const said = { admin: 'TL052', rep: 'TL005', coordinator: 'TL005' };
    const who = ['admin', 'rep', 'coordinator'] as const;
    const elsewhere = [`base_url = 'http://127.0.0.1:1'`, `workspace_id = 'other'`];
    // One of the two secrets is new, the other goes along.
    const along =
      crm === 'attio'
        ? elsewhere
        : [`api_key = '\\x01'`, `client_secret = '\\x01'`].flatMap((renewed) =>
            [...elsewhere, `app_id = '7'`].map((change) => `${change}, ${renewed}`),
          );
    for (const change of [...elsewhere, ...along])
      expect(await tried([`UPDATE crm_connections SET ${change}`], who)).toEqual(said);
    for (const fields of ['{"tiers": "person.x"}', '{"tier": "deal.x"}', '{"tier": 1}', '[]'])
      expect(await tried([`UPDATE crm_connections SET fields = '${fields}'`], ['admin'])).toEqual({
        admin: '23514',
      });
    expect(await tried(['DELETE FROM crm_connections'], ['rep', 'system', 'agent'])).toEqual({
      ...{ rep: 'TL022', system: 'TL005', agent: 'TL005' },
    });
  });
});

describe('the app of the key', () => {
  let doubles: Record<'attio' | 'hubspot', CrmDouble>;
  beforeAll(async () => {
    doubles = { attio: await DOUBLES.attio({ seed: 2 }), hubspot: await DOUBLES.hubspot({ seed: 2 }) };
  });
  afterAll(async () => {
    await doubles.attio.close();
    await doubles.hubspot.close();
  });
  const refusal = async (crm: 'attio' | 'hubspot', more: Record<string, unknown>) => {
    const { code, errors } = await world.refused('connect_crm', world.person, {
      ...doubles[crm].input,
      ...more,
    });
    return [code, ...(errors ?? []).map(({ path }) => path)];
  };

  it('is needed by HubSpot, which says whose key it is, and refused for Attio', async () => {
    const none = { app_id: undefined, client_secret: undefined };
    const invalid = 'crm_app_invalid';
    expect(await refusal('hubspot', none)).toEqual([invalid, 'app_id', 'client_secret']);
    expect(await refusal('hubspot', { app_id: undefined })).toEqual([invalid, 'app_id']);
    expect(await refusal('hubspot', { client_secret: undefined })).toEqual([invalid, 'client_secret']);
    expect(await refusal('hubspot', { app_id: 'my app' })).toEqual([invalid, 'app_id']);
    expect(await refusal('hubspot', { client_secret: 'a b' })).toEqual(['crm_key_invalid', 'client_secret']);
    expect(await refusal('hubspot', { app_id: '77' })).toEqual(['crm_refused', 'app_id']);
    expect(await refusal('attio', { app_id: '7', client_secret: 's' })).toEqual([
      ...[invalid, 'app_id', 'client_secret'],
    ]);
    expect(await refusal('attio', { client_secret: 's' })).toEqual([invalid, 'client_secret']);
  });

  it('an organization changes its CRM by connecting the other one', async () => {
    for (const crm of ['hubspot', 'attio', 'hubspot'] as const) {
      const { app_id = null } = doubles[crm].input;
      await world.call('connect_crm', world.person, doubles[crm].input);
      expect(await world.call('get_crm', world.person, {})).toMatchObject({ crm, app_id });
    }
  });

  // crm_connections_app
  it('is kept for HubSpot with its secret, and for no other CRM', async () => {
    const { tried } = await attackersOf(db, world);
    const renew = `api_key = '\\x02', base_url = NULL`;
    const to = (set: string) => tried([`UPDATE crm_connections SET ${renew}, ${set}`], ['admin']);
    const check = { admin: '23514' };
    await world.call('connect_crm', world.person, doubles.hubspot.input);
    for (const set of [`client_secret = '\\x02', app_id = NULL`, 'client_secret = NULL'])
      expect(await to(set)).toEqual(check);
    expect(await to('client_secret = NULL, app_id = NULL')).toEqual(check);
    for (const app_id of ['', '0', '12a', '12345678901234567'])
      expect(await to(`client_secret = '\\x02', app_id = '${app_id}'`)).toEqual(check);
    expect(await to(`crm = 'attio', client_secret = '\\x02'`)).toEqual(check);
    expect(await to(`crm = 'attio', app_id = NULL, client_secret = NULL`)).toEqual({ admin: null });
    await world.call('connect_crm', world.person, doubles.attio.input);
    for (const set of [`app_id = '1'`, `client_secret = '\\x02'`, `crm = 'hubspot'`])
      expect(await to(set)).toEqual(check);
    expect(await to(`crm = 'hubspot', app_id = '1', client_secret = '\\x02'`)).toEqual({ admin: null });
  });

  it('stages of HubSpot are of one pipeline', async () => {
    const { stages, crm_stages } = await world.call('connect_crm', world.person, {
      ...doubles.hubspot.input,
      dry_run: true,
    });
    expect(stages).toMatchObject({ lead: 'appointmentscheduled', won: 'closedwon', lost: 'closedlost' });
    expect(crm_stages).toContainEqual({
      ...{ stage_id: '7003', title: 'Renewed', pipeline_id: '7001', end: 'won' },
    });
    const fault = async (named: Record<string, string>) => {
      const error = await world.refused('connect_crm', world.person, {
        ...doubles.hubspot.input,
        stages: named,
      });
      return error.errors?.map(({ path }) => path);
    };
    expect(await fault({ lead: 'appointmentscheduled', won: '7003' })).toEqual(['stages.won']);
    expect(await fault({ in_progress: '7002', lost: 'closedlost' })).toEqual(['stages.lost']);
    // The others follow from the pipeline of the named stage, which has no lost stage.
    expect(await fault({ won: '7003' })).toEqual(['stages.lost']);
    expect(await fault({ won: 'closedlost' })).toEqual(['stages.won']);
  });
});
