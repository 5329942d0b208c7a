import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { testDatabase } from '../database.ts';
import { addPerson, type Door, openDoor } from '../sending/door.ts';
import { createWorld, type World } from '../world.ts';

const { db, url } = await testDatabase();
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

const patch = (id: string, body: Record<string, unknown>, cookie = chief) =>
  door.call('PATCH', `/users/${id}`, { cookie, body });

/** Users with these managers, by their place in the list; returns the ids. */
async function people(...managers: (number | null)[]): Promise<string[]> {
  const ids: string[] = [];
  for (const manager of managers) {
    const { user_id } = await addPerson(db, org_id, { password: null });
    if (manager !== null) await setManager(user_id, ids[manager]!);
    ids.push(user_id);
  }
  return ids;
}

const setManager = (id: string, manager_user_id: string | null, among = db.app) =>
  transaction(among, { org_id, kind: 'system', id: null }, (tx) =>
    tx.query('UPDATE users SET manager_user_id = $3 WHERE org_id = $1 AND id = $2', [
      org_id,
      id,
      manager_user_id,
    ]),
  ).then(
    () => 'set',
    (error) => sqlState(error),
  );

describe('a manager', () => {
  it('is set by admins when they add or change a user, and shown with the user', async () => {
    const body = {
      email: 'led@testers.example',
      name: 'Led',
      roles: ['rep'],
      manager_user_id: admin.user_id,
    };
    const { user } = (await door.call('POST', '/users', { cookie: chief, body })).body;
    expect(user.manager_user_id).toBe(admin.user_id);
    const [other] = await people(null);
    const changed = await patch(user.id, { manager_user_id: other });
    expect(changed).toMatchObject({ status: 200, body: { manager_user_id: other, name: 'Led' } });
    expect((await patch(user.id, { name: 'Led still' })).body.manager_user_id).toBe(other);
    const { body: all } = await door.call('GET', '/users?limit=200', { cookie: chief });
    const shown = all.items.find(({ id }: { id: string }) => id === user.id);
    const leader = all.items.find(({ id }: { id: string }) => id === other);
    expect(shown).toMatchObject({ manager_user_id: other, manager_name: leader.name });
    expect((await patch(user.id, { manager_user_id: null })).body).toMatchObject({ manager_name: null });
    const audited = await world.rows(
      'audit_log',
      `subject_key = '${user.id}' AND changes ? 'manager_user_id'`,
    );
    expect(audited).toHaveLength(3);
  });

  it('is refused for others, and when it is unknown, foreign, deactivated, or below the user', async () => {
    const [top, middle, low] = await people(null, 0, 1);
    const rep = await addPerson(db, org_id);
    const cookie = await door.signIn(rep.email);
    expect((await patch(rep.user_id, { manager_user_id: top }, cookie)).status).toBe(403);
    const by_rep = transaction(db.app, { org_id, kind: 'human', id: rep.user_id }, (tx) =>
      tx.query('UPDATE users SET manager_user_id = $1 WHERE id = $2', [top, rep.user_id]),
    );
    await expect(by_rep).rejects.toMatchObject({ code: 'TL019' });
    const foreign = await createWorld(db);
    const theirs = foreign.person.kind === 'human' ? foreign.person.user_id : '';
    const gone = await addPerson(db, org_id);
    await patch(gone.user_id, { is_active: false });
    const cases = [
      [theirs, 'unknown_reference'],
      [gone.user_id, 'person_inactive'],
      [low, 'manager_cycle'],
      [top, 'manager_cycle'],
    ];
    for (const [manager_user_id, code] of cases) {
      const { body } = await patch(top!, { manager_user_id });
      expect(body.code).toBe(code);
      expect(body.errors).toMatchObject([{ path: 'manager_user_id' }]);
    }
    expect(await setManager(middle!, middle!)).toBe('TL082');
    expect(await setManager(top!, low!)).toBe('TL082');
    const old = `BEGIN ISOLATION LEVEL REPEATABLE READ;
      UPDATE users SET manager_user_id = '${rep.user_id}' WHERE id = '${low}'; COMMIT`;
    await expect(db.query(old)).rejects.toMatchObject({ code: '25001' });
  });

  it('never closes a circle: of 64 connections that make one together, one is refused', async () => {
    const ring = await people(...Array.from({ length: 64 }, () => null));
    const pool = await openAppPool({ url, max: 64 });
    try {
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.all(
          ring.map((id, at) => setManager(id, ring[(at + 1) % ring.length]!, pool)),
        );
        expect(answers.toSorted()).toEqual(['TL082', ...Array(63).fill('set')]);
        await db.query('UPDATE users SET manager_user_id = NULL WHERE id = ANY ($1)', [ring]);
      }
    } finally {
      await pool.close();
    }
    const one_statement = `UPDATE users u SET manager_user_id = CASE u.id WHEN '${ring[0]}' THEN '${ring[1]}'::uuid ELSE '${ring[0]}' END
      WHERE u.id IN ('${ring[0]}', '${ring[1]}')`;
    await expect(db.query(one_statement)).rejects.toMatchObject({ code: 'TL082' });
  });
});

describe('a team', () => {
  const teamOf = async (id: string) => {
    const { rows } = await db.query<{ id: string }>('SELECT team_of($1, $2) AS id ORDER BY 1', [org_id, id]);
    return rows.map((row) => row.id);
  };

  it('is everyone below a leader, else the people of the manager, else the user alone', async () => {
    const [top, left, right, rep, mate, alone] = (await people(null, 0, 0, 1, 1, null)) as [
      ...[string, string, string],
      ...[string, string, string],
    ];
    const sorted = (...ids: string[]) => ids.sort();
    expect(await teamOf(top)).toEqual(sorted(top, left, right, rep, mate));
    expect(await teamOf(left)).toEqual(sorted(left, rep, mate));
    expect(await teamOf(right)).toEqual(sorted(left, right));
    expect(await teamOf(rep)).toEqual(sorted(rep, mate));
    expect(await teamOf(alone)).toEqual([alone]);
    await patch(left, { is_active: false });
    expect(await teamOf(top)).toEqual(sorted(top, left, right, rep, mate));
    expect(await teamOf(rep)).toEqual(sorted(rep, mate));
  });
});
