import { expect, it } from 'vitest';
import { actorOf } from '../../src/principal.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { createWorld } from '../world.ts';

/* The database keeps the rows of an import and the CRM records of leads, by which a file merges leads. */

const { db } = await testDatabase();

// lead_imports_own, lead_import_rows_own_new, lead_import_rows_own_changed, lead_import_rows_own_deleted
it('refuses rows in an import of someone else, and an import in another name', async () => {
  const world = await createWorld(db);
  const { as, tried } = await attackersOf(db, world);
  const id = '01900000-0000-7000-8000-000000000001';
  const admin = actorOf(world.person).id;
  const begin = `INSERT INTO lead_imports (org_id, id, dry_run, imported_by_user_id) VALUES ($1, $2, false, $3)`;
  expect(await tried([begin, [world.org_id, id, admin]], ['rep'])).toEqual({ rep: 'TL005' });
  await as('admin', (tx) => tx.query(begin, [world.org_id, id, admin]));
  const row = `INSERT INTO lead_import_rows (org_id, import_id, line, lead_id, account_id, email, opt_out_flag)
    VALUES ($1, $2, 2, gen_random_uuid(), gen_random_uuid(), 'ada@acme.example', true)`;
  const who = ['rep', 'admin'] as const;
  const [refused, allowed] = [{ rep: 'TL005', admin: null }, 1];
  expect(await tried([row, [world.org_id, id]], who)).toEqual(refused);
  const added = await as('admin', (tx) => tx.query(row, [world.org_id, id]));
  expect(added.rowCount).toBe(allowed);
  const changing = `UPDATE lead_import_rows SET opt_out_flag = NULL WHERE import_id = $1`;
  expect(await tried([changing, [id]], who)).toEqual(refused);
  expect(await tried(['DELETE FROM lead_import_rows WHERE import_id = $1', [id]], who)).toEqual(refused);
});

// leads_crm_record
it('lets only a person who may merge change the CRM record of a lead', async () => {
  const world = await taskWorld(db);
  const lead_id = await world.addLead();
  const { tried } = await attackersOf(db, world);
  const change = (value: string) =>
    [`UPDATE leads SET crm_contact_id = ${value} WHERE id = $1`, [lead_id]] as const;
  expect(await tried(change(`'crm-1'`), ['rep', 'admin'])).toEqual({ rep: 'TL022', admin: null });
  expect(await tried(change(`'crm-1'`), ['coordinator', 'system'])).toEqual({
    coordinator: null,
    system: null,
  });
  const change_it = { id: lead_id, crm_contact_id: 'crm-1' };
  const rep = await world.addPerson('rep');
  await expect(world.call('patch_lead', rep, change_it)).rejects.toMatchObject({ code: 'TL022' });
  expect(await world.call('patch_lead', world.person, change_it)).toMatchObject({ crm_contact_id: 'crm-1' });
});
