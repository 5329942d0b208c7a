import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, type Queryable, transaction } from '../../src/db/pool.ts';
import { USER_ROLE_VALUES } from '../../src/schema.gen.ts';
import { ensurePassword } from '../../src/setup/organization.ts';
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

const add = (body: Record<string, unknown>, cookie = chief) => door.call('POST', '/users', { cookie, body });
const patch = (id: string, body: Record<string, unknown>, cookie = chief) =>
  door.call('PATCH', `/users/${id}`, { cookie, body });

/** The SQLSTATE with which a statement is refused for this actor as the application's role. */
async function refusal(actor: Partial<Actor>, run: (tx: Queryable) => Promise<unknown>) {
  return transaction(db.app, { org_id, kind: 'system', id: null, ...actor }, run).then(
    () => null,
    (error) => sqlState(error) ?? String(error),
  );
}

describe('adding a user', () => {
  it('returns a link that signs the user in once, and its creator', async () => {
    const { status, body } = await add({
      email: 'New.One@Testers.example',
      name: ' New ',
      roles: ['rep', 'rep'],
    });
    expect(status).toBe(200);
    expect(body.user).toMatchObject({
      email: 'new.one@testers.example',
      name: 'New',
      roles: ['rep'],
      is_active: true,
      has_password: false,
      created_by_user_id: admin.user_id,
    });
    const link_token = new URL(body.url).hash.slice(1);
    const { cookie } = await door.call('POST', '/sessions', { body: { link_token } });
    expect((await door.call('GET', '/me', { cookie: cookie! })).body).toMatchObject({
      user_id: body.user.id,
      roles: ['rep'],
    });
    expect((await door.call('POST', '/sessions', { body: { link_token } })).status).toBe(401);
    const { body: all } = await door.call('GET', '/users', { cookie: chief });
    expect(all.items).toContainEqual(body.user);
    expect(JSON.stringify(all)).not.toMatch(/password_hash|argon2/);
  });

  it.each([
    [{ email: 'no address', name: 'x', roles: ['rep'] }, 'email'],
    [{ email: 'a@b.example', name: ' ', roles: ['rep'] }, 'name'],
    [{ email: 'a@b.example', name: 'x', roles: [] }, 'roles'],
    [{ email: 'a@b.example', name: 'x', roles: ['king'] }, 'roles[0]'],
    [{ email: 'a@b.example', name: 'x' }, 'roles'],
  ])('names the fault: %j', async (given, path) => {
    const { status, body } = await add(given);
    expect([status, body.errors[0].path]).toEqual([422, path]);
  });

  it('is refused when the address is taken, in any case, but not when only another org has it', async () => {
    const { email } = await addPerson(db, org_id);
    const again = await add({ email: email.toUpperCase(), name: 'x', roles: ['rep'] });
    expect([again.status, again.body.code]).toEqual([409, 'user_exists']);
    const other = await createWorld(db);
    const elsewhere = await addPerson(db, other.org_id);
    expect((await add({ email: elsewhere.email, name: 'x', roles: ['rep'] })).status).toBe(200);
    expect((await patch(elsewhere.user_id, { name: 'y' })).status).toBe(404);
  });

  it('is limited to admins, in person or on the machine', async () => {
    const body = { email: 'not.made@testers.example', name: 'x', roles: ['admin'] };
    for (const role of USER_ROLE_VALUES.filter((name) => name !== 'admin')) {
      const { email } = await addPerson(db, org_id, { roles: [role] });
      expect((await add(body, await door.signIn(email))).body.code, role).toBe('forbidden');
    }
    const agent = await addKey(db, org_id, { agent_id: 'roles.sales' });
    expect((await door.call('POST', '/users', { key: agent, body })).body.code).toBe('not_human');
    const made = await door.call('POST', '/api_keys', { cookie: chief, body: { name: 'of a person' } });
    expect((await door.call('POST', '/users', { key: made.body.key, body })).body.code).toBe(
      'session_required',
    );
    const links = await door.call('POST', '/sign_in_links', { key: made.body.key, body: {} });
    expect(links.body.code).toBe('session_required');
    expect(await world.rows('users', `email = 'not.made@testers.example'`)).toEqual([]);
    const machine = await addKey(db, org_id, { user_id: admin.user_id });
    const rep = { email: 'from.the.machine@testers.example', name: 'x', roles: ['rep'] };
    expect((await door.call('POST', '/users', { key: machine, body: rep })).status).toBe(200);
  });
});

describe('changing a user', () => {
  it('takes effect with the user’s next request', async () => {
    const { email, user_id } = await addPerson(db, org_id);
    const cookie = await door.signIn(email);
    const changed = await patch(user_id, { roles: ['auditor'], name: 'Other' });
    expect(changed.body).toMatchObject({ roles: ['auditor'], name: 'Other', is_active: true });
    expect((await door.call('GET', '/me', { cookie })).body).toMatchObject({ roles: ['auditor'] });
    const key = await addKey(db, org_id, { user_id });
    expect((await patch(user_id, { is_active: false })).body.is_active).toBe(false);
    expect((await door.call('GET', '/me', { cookie })).status).toBe(401);
    expect((await door.call('GET', '/me', { key })).status).toBe(401);
    expect((await patch(user_id, { is_active: true })).body.deactivated_at).toBeNull();
    expect((await door.call('GET', '/me', { cookie })).status).toBe(401);
    expect((await patch(user_id, {})).status).toBe(200);
  });

  it('does not let users raise their own roles, even with direct SQL', async () => {
    const { email, user_id } = await addPerson(db, org_id);
    const cookie = await door.signIn(email);
    expect((await patch(user_id, { roles: ['admin'] }, cookie)).status).toBe(403);
    const raise = (tx: Queryable) =>
      tx.query(`UPDATE users SET roles = '{admin}' WHERE org_id = $1 AND id = $2`, [org_id, user_id]);
    expect(await refusal({ kind: 'human', id: user_id }, raise)).toBe('TL019');
    expect(await refusal({ kind: 'agent', id: 'roles.sales' }, raise)).toBe('TL005');
    expect(await refusal({ kind: 'agent', id: admin.user_id }, raise)).toBe('TL005');
    expect(await refusal({ kind: 'human', id: admin.user_id }, raise)).toBeNull();
  });

  it('cannot forge a creator, delete a user, or replace an address', async () => {
    const { user_id } = await addPerson(db, org_id);
    const make = (created_by: string | null) => (tx: Queryable) =>
      tx.query(
        `INSERT INTO users (org_id, id, email, name, created_by_user_id)
         VALUES ($1, gen_random_uuid(), gen_random_uuid() || '@testers.example', 'x', $2)`,
        [org_id, created_by],
      );
    const human = { kind: 'human', id: admin.user_id } as const;
    expect(await refusal(human, make(null))).toBe('TL005');
    expect(await refusal(human, make(user_id))).toBe('TL005');
    expect(await refusal({ kind: 'agent', id: 'roles.sales' }, make(admin.user_id))).toBe('TL005');
    expect(await refusal({ kind: 'human', id: user_id }, make(user_id))).toBe('TL019');
    expect(await refusal(human, make(admin.user_id))).toBeNull();
    const statement = (text: string) => (tx: Queryable) => tx.query(text);
    expect(await refusal({}, statement(`DELETE FROM users WHERE id = '${user_id}'`))).toBe('TL003');
    expect(
      await refusal({}, statement(`UPDATE users SET email = 'x@y.example' WHERE id = '${user_id}'`)),
    ).toBe('TL012');
  });
});

describe('the last active admin', () => {
  const lone = async (count: number) => {
    const other = await createWorld(db);
    const people = [];
    for (let at = 0; at < count; at += 1) {
      people.push(await addPerson(db, other.org_id, { roles: ['admin', 'rep'], password: null }));
    }
    await db.query(
      `UPDATE users SET deactivated_at = now() WHERE org_id = $1 AND email = 'admin@testers.example'`,
      [other.org_id],
    );
    const keys = await Promise.all(people.map(({ user_id }) => addKey(db, other.org_id, { user_id })));
    const admins = `'admin' = ANY (roles) AND deactivated_at IS NULL`;
    return { other, people, keys, left: async () => (await other.rows('users', admins)).length };
  };

  it.each([{ is_active: false }, { roles: ['rep'] }])('cannot be removed: %j', async (body) => {
    const { people, keys, left } = await lone(1);
    const answer = await door.call('PATCH', `/users/${people[0]!.user_id}`, { key: keys[0]!, body });
    expect([answer.status, answer.body.code]).toEqual([409, 'last_admin']);
    expect(await left()).toBe(1);
  });

  it('remains when all admins remove each other and themselves at the same moment', async () => {
    const { people, keys, left } = await lone(8);
    const removals = people.map(({ user_id }, at) =>
      door
        .call('PATCH', `/users/${people[(at + 1) % 8]!.user_id}`, {
          key: keys[at]!,
          body: at % 2 === 0 ? { is_active: false } : { roles: ['rep'] },
        })
        .then((answer) => ({ user_id, ...answer })),
    );
    const answers = await Promise.all(removals);
    expect(answers.every(({ status }) => [200, 401, 403, 409].includes(status))).toBe(true);
    expect(await left()).toBeGreaterThanOrEqual(1);
  });

  it('remains after raw SQL: concurrent statements, one statement for all, and an old snapshot', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { people, other, left } = await lone(4);
      const gone = await Promise.all(
        people.map(({ user_id }) =>
          transaction(db.app, { org_id: other.org_id, kind: 'system', id: null }, (tx) =>
            tx.query('UPDATE users SET deactivated_at = now() WHERE org_id = $1 AND id = $2', [
              other.org_id,
              user_id,
            ]),
          ).then(
            () => 'gone',
            (error) => sqlState(error),
          ),
        ),
      );
      expect(gone.toSorted()).toEqual(['TL018', 'gone', 'gone', 'gone']);
      expect(await left()).toBe(1);
    }
    const { other, people, left } = await lone(2);
    const all = `UPDATE users SET roles = '{rep}' WHERE org_id = '${other.org_id}'`;
    await expect(db.query(all)).rejects.toMatchObject({ code: 'TL018' });
    const old = `BEGIN ISOLATION LEVEL REPEATABLE READ; ${all} AND id = '${people[0]!.user_id}'; COMMIT`;
    await expect(db.query(old)).rejects.toMatchObject({ code: '25001' });
    expect(await left()).toBe(2);
  });
});

it('the admin gets a password from the environment once, and keeps their own afterward', async () => {
  const { user_id, email } = await addPerson(db, org_id, { password: null });
  const given = (password: string) => ensurePassword(db.app, { org_id, user_id, password });
  await expect(given('too short')).rejects.toMatchObject({ code: 'password_weak' });
  await given('from the environment');
  await given('another environment');
  await door.signIn(email, 'from the environment');
});

describe('a brand', () => {
  it('can be added and renamed by planners, and the audit records it', async () => {
    const brand = { client_id: 'north_star', name: ' North Star ' };
    const made = await door.call('POST', '/clients', { cookie: chief, body: brand });
    expect(made).toMatchObject({ status: 200, body: { client_id: 'north_star', name: 'North Star' } });
    const renamed = await door.call('PATCH', '/clients/north_star', {
      cookie: chief,
      body: { name: 'Polaris' },
    });
    expect(renamed).toMatchObject({ status: 200, body: { client_id: 'north_star', name: 'Polaris' } });
    const { body } = await door.call('GET', '/clients', { cookie: chief });
    expect(body.items).toContainEqual({ client_id: 'north_star', name: 'Polaris' });
    const audited = await world.rows<{ actor_id: string }>('audit_log', `subject_table = 'clients'`);
    expect(audited.filter(({ actor_id }) => actor_id === admin.user_id)).toHaveLength(2);
  });

  it('is refused when its short name is taken or cannot appear in a campaign', async () => {
    const create = (client_id: string, name = 'A brand') =>
      door.call('POST', '/clients', { cookie: chief, body: { client_id, name } });
    await create('twice');
    expect(await create('twice')).toMatchObject({
      status: 409,
      body: { code: 'conflict', errors: [{ path: 'client_id' }] },
    });
    for (const [client_id, name] of [
      ['Twice', 'x'],
      ['a b', 'x'],
      ['', 'x'],
      ['x'.repeat(64), 'x'],
      ['good', ' '],
    ] as const) {
      expect(await create(client_id, name), client_id).toMatchObject({
        status: 422,
        body: { code: 'input_invalid' },
      });
    }
    const unknown = await door.call('PATCH', '/clients/no_such', { cookie: chief, body: { name: 'x' } });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('cannot be changed by agents, even with direct SQL', async () => {
    const rename = (tx: Queryable) =>
      tx.query(`UPDATE clients SET name = 'Mine' WHERE org_id = $1`, [org_id]);
    expect(await refusal({ kind: 'agent', id: 'roles.sales' }, rename)).toBe('TL005');
  });
});
