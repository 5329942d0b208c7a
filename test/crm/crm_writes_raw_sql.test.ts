import { afterAll, beforeAll, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type CrmWorld, crmWorld } from './crm_world.ts';

const { db } = await testDatabase();
let world: CrmWorld;
let attackers: Awaited<ReturnType<typeof attackersOf>>;

beforeAll(async () => {
  world = await crmWorld(db);
  await world.soldTo();
  attackers = await attackersOf(db, world);
});
afterAll(() => world.close());

const every = (code: string) =>
  expect.toSatisfy((said: object) => Object.values(said).every((one) => one === code));

// crm_writes_once, crm_writes_identity
it('is written only by triggers, and once for each change', async () => {
  const [lead] = await world.rows<{ id: string }>('leads');
  const insert = `INSERT INTO crm_writes (org_id, id, lead_id, kind, subject_id, part, occurred_at, next_at)
    VALUES ($1, $2, $3, 'touch', $2, 'sent', now(), now())`;
  const values = [world.org_id, newId(world.clock), lead!.id];
  expect(await attackers.tried([insert, values])).toEqual(every('42501'));
  const copy = `INSERT INTO crm_writes (org_id, id, lead_id, kind, subject_id, part, occurred_at, next_at)
    SELECT org_id, gen_random_uuid(), lead_id, kind, subject_id, part, occurred_at, next_at FROM crm_writes WHERE kind = 'touch'`;
  await expect(db.query(copy)).rejects.toMatchObject({ code: '23505' });
  const moved = `UPDATE crm_writes SET subject_id = gen_random_uuid() WHERE kind = 'touch'`;
  expect(await attackers.tried([moved], ['coordinator'])).toEqual({ coordinator: 'TL012' });
});

// crm_writes_guard, crm_writes_skipped, crm_writes_kept
it('is settled only by the coordinator; a person decides only what the CRM refused, in their own name', async () => {
  const settled = `UPDATE crm_writes SET status = 'written', settled_at = now() WHERE kind = 'touch'`;
  expect(await attackers.tried([settled], ['admin', 'rep', 'agent', 'coordinator', 'system'])).toEqual({
    ...{ admin: 'TL005', rep: 'TL005', agent: 'TL004', coordinator: null, system: 'TL004' },
  });
  const user_id = world.person.kind === 'human' ? world.person.user_id : '';
  const skip = (by: string, reason = `'by hand'`) =>
    [
      `UPDATE crm_writes SET status = 'skipped', settled_at = now(), skip_reason = ${reason}, decided_by_user_id = $1 WHERE kind = 'touch'`,
      [by],
    ] as const;
  expect(await attackers.tried(skip(user_id), ['admin', 'coordinator'])).toEqual({
    admin: 'TL001',
    coordinator: 'TL004',
  });
  await attackers.as('coordinator', (tx) =>
    tx.query(`UPDATE crm_writes SET status = 'refused', last_code = 'x' WHERE kind = 'touch'`),
  );
  expect(await attackers.tried(skip(user_id), ['admin', 'rep', 'coordinator'])).toEqual({
    ...{ admin: null, rep: 'TL005', coordinator: 'TL004' },
  });
  expect(await attackers.tried(skip(attackers.rep), ['admin', 'rep'])).toEqual({
    admin: 'TL005',
    rep: 'TL022',
  });
  expect(await attackers.tried(skip(user_id, 'NULL'), ['admin'])).toEqual({ admin: '23514' });
  expect(await attackers.tried(['DELETE FROM crm_writes'], ['admin', 'coordinator'])).toEqual({
    ...{ admin: '42501', coordinator: '42501' },
  });
  await expect(db.query('DELETE FROM crm_writes')).rejects.toMatchObject({ code: 'TL003' });
});

// crm_actors_by_coordinator, crm_limits_by_coordinator
it('knows its own authors and its limit only from the coordinator', async () => {
  for (const insert of [
    `INSERT INTO crm_actors (org_id, actor_id, since) VALUES ($1, 'a user of the CRM', now())`,
    `INSERT INTO crm_limits (org_id, calls, next_free_at) VALUES ($1, 'write', now())`,
  ])
    expect(
      await attackers.tried([insert, [world.org_id]], ['admin', 'rep', 'agent', 'coordinator', 'system']),
    ).toEqual({
      ...{ admin: 'TL004', rep: 'TL004', agent: 'TL005', coordinator: null, system: 'TL004' },
    });
});

it('leads from every id that the CRM gave a person to that person, and no one edits that', async () => {
  const lead_id = await world.addLead({ crm_contact_id: 'first' });
  await transaction(db.app, attackers.actors.admin, (tx) =>
    tx.query(`UPDATE leads SET crm_contact_id = 'second' WHERE id = $1`, [lead_id]),
  );
  expect(await world.rows('contact_ids', `lead_id = '${lead_id}' ORDER BY contact_id`)).toMatchObject([
    ...[{ contact_id: 'first' }, { contact_id: 'second' }],
  ]);
  expect(await attackers.tried([`DELETE FROM contact_ids`])).toEqual(every('42501'));
  expect(await attackers.tried([`UPDATE contact_ids SET contact_id = 'x'`])).toEqual(every('42501'));
});

// campaign_contacts_identity, sales_send_queue_identity
it('keeps the id with which an enrollment and its touches were written', async () => {
  const who = ['admin', 'rep', 'coordinator', 'system'] as const;
  for (const table of ['campaign_contacts', 'sales_send_queue'])
    expect(await attackers.tried([`UPDATE ${table} SET contact_id = 'x'`], who), table).toEqual(
      every('TL012'),
    );
});

it('is queued once however many connections report the same', async () => {
  const [touch] = await world.rows<{ id: string }>('touches');
  const before = (await world.writes()).length;
  await Promise.all(
    Array.from({ length: 64 }, () =>
      transaction(db.app, attackers.actors.coordinator, (tx) =>
        tx.query(`UPDATE touches SET outcome = 'sent' WHERE id = $1`, [touch!.id]),
      ).catch(() => undefined),
    ),
  );
  expect((await world.writes()).length).toBe(before);
});
