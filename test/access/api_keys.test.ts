import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, type Queryable, transaction } from '../../src/db/pool.ts';
import { PERMISSIONS } from '../../src/operations/permissions.ts';
import { registry } from '../../src/operations/registry.ts';
import { requirePermission } from '../../src/operations/run.ts';
import { SCOPES } from '../../src/operations/scopes.ts';
import { testDatabase } from '../database.ts';
import { addKey, addPerson, type Door, openDoor } from '../sending/door.ts';
import { createWorld, type World } from '../world.ts';

const { db } = await testDatabase();
let world: World;
let door: Door;
let org_id: string;
let admin: { user_id: string; email: string };
let chief: string;

beforeAll(async () => {
  world = await createWorld(db);
  org_id = world.org_id;
  door = await openDoor(db, world);
  admin = await addPerson(db, org_id, { roles: ['admin'] });
  chief = await door.signIn(admin.email);
});
afterAll(() => door.close());

const make = (body: Record<string, unknown>, cookie = chief) =>
  door.call('POST', '/api_keys', { cookie, body: { name: 'a key', ...body } });
const me = (key: string) => door.call('GET', '/me', { key });

async function refusal(actor: Partial<Actor>, statement: string): Promise<string | null> {
  return transaction(db.app, { org_id, kind: 'system', id: null, ...actor }, (tx: Queryable) =>
    tx.query(statement),
  ).then(
    () => null,
    (error) => sqlState(error) ?? String(error),
  );
}

describe('a key', () => {
  it('is shown once, stored as a hash, and acts for its creator', async () => {
    const { status, body } = await make({});
    expect(status).toBe(200);
    expect(body.key).toMatch(/^tl_[A-Za-z0-9_-]{43}$/);
    expect(body).toMatchObject({
      prefix: body.key.slice(0, 11),
      user_id: admin.user_id,
      agent_id: null,
      scopes: null,
    });
    expect((await me(body.key)).body).toMatchObject({
      kind: 'human',
      user_id: admin.user_id,
      roles: ['admin'],
    });
    const listed = await door.call('GET', '/api_keys', { cookie: chief });
    const [row] = listed.body.items.filter(({ id }: { id: string }) => id === body.id);
    expect(row).toMatchObject({ created_by_user_id: admin.user_id, revoked_at: null });
    expect(JSON.stringify(listed.body)).not.toContain(body.key);
    const stored = await world.rows('api_keys', `id = '${body.id}'`);
    expect(JSON.stringify(stored)).not.toContain(body.key.slice(11));
  });

  it('of an agent acts for that agent and cannot be bound to another', async () => {
    const { body } = await make({ agent_id: 'roles.sales' });
    expect((await me(body.key)).body).toMatchObject({
      kind: 'agent',
      agent_id: 'roles.sales',
      user_id: null,
    });
    const unknown = await make({ agent_id: 'roles.nobody' });
    expect([unknown.status, unknown.body.code, unknown.body.errors[0].path]).toEqual([
      422,
      'unknown_reference',
      'agent_id',
    ]);
    const change = (columns: string) => refusal({}, `UPDATE api_keys SET ${columns} WHERE id = '${body.id}'`);
    expect(await change(`agent_id = 'AGT-901'`)).toBe('TL012');
    expect(await change(`agent_id = NULL, user_id = '${admin.user_id}'`)).toBe('TL012');
    expect(await change(`scopes = '{read}'`)).toBe('TL012');
    expect(await change(`key_sha256 = sha256('x')`)).toBe('TL012');
    expect(await change(`expires_at = now() + interval '1 day'`)).toBe('TL012');
    expect(await refusal({}, `DELETE FROM api_keys WHERE id = '${body.id}'`)).toBe('TL003');
  });

  it('is revoked at once and permanently by an admin of its org', async () => {
    const { body } = await make({});
    const other = await createWorld(db);
    const stranger = await addPerson(db, other.org_id, { roles: ['admin'] });
    const revoke = (cookie: string) => door.call('DELETE', `/api_keys/${body.id}`, { cookie });
    expect((await revoke(await door.signIn(stranger.email))).status).toBe(404);
    expect((await me(body.key)).status).toBe(200);
    expect((await revoke(chief)).status).toBe(204);
    expect((await me(body.key)).status).toBe(401);
    expect((await revoke(chief)).status).toBe(204);
    expect(await refusal({}, `UPDATE api_keys SET revoked_at = NULL WHERE id = '${body.id}'`)).toBe('TL001');
  });

  it('expires at its time', async () => {
    const at = (ms: number) => new Date(world.clock.now_ms() + ms).toISOString();
    const past = await make({ expires_at: at(-1) });
    expect([past.status, past.body.errors[0].path]).toEqual([422, 'expires_at']);
    const { body } = await make({ expires_at: at(60_000) });
    expect((await me(body.key)).status).toBe(200);
    world.clock.advance(60_000);
    expect((await me(body.key)).status).toBe(401);
  });

  it('shows its last use to the minute', async () => {
    const { body } = await make({});
    const used = async () =>
      (await world.rows<{ last_used_at: Date | null }>('api_keys', `id = '${body.id}'`))[0]!.last_used_at;
    expect(await used()).toBeNull();
    await Promise.all([me(body.key), me(body.key), me(body.key)]);
    const first = world.clock.now();
    await expect.poll(used).toEqual(first);
    world.clock.advance(59_000);
    await me(body.key);
    expect(await used()).toEqual(first);
    world.clock.advance(2_000);
    await me(body.key);
    await expect.poll(used).toEqual(world.clock.now());
  });

  it('never has more roles than its user has now', async () => {
    const second = await addPerson(db, org_id, { roles: ['admin'] });
    const { body } = await make({}, await door.signIn(second.email));
    expect((await door.call('GET', '/users', { key: body.key })).status).toBe(200);
    const demote = { cookie: chief, body: { roles: ['rep'] } };
    await door.call('PATCH', `/users/${second.user_id}`, demote);
    expect((await door.call('GET', '/users', { key: body.key })).status).toBe(403);
    expect((await me(body.key)).body.roles).toEqual(['rep']);
  });
});

describe('creating keys', () => {
  it('is limited to active users and the machine', async () => {
    const body = { name: 'never made' };
    const by = async (shown: { key?: string; cookie?: string }) =>
      (await door.call('POST', '/api_keys', { ...shown, body })).body.code;
    for (const agent_id of ['AGT-901', 'roles.sales', 'AGT-302']) {
      expect(await by({ key: await addKey(db, org_id, { agent_id }) })).toBe('not_human');
    }
    expect(await by({ key: (await make({})).body.key })).toBe('session_required');
    expect(await by({ key: (await make({ scopes: ['read', 'write'] })).body.key })).toBe('session_required');
    expect(await by({})).toBe('unauthenticated');
    expect(await world.rows('api_keys', `name = 'never made'`)).toEqual([]);
    expect(await by({ key: await addKey(db, org_id, { user_id: admin.user_id }) })).toBeUndefined();
  });

  it('is refused by the database in another user’s name, for another user, and for an agent unless an admin creates it', async () => {
    const rep = await addPerson(db, org_id);
    const quoted = (id: string | null) => (id === null ? 'NULL' : `'${id}'`);
    const insert = (user_id: string | null, created_by: string | null, ends = `now() + interval '1 day'`) =>
      `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id, agent_id, created_by_user_id, expires_at)
       VALUES ('${org_id}', gen_random_uuid(), 'k', 'tl_', sha256(gen_random_uuid()::text::bytea), ${quoted(user_id)},
               ${quoted(user_id === null ? 'roles.sales' : null)}, ${quoted(created_by)}, ${ends})`;
    const [human, own] = [{ kind: 'human', id: admin.user_id } as const, admin.user_id];
    expect(await refusal(human, insert(own, null))).toBe('TL005');
    expect(await refusal(human, insert(own, rep.user_id))).toBe('TL005');
    expect(await refusal(human, insert(rep.user_id, own))).toBe('23514');
    expect(await refusal({ kind: 'agent', id: own }, insert(own, own))).toBe('TL005');
    expect(await refusal({ kind: 'agent', id: 'AGT-302' }, insert(own, null))).toBe('TL005');
    const as_rep = { kind: 'human', id: rep.user_id } as const;
    expect(await refusal(as_rep, insert(null, rep.user_id))).toBe('TL019');
    expect(await refusal(as_rep, insert(own, own))).toBe('TL005');
    expect(await refusal(as_rep, insert(rep.user_id, own))).toBe('TL005');
    expect(await refusal(as_rep, insert(rep.user_id, rep.user_id, 'NULL'))).toBe('23514');
    expect(await refusal(as_rep, insert(rep.user_id, rep.user_id))).toBeNull();
    expect(await refusal(human, insert(own, own))).toBeNull();
    expect(await refusal(human, insert(null, own, 'NULL'))).toBeNull();
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [rep.user_id]);
    expect(await refusal({}, insert(rep.user_id, null))).toBe('TL020');
  });
});

describe('a user’s own key', () => {
  const rep_makes = async (body: Record<string, unknown> = {}) => {
    const rep = await addPerson(db, org_id, { roles: ['revops', 'slm'] });
    const cookie = await door.signIn(rep.email);
    const { status, body: made } = await make(body, cookie);
    return { rep, cookie, status, made };
  };

  it('can be created by anyone who has signed in, has that user’s permissions, and expires automatically', async () => {
    const { rep, made } = await rep_makes();
    expect(made).toMatchObject({ user_id: rep.user_id, agent_id: null });
    const days = (new Date(made.expires_at).getTime() - world.clock.now_ms()) / 86_400_000;
    expect(days).toBe(90);
    expect((await me(made.key)).body.roles).toEqual(['revops', 'slm']);
    expect((await door.call('GET', '/users', { key: made.key })).body.code).toBe('forbidden');
    const again = await door.call('POST', '/api_keys', { key: made.key, body: { name: 'another' } });
    expect(again.body.code).toBe('session_required');
  });

  it('lasts at most a year, and only admins create keys for agents', async () => {
    const at = (days: number) => new Date(world.clock.now_ms() + days * 86_400_000).toISOString();
    const { status, made } = await rep_makes({ expires_at: at(367) });
    expect([status, made.errors[0].path]).toEqual([422, 'expires_at']);
    expect((await rep_makes({ expires_at: at(366) })).status).toBe(200);
    const agents = await rep_makes({ agent_id: 'roles.sales' });
    expect([agents.status, agents.made.code]).toEqual([403, 'admin_only']);
    expect((await make({ agent_id: 'roles.sales', expires_at: at(3_000) })).status).toBe(200);
  });

  it('is visible to and revocable by its user and admins only', async () => {
    const { cookie, made } = await rep_makes();
    const other = await rep_makes();
    const listed = async (as: string) =>
      (await door.call('GET', '/api_keys?limit=200', { cookie: as })).body.items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await listed(cookie)).toEqual([made.id]);
    expect(await listed(chief)).toEqual(expect.arrayContaining([made.id, other.made.id]));
    const revoke = (as: string) => door.call('DELETE', `/api_keys/${made.id}`, { cookie: as });
    expect((await revoke(other.cookie)).status).toBe(404);
    const end = `UPDATE api_keys SET revoked_at = now() WHERE id = '${made.id}'`;
    expect(await refusal({ kind: 'human', id: other.rep.user_id }, end)).toBe('TL019');
    expect((await revoke(cookie)).status).toBe(204);
    expect((await me(made.key)).body).toMatchObject({
      code: 'unauthenticated',
      detail: 'This API key is unknown, revoked, or expired.',
    });
  });
});

describe('scopes', () => {
  it('unknown or empty scopes are refused', async () => {
    for (const scopes of [['everything'], ['read', 'users:write'], []]) {
      expect((await make({ scopes })).status).toBe(422);
    }
  });

  it('narrow a key and never widen it', async () => {
    const lead_id = await world.addLead();
    const patch = (key: string) =>
      door.call('PATCH', `/leads/${lead_id}`, { key, body: { first_name: 'Ada' } });
    const read = (key: string) => door.call('GET', `/leads/${lead_id}`, { key });
    const post = (key: string) =>
      door.call('POST', '/sequence_requests', {
        key,
        body: { lead_id, campaign: 'b2bea_nurture', requested_by: 'x' },
      });
    const keyOf = async (scopes: string[], agent_id?: string) =>
      (await make({ scopes, ...(agent_id ? { agent_id } : {}) })).body.key;
    const reading = await keyOf(['read']);
    expect((await read(reading)).status).toBe(200);
    const refused = await patch(reading);
    expect([refused.status, refused.body.code]).toEqual([403, 'scope_missing']);
    expect(refused.body.hint).toContain('leads:write');
    const leads = await keyOf(['leads:write'], 'roles.sales');
    expect((await patch(leads)).status).toBe(200);
    expect((await read(leads)).body.code).toBe('scope_missing');
    expect((await post(leads)).body.code).toBe('scope_missing');
    const agent = await keyOf(['read', 'write'], 'roles.sales');
    expect((await door.call('GET', '/drafts', { key: agent })).body.code).toBe('not_human');
    expect((await me(reading)).body.scopes).toEqual(['read']);
  });

  it('say for every operation whether a key needs one, and which', () => {
    const scopes: readonly string[] = SCOPES;
    const open = registry.filter(
      ({ permission }) => !permission.is_public && permission.credential === undefined,
    );
    const nameless = open.filter(({ permission, http }) =>
      (permission.scopes ?? []).some(
        (scope) => !scopes.includes(scope) && !http?.path.startsWith('/sessions'),
      ),
    );
    // A new noun that can be changed needs its scope in src/operations/scopes.ts.
    expect(nameless.map(({ name }) => name)).toEqual([]);
    const used = new Set(open.flatMap(({ permission }) => permission.scopes ?? []));
    expect(SCOPES.filter((scope) => !used.has(scope))).toEqual([]);
  });

  it('without a rule allow nothing', () => {
    const key = { id: 'k', scopes: ['read', 'write'], is_machine: false };
    const agent = {
      kind: 'agent',
      org_id,
      agent_id: 'AGT-901',
      agent_kind: 'brain',
      name: 'x',
      key,
    } as const;
    expect(() => requirePermission(PERMISSIONS.list_leads, agent)).toThrow('This key may not do this.');
  });
});
