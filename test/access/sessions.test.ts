import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { makeSignInLink } from '../../src/operations/access/sessions.ts';
import { testDatabase } from '../database.ts';
import { addPerson, type Door, openDoor } from '../sending/door.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';

const { db } = await testDatabase();
let world: World;
let door: Door;
let org_id: string;

beforeAll(async () => {
  world = await createWorld(db);
  org_id = world.org_id;
  door = await openDoor(db, world);
});
afterAll(() => door.close());

describe('a session', () => {
  it('can be ended at once by its user, by id or as the current one', async () => {
    const { email } = await addPerson(db, org_id);
    const [first, second] = [await door.signIn(email), await door.signIn(email)];
    const { body } = await door.call('GET', '/sessions', { cookie: first });
    const other = body.items.find(({ is_current }: { is_current: boolean }) => !is_current);
    expect((await door.call('DELETE', `/sessions/${other.id}`, { cookie: first })).status).toBe(200);
    expect((await door.call('GET', '/me', { cookie: second })).status).toBe(401);
    expect((await door.call('DELETE', `/sessions/${other.id}`, { cookie: first })).status).toBe(404);
    expect((await door.call('DELETE', '/sessions/current', { cookie: first })).status).toBe(200);
    expect((await door.call('GET', '/me', { cookie: first })).status).toBe(401);
  });

  it('of another user is visible to an admin of the org only, who can end it', async () => {
    const [one, other] = [await addPerson(db, org_id), await addPerson(db, org_id)];
    const admin = await addPerson(db, org_id, { roles: ['admin'] });
    const elsewhere = await createWorld(db);
    const stranger = await addPerson(db, elsewhere.org_id, { roles: ['admin'] });
    const cookie = await door.signIn(one.email);
    const [{ id }] = (await door.call('GET', '/sessions', { cookie })).body.items;
    const [rep, chief, foreign] = [
      await door.signIn(other.email),
      await door.signIn(admin.email),
      await door.signIn(stranger.email),
    ];
    const of = `/sessions?user_id=${one.user_id}`;
    expect((await door.call('GET', of, { cookie: rep })).status).toBe(403);
    expect((await door.call('GET', of, { cookie: foreign })).body.items).toEqual([]);
    expect((await door.call('GET', of, { cookie: chief })).body.items).toMatchObject([
      { id, is_current: false },
    ]);
    expect((await door.call('DELETE', `/sessions/${id}`, { cookie: rep })).status).toBe(404);
    expect((await door.call('DELETE', `/sessions/${id}`, { cookie: foreign })).status).toBe(404);
    expect((await door.call('GET', '/me', { cookie })).status).toBe(200);
    expect((await door.call('DELETE', `/sessions/${id}`, { cookie: chief })).status).toBe(200);
    expect((await door.call('GET', '/me', { cookie })).status).toBe(401);
  });

  it('ends after two weeks, or after four days without use; the last use is recorded to the minute', async () => {
    const { email, user_id } = await addPerson(db, org_id);
    const seen = async () =>
      (await world.rows<{ last_seen_at: Date | null }>('sessions', `user_id = '${user_id}'`))[0]!
        .last_seen_at;
    const cookie = await door.signIn(email);
    const used = () => door.call('GET', '/me', { cookie });
    await used();
    await expect.poll(seen).toEqual(world.clock.now());
    const first = world.clock.now();
    world.clock.advance(59_000);
    await used();
    expect(await seen()).toEqual(first);
    for (const days of [3.9, 3.9, 3.9, 2]) {
      world.clock.advance(days * DAY_MS);
      expect((await used()).status).toBe(200);
      await expect.poll(seen).toEqual(world.clock.now());
    }
    world.clock.advance(DAY_MS);
    expect((await used()).status).toBe(401);
    const idle = await door.signIn(email);
    world.clock.advance(4 * DAY_MS + 1);
    expect((await door.call('GET', '/me', { cookie: idle })).status).toBe(401);
  });
});

describe('the database', () => {
  it('opens nothing for a deactivated user, moves nothing to another user, and revives nothing', async () => {
    const [one, other] = [await addPerson(db, org_id), await addPerson(db, org_id)];
    const cookie = await door.signIn(one.email);
    const of = `user_id = '${one.user_id}'`;
    const refused = (statement: string) =>
      db.query(statement).then(
        () => null,
        ({ code }) => code,
      );
    expect(await refused(`UPDATE sessions SET user_id = '${other.user_id}' WHERE ${of}`)).toBe('TL012');
    expect(await refused(`UPDATE sessions SET expires_at = expires_at + interval '1 year' WHERE ${of}`)).toBe(
      'TL012',
    );
    await makeSignInLink(db.app, world.clock, { org_id, user_id: one.user_id });
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [one.user_id]);
    expect((await door.call('GET', '/me', { cookie })).status).toBe(401);
    await db.query('UPDATE users SET deactivated_at = NULL WHERE id = $1', [one.user_id]);
    expect((await door.call('GET', '/me', { cookie })).status).toBe(401);
    expect(await refused(`UPDATE sessions SET revoked_at = NULL WHERE ${of}`)).toBe('TL001');
    expect(await refused(`UPDATE sign_in_links SET used_at = NULL WHERE ${of}`)).toBe('TL001');
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [one.user_id]);
    const again = `INSERT INTO sessions (org_id, id, user_id, token_sha256, expires_at)
                   VALUES ('${org_id}', gen_random_uuid(), '${one.user_id}', sha256('x'), now())`;
    expect(await refused(again)).toBe('TL020');
    await expect(makeSignInLink(db.app, world.clock, { org_id, user_id: one.user_id })).rejects.toThrow(
      'deactivated',
    );
  });
});

describe('a session from a link that another user created', () => {
  const of = async (cookie: string) => (await door.call('GET', '/sessions', { cookie })).body.items;
  const link = async (cookie: string, email: string) => {
    const made = await door.call('POST', '/sign_in_links', { cookie, body: { email } });
    expect(made.status).toBe(200);
    return door.call('POST', '/sessions', { body: { link_token: made.body.url.split('#')[1] } });
  };

  it('is listed for the user who signed in, with the link’s creator, even after it has ended', async () => {
    const admin = await addPerson(db, org_id, { roles: ['admin'] });
    const victim = await addPerson(db, org_id);
    const chief = await door.signIn(admin.email);
    const acted = (await link(chief, victim.email)).cookie!;
    expect((await door.call('GET', '/me', { cookie: acted })).body.user_id).toBe(victim.user_id);
    const own = await door.signIn(victim.email);
    const told = { by_link: true, link_made_by_other: true, link_made_by_user_id: admin.user_id };
    const untold = { by_link: false, link_made_by_other: false, link_made_by: null, is_current: true };
    expect(await of(own)).toMatchObject([
      { ...told, link_made_by: 'Person', is_open: true, is_current: false },
      { ...untold, is_open: true },
    ]);
    expect((await door.call('DELETE', '/sessions/current', { cookie: acted })).status).toBe(200);
    expect(await of(own)).toMatchObject([{ ...told, is_open: false }, untold]);
    world.clock.advance(3 * DAY_MS);
    const again = await door.signIn(victim.email);
    expect(await of(again)).toHaveLength(3);
    world.clock.advance(28 * DAY_MS);
    expect(await of(await door.signIn(victim.email))).toMatchObject([untold]);
  });

  it('is distinguished from sessions by the user’s own link or the machine’s link', async () => {
    const admin = await addPerson(db, org_id, { roles: ['admin'] });
    const own = (await link(await door.signIn(admin.email), admin.email)).cookie!;
    const token = await makeSignInLink(db.app, world.clock, { org_id, user_id: admin.user_id });
    await door.call('POST', '/sessions', { body: { link_token: token } });
    const [, by_own, by_machine] = await of(own);
    expect(by_own).toMatchObject({
      by_link: true,
      link_made_by_other: false,
      link_made_by_user_id: admin.user_id,
    });
    expect(by_machine).toMatchObject({ by_link: true, link_made_by_other: true, link_made_by_user_id: null });
  });

  it('shows the creator of a first link too, and no writer can name another creator', async () => {
    const admin = await addPerson(db, org_id, { roles: ['admin'] });
    const cookie = await door.signIn(admin.email);
    const body = { email: 'newcomer@testers.example', name: 'New', roles: ['rep'] };
    const { body: made } = await door.call('POST', '/users', { cookie, body });
    const signed_in = await door.call('POST', '/sessions', { body: { link_token: made.url.split('#')[1] } });
    expect(await of(signed_in.cookie!)).toMatchObject([{ link_made_by_user_id: admin.user_id }]);
    const actor = { org_id, kind: 'human', id: admin.user_id } as const;
    const forged = await transaction(db.app, actor, (tx) =>
      tx.query<{ created_by_user_id: string }>(
        `INSERT INTO sign_in_links (org_id, id, user_id, token_sha256, expires_at, created_by_user_id)
         VALUES ($1, gen_random_uuid(), $2, sha256('forged'), now(), $2) RETURNING created_by_user_id`,
        [org_id, made.user.id],
      ),
    );
    expect(forged.rows).toEqual([{ created_by_user_id: admin.user_id }]);
    const later = `UPDATE sign_in_links SET created_by_user_id = NULL WHERE created_by_user_id = $1`;
    await expect(db.query(later, [admin.user_id])).rejects.toMatchObject({ code: 'TL012' });
    const unlinked = `UPDATE sessions SET sign_in_link_id = NULL WHERE user_id = $1`;
    await expect(db.query(unlinked, [made.user.id])).rejects.toMatchObject({ code: 'TL012' });
  });
});
