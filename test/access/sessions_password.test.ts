import { argon2Sync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword, isOutdated, verifyPassword } from '../../src/operations/access/passwords.ts';
import { makeSignInLink } from '../../src/operations/access/sessions.ts';
import { countAttempt } from '../../src/operations/access/sign_in_throttle.ts';
import { testDatabase } from '../database.ts';
import { addKey, addPerson, type Door, openDoor, PASSWORD } from '../sending/door.ts';
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

const wrong = 'incorrect horse battery';
const tryIt = (email: string, password: string, from?: string) =>
  door.call('POST', '/sessions', { body: { email, password }, ...(from ? { from } : {}) });

describe('a stored password', () => {
  it('accepts the same letters in every Unicode form, and no others', async () => {
    const stored = await hashPassword('zwölf Boxkämpfer');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(stored, 'zwo\u0308lf Boxka\u0308mpfer')).toBe(true);
    expect(await verifyPassword(stored, 'zwolf Boxkampfer')).toBe(false);
    expect(await verifyPassword(null, 'zwölf Boxkämpfer')).toBe(false);
  });

  it('is refused by the database in any other form', async () => {
    const { user_id } = await addPerson(db, org_id, { password: null });
    const store = (text: string) =>
      db.query('UPDATE users SET password_hash = $2 WHERE id = $1', [user_id, text]);
    for (const text of [PASSWORD, '', '$2b$10$abcdefghijklmnopqrstuv']) {
      await expect(store(text)).rejects.toMatchObject({ code: '23514' });
    }
  });
});

describe('signing in with a password', () => {
  it('opens a session that records its browser', async () => {
    const { email, user_id } = await addPerson(db, org_id);
    const answer = await door.call('POST', '/sessions', {
      body: { email: email.toUpperCase(), password: PASSWORD },
      agent: 'Browser of a test',
    });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(['expires_at']);
    expect((await door.call('GET', '/me', { cookie: answer.cookie! })).body).toMatchObject({
      user_id,
      email,
    });
    const { body } = await door.call('GET', '/sessions', { cookie: answer.cookie! });
    expect(body.items).toMatchObject([{ is_current: true, user_agent: 'Browser of a test', user_id }]);
    expect(JSON.stringify(body)).not.toMatch(/token|hash/);
  });

  it('refuses an unknown address, a missing or wrong password, and a deactivated user with the same message', async () => {
    const known = await addPerson(db, org_id);
    const without = await addPerson(db, org_id, { password: null });
    const left = await addPerson(db, org_id);
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [left.user_id]);
    const refusals = [
      await tryIt('nobody@testers.example', PASSWORD),
      await tryIt('no address', PASSWORD),
      await tryIt(without.email, PASSWORD),
      await tryIt(known.email, wrong),
      await tryIt(left.email, PASSWORD),
    ];
    for (const { status, body, cookie } of refusals) {
      expect(status).toBe(401);
      expect(cookie).toBeUndefined();
      expect({ ...body, instance: 0 }).toEqual({ ...refusals[0]!.body, instance: 0 });
    }
    expect(refusals[0]!.body.code).toBe('sign_in_failed');
  });

  it('takes as long for an unknown address as for a known one', async () => {
    const { email } = await addPerson(db, org_id);
    const fastest = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 3; round += 1) {
      for (const [name, address] of [
        ['known', email],
        ['unknown', 'who@testers.example'],
      ] as const) {
        const began = performance.now();
        await tryIt(address, wrong);
        fastest[name] = Math.min(fastest[name], performance.now() - began);
      }
    }
    expect(fastest.unknown / fastest.known).toBeGreaterThan(0.5);
    expect(fastest.unknown / fastest.known).toBeLessThan(2);
  });

  it('finds the user with the address in each org', async () => {
    const other = await createWorld(db);
    const email = 'both@testers.example';
    const here = await addPerson(db, org_id, { email, password: 'the one for here' });
    const there = await addPerson(db, other.org_id, { email, password: 'the other for there' });
    for (const [password, expected] of [
      ['the one for here', here],
      ['the other for there', there],
    ] as const) {
      const cookie = await door.signIn(email, password);
      expect((await door.call('GET', '/me', { cookie })).body.user_id).toBe(expected.user_id);
    }
    const [org] = await other.rows<{ slug: string }>('organizations');
    const named = { email, password: 'the one for here', organization: org!.slug };
    expect((await door.call('POST', '/sessions', { body: named })).status).toBe(401);
  });

  it.each([
    [{ email: 'a@b.example' }],
    [{ password: PASSWORD }],
    [{}],
    [{ email: 'a@b.example', password: PASSWORD, link_token: 'x' }],
  ])('accepts one sign-in method at a time: %j', async (body) => {
    const answer = await door.call('POST', '/sessions', { body });
    expect([answer.status, answer.body.code]).toEqual([422, 'input_invalid']);
  });

  it('rehashes a password that was hashed with other parameters', async () => {
    const nonce = randomBytes(16);
    const parameters = { message: PASSWORD, nonce, parallelism: 1, tagLength: 32, memory: 8_192, passes: 3 };
    const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const old = `$argon2id$v=19$m=8192,t=3,p=1$${text(nonce)}$${text(argon2Sync('argon2id', parameters))}`;
    const { email, user_id } = await addPerson(db, org_id, { password: null });
    await db.query('UPDATE users SET password_hash = $2 WHERE id = $1', [user_id, old]);
    await door.signIn(email);
    const [row] = await world.rows<{ password_hash: string }>('users', `id = '${user_id}'`);
    expect([isOutdated(old), isOutdated(row!.password_hash)]).toEqual([true, false]);
    await door.signIn(email);
  });
});

describe('guessing', () => {
  /** Records failures without the cost of hashing. */
  const fail = async (times: number, tried: (at: number) => { email: string; address: string }) => {
    for (let at = 1; at <= times; at += 1) await countAttempt(world.worker_context, tried(at));
  };

  it('stops after ten failures on one account for a quarter of an hour, in every process', async () => {
    const { email } = await addPerson(db, org_id);
    const second = await openDoor(db, world);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, at) => {
        const body = { email, password: `${wrong}${at}` };
        return (at % 2 === 0 ? door : second).call('POST', '/sessions', { body, from: `192.0.2.${at}` });
      }),
    );
    await second.close();
    const codes = answers.map(({ body }) => body.code);
    expect(codes.filter((code) => code === 'sign_in_failed')).toHaveLength(10);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.body.code).toBe('rate_limited');
    expect(refused.body.retry_after).toBeLessThanOrEqual(900);
    expect(refused.headers.get('retry-after')).toBe(String(refused.body.retry_after));
    expect((await tryIt(email, PASSWORD)).status).toBe(429);
    world.clock.advance(15 * 60_000);
    expect((await tryIt(email, PASSWORD)).status).toBe(200);
  });

  it('does not lock out a user on a known browser or a sign-in link', async () => {
    const { email, user_id } = await addPerson(db, org_id);
    await door.signIn(email, PASSWORD, { from: '198.51.100.7' });
    await fail(10, (at) => ({ email, address: `203.0.113.${at}` }));
    expect((await tryIt(email, PASSWORD, '203.0.113.99')).status).toBe(429);
    expect((await tryIt(email, PASSWORD, '198.51.100.7')).status).toBe(200);
    const link_token = await makeSignInLink(db.app, world.clock, { org_id, user_id });
    expect((await door.call('POST', '/sessions', { body: { link_token } })).status).toBe(200);
  });

  it('stops for an address that tries many accounts, from any part of its network', async () => {
    const { email } = await addPerson(db, org_id);
    const from = (at: number) => `2001:db8:1:2::${at.toString(16)}`;
    await fail(30, (at) => ({ email: `guess${at}@testers.example`, address: from(at) }));
    expect((await tryIt(email, PASSWORD, from(99))).status).toBe(429);
    expect((await tryIt(email, PASSWORD, '2001:db8:1:3::1')).status).toBe(200);
  });

  it('is counted without naming a user, and the counts expire', async () => {
    const { rows } = await db.query('SELECT * FROM sign_in_counts');
    expect(JSON.stringify(rows)).not.toMatch(/@|testers|2001:/);
    world.clock.advance(91 * DAY_MS);
    for (let at = 0; at < 3; at += 1) await tryIt('nobody@testers.example', wrong);
    const left = await db.query('SELECT FROM sign_in_counts WHERE until < $1', [world.clock.now()]);
    expect(left.rows).toEqual([]);
  });
});

describe('a user’s own password', () => {
  const put = (cookie: string, body: Record<string, unknown>) =>
    door.call('PUT', '/me/password', { cookie, body });

  it('can be set after signing in with a link, and is required from then on', async () => {
    const { email, user_id } = await addPerson(db, org_id, { password: null });
    const link_token = await makeSignInLink(db.app, world.clock, { org_id, user_id });
    const { cookie } = await door.call('POST', '/sessions', { body: { link_token } });
    expect((await put(cookie!, { new_password: 'a first password' })).status).toBe(200);
    await door.signIn(email, 'a first password');
    const again = { new_password: 'a second password' };
    expect((await put(cookie!, again)).body.errors).toEqual([
      { path: 'current_password', message: 'is required' },
    ]);
    const guess = await put(cookie!, { ...again, current_password: 'not the first one' });
    expect([guess.status, guess.body.code]).toEqual([403, 'password_wrong']);
    expect((await put(cookie!, { ...again, current_password: 'a first password' })).status).toBe(200);
    await door.signIn(email, 'a second password');
    expect((await tryIt(email, 'a first password')).status).toBe(401);
  });

  it('ends every other session and every link at once when it changes', async () => {
    const { email, user_id } = await addPerson(db, org_id);
    const [own, other] = [await door.signIn(email), await door.signIn(email)];
    const link_token = await makeSignInLink(db.app, world.clock, { org_id, user_id });
    const changed = await put(own, { current_password: PASSWORD, new_password: 'a new password' });
    expect(changed.body).toEqual({ ended_sessions: 1 });
    expect((await door.call('GET', '/me', { cookie: own })).status).toBe(200);
    expect((await door.call('GET', '/me', { cookie: other })).status).toBe(401);
    expect((await door.call('POST', '/sessions', { body: { link_token } })).body.code).toBe('link_invalid');
  });

  it('leaves no session that was opened concurrently with the old one', async () => {
    const { email, user_id } = await addPerson(db, org_id);
    const own = await door.signIn(email);
    const [changed] = await Promise.all([
      put(own, { current_password: PASSWORD, new_password: 'a new password' }),
      ...Array.from({ length: 6 }, (_, at) => tryIt(email, PASSWORD, `192.0.2.${100 + at}`)),
    ]);
    expect(changed.status).toBe(200);
    const open = await world.rows('sessions', `user_id = '${user_id}' AND revoked_at IS NULL`);
    expect(open).toHaveLength(1);
  });

  it.each([
    ['short', 'a'.repeat(11), 'input_invalid'],
    ['long', 'abcd'.repeat(51), 'input_invalid'],
    ['one repeated letter', 'a'.repeat(20), 'password_weak'],
    ['the address', 'long.address@testers.example', 'password_weak'],
  ])('is refused when it is %s', async (_name, new_password, code) => {
    const email = 'long.address@testers.example';
    await addPerson(db, org_id, { email }).catch(() => undefined);
    const answer = await put(await door.signIn(email), { current_password: PASSWORD, new_password });
    expect([answer.status, answer.body.code]).toEqual([422, code]);
  });

  it('cannot be set with a key, not even the machine’s', async () => {
    const { user_id } = await addPerson(db, org_id, { password: null });
    const key = await addKey(db, org_id, { user_id });
    const answer = await door.call('PUT', '/me/password', { key, body: { new_password: 'a new password' } });
    expect([answer.status, answer.body.code]).toEqual([403, 'session_required']);
  });

  it('can be guessed no more often there than at sign-in', async () => {
    const { email } = await addPerson(db, org_id);
    const cookie = await door.signIn(email);
    const guesses = [];
    for (let at = 0; at < 12; at += 1) {
      guesses.push(await put(cookie, { current_password: `${wrong}${at}`, new_password: 'a new password' }));
    }
    expect(guesses.map(({ status }) => status).filter((status) => status === 403)).toHaveLength(10);
    expect(guesses.at(-1)!.body.code).toBe('rate_limited');
  });
});
