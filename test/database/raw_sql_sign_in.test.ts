import { describe, expect, it } from 'vitest';
import { makeSignInLink } from '../../src/operations/access/sessions.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { all, attackersOf } from './attackers.ts';

/* Direct SQL as the product's role against users, keys, links, and sessions. */

const { db } = await testDatabase();
const world = await createWorld(db);
const { org_id, clock } = world;
const { actors, rep, as, tried } = await attackersOf(db, world);
const admin = actors.admin.id!;
const HASH = `'$argon2id$v=19$m=19456,t=2,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}'`;
const BY_MACHINE = { ...all('TL032'), agent: 'TL005', system: null };
const BY_ADMIN = { ...all('TL019'), agent: 'TL005', admin: null, system: null };

const session = (link: string | null = null) =>
  [
    `INSERT INTO sessions (org_id, id, user_id, token_sha256, expires_at, sign_in_link_id)
     VALUES ($1, gen_random_uuid(), $2, sha256('taken'), now() + interval '1 day', $3)`,
    [org_id, rep, link],
  ] as const;

describe('a session', () => {
  it('is created only by signing in', async () => {
    expect(await tried(session())).toEqual(BY_MACHINE);
  });

  it('cannot begin with a link that is still unused', async () => {
    await makeSignInLink(db.app, clock, { org_id, user_id: rep });
    const [link] = await world.rows<{ id: string }>('sign_in_links', `user_id = '${rep}'`);
    expect(await tried(session(link!.id), ['system'])).toEqual({ system: 'TL001' });
    await as('system', (tx) =>
      tx.query(`UPDATE sign_in_links SET used_at = now() WHERE id = $1`, [link!.id]),
    );
    expect(await tried(session(link!.id), ['system'])).toEqual({ system: null });
  });

  it('can be ended by its user or an admin, and remains on record', async () => {
    await as('system', (tx) => tx.query(...session()));
    const end = [`UPDATE sessions SET revoked_at = now() WHERE user_id = $1`, [rep]] as const;
    expect(await tried(end)).toEqual({ ...BY_ADMIN, rep: null });
    const remove = [`DELETE FROM sessions WHERE user_id = $1`, [rep]] as const;
    expect(await tried(remove)).toEqual({ ...all('TL003'), agent: 'TL005' });
  });
});

describe('a sign-in link', () => {
  it('is created by an admin or the machine', async () => {
    const link = `INSERT INTO sign_in_links (org_id, id, user_id, token_sha256, expires_at)
      VALUES ($1, gen_random_uuid(), $2, sha256('link'), now() + interval '1 day')`;
    expect(await tried([link, [org_id, admin]])).toEqual(BY_ADMIN);
    // Not for oneself either, since it would outlive the session.
    expect(await tried([link, [org_id, rep]])).toEqual(BY_ADMIN);
  });

  it('can be used up by its user, an admin, or a sign-in, and remains on record', async () => {
    await makeSignInLink(db.app, clock, { org_id, user_id: rep });
    const use = [
      `UPDATE sign_in_links SET used_at = now() WHERE user_id = $1 AND used_at IS NULL`,
      [rep],
    ] as const;
    expect(await tried(use)).toEqual({ ...BY_ADMIN, rep: null });
    const remove = [`DELETE FROM sign_in_links WHERE user_id = $1`, [rep]] as const;
    expect(await tried(remove)).toEqual({ ...all('TL003'), agent: 'TL005' });
  });
});

describe('a password', () => {
  it('can be set by its user or the machine only', async () => {
    const set = (user_id: string) =>
      [`UPDATE users SET password_hash = ${HASH} WHERE id = $1`, [user_id]] as const;
    expect(await tried(set(rep))).toEqual({ ...all('TL005'), rep: null, system: null });
    expect(await tried(set(admin))).toEqual({ ...all('TL005'), admin: null, system: null });
    const away = [`UPDATE users SET password_hash = NULL WHERE id = $1`, [rep]] as const;
    await as('rep', (tx) => tx.query(...set(rep)));
    expect(await tried(away)).toEqual({ ...all('TL005'), rep: null, system: null });
  });

  it('cannot be added with a new user', async () => {
    const add = `INSERT INTO users (org_id, id, email, name, roles, password_hash, created_by_user_id)
      VALUES ($1, gen_random_uuid(), 'new@testers.example', 'New', '{}', ${HASH}, $2)`;
    const without = add.replace(HASH, 'NULL');
    expect(await tried([add, [org_id, admin]], ['admin'])).toEqual({ admin: 'TL005' });
    expect(await tried([without, [org_id, admin]], ['admin'])).toEqual({ admin: null });
  });
});

describe('a user or a key', () => {
  it('cannot be added without naming the actor', async () => {
    const person = `INSERT INTO users (org_id, id, email, name, roles)
      VALUES ($1, gen_random_uuid(), 'own@testers.example', 'Own', '{admin}')`;
    // A trigger runs before row-level security does.
    expect(await tried([person, [org_id]])).toEqual({ ...all('TL005'), nobody: 'TL005', system: null });
    const key = `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id)
      VALUES ($1, gen_random_uuid(), 'own', 'tl_', sha256('own'), $2)`;
    expect(await tried([key, [org_id, admin]])).toEqual({ ...all('TL005'), system: null });
    const raise = [`UPDATE users SET roles = '{admin}' WHERE id = $1`, [rep]] as const;
    expect(await tried(raise)).toEqual({ ...BY_ADMIN });
  });
});
