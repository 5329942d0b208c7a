import { describe, expect, it } from 'vitest';
import { actingDb } from '../../src/db/acting.ts';
import { transaction } from '../../src/db/pool.ts';
import { findLead } from '../../src/operations/leads/access.ts';
import { erasureOperations } from '../../src/operations/leads/erase_lead.ts';
import { actorOf } from '../../src/principal.ts';
import { untilBlocked } from '../blocked.ts';
import { watched } from '../database/rows_read.ts';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { createWorld, type World } from '../world.ts';
import { readOf } from './explain_world.ts';
import { importFile } from './import_world.ts';

/* A row of a file may have several addresses of one person. */

const database = await testDatabase();
const { db } = database;
const [, erase] = erasureOperations;
const found = async (world: World, key: string) => (await findLead(world.context.db, world.org_id, key)).id;

describe('further addresses of a file', () => {
  it('takes several addresses of a row, none as the primary one, and changes nothing in a dry run', async () => {
    const world = await createWorld(db);
    const head = 'Email,Email 2,Other emails,Phone,Mobile phone,LinkedIn,LinkedIn 2,Email status\n';
    const profiles = 'https://linkedin.example/in/ann,linkedin.example/in/ann-doe';
    const row = `ann@acme.example,ann@home.example,ann@b.example; ann@c.example,+12025550101,+1 202 555 0102,${profiles},valid\n`;
    const tried = await importFile(world, head + row, { dry_run: true });
    expect(tried).toMatchObject({
      ...{ created_count: 1, further_address_count: 5, suggested_merge_count: 0, errors: [] },
      address_columns: ['Email 2', 'Other emails', 'Mobile phone', 'LinkedIn 2'],
      ignored_columns: ['Email status'],
    });
    expect(await world.rows('lead_addresses')).toEqual([]);
    await importFile(world, head + row);
    const id = await found(world, 'ann@c.example');
    const lead = await findLead(world.context.db, world.org_id, id);
    expect(lead).toMatchObject({ email: 'ann@acme.example', phone: '+12025550101' });
    const further = await world.rows<{ value: string }>('lead_addresses', 'NOT is_primary ORDER BY value');
    expect(further.map(({ value }) => value)).toEqual([
      ...['+12025550102', 'ann@b.example', 'ann@c.example', 'ann@home.example'],
      'https://linkedin.example/in/ann-doe',
    ]);
    expect(new Set(further.map((address) => (address as unknown as { source: string }).source))).toEqual(
      new Set(['file']),
    );
    // The same person under another address: the file's second one finds the lead.
    const again = await importFile(world, 'Email,Secondary email\nann@new.example,ANN@home.example\n');
    expect(again).toMatchObject({ created_count: 0, further_address_count: 1 });
    expect(await found(world, 'ann@new.example')).toBe(id);
  });

  it('suggests a merge for an address of another lead, and names the place of an invalid one', async () => {
    const world = await createWorld(db);
    const ann = await world.addLead({ email: 'ann@acme.example' });
    const bo = await world.addLead({ email: 'bo@acme.example' });
    const json = { media_type: 'application/json' };
    const answer = await importFile(
      world,
      JSON.stringify([
        {
          email: 'bo@acme.example',
          addresses: ['ann@acme.example', { kind: 'phone', value: '+12025550107' }],
        },
        { email: 'cy@acme.example', addresses: ['cy@home.example', '12', { kind: 'fax', value: '1' }] },
      ]),
      json,
    );
    expect(answer).toMatchObject({ suggested_merge_count: 1, further_address_count: 1, skipped_count: 1 });
    expect(answer.errors).toMatchObject([
      { line: 2, column: 'addresses[1]', code: 'phone_invalid', value: '12' },
      { line: 2, column: 'addresses[2]', code: 'address_invalid' },
    ]);
    expect(await found(world, 'ann@acme.example')).toBe(ann);
    expect(await found(world, '+12025550107')).toBe(bo);
    const [suggested] = await world.rows<{ reason: string }>('lead_merge_suggestions');
    expect(suggested!.reason).toBe('same_email');
  });

  it('maps columns of further addresses by name, skips them with null, and leaves out a deleted person', async () => {
    const world = await createWorld(db);
    const file = 'Email,Email 2,Old\nann@acme.example,ann@home.example,ann@old.example\n';
    const dry = (mapping: unknown) => importFile(world, file, { dry_run: true, mapping });
    expect((await dry({ addresses: ['Old'] })).address_columns).toEqual(['Old']);
    expect((await dry({ addresses: null })).address_columns).toEqual([]);
    await expect(dry({ addresses: ['None'] })).rejects.toMatchObject({
      errors: [{ path: 'mapping.addresses[0]' }],
    });
    const id = await world.addLead({ email: 'ann@home.example' });
    await readOf(world, erase, { id, reason: 'asked' });
    const left_out = await importFile(world, file);
    expect(left_out.errors).toMatchObject([{ line: 2, code: 'suppressed_erased' }]);
    expect(await world.rows('leads', 'erased_at IS NULL')).toEqual([]);
  });
});

describe('CRM records of a file', () => {
  const file =
    'Email,Contact ID,Title\nann@acme.example,CRM-A,CEO\nbo@acme.example,CRM-A,CFO\nbo@acme.example,CRM-C,CTO\n';

  it('are never joined, and no lead moves to another record', async () => {
    const world = await createWorld(db);
    const ann = await world.addLead({ email: 'ann@acme.example', crm_contact_id: 'CRM-A' });
    const bo = await world.addLead({ email: 'bo@acme.example', crm_contact_id: 'CRM-B', title: 'COO' });
    await world.addLead({ email: 'cy@acme.example', crm_contact_id: 'CRM-C' });
    const rows = file.replace('bo@acme.example,CRM-A', 'Bo@home.example,CRM-A');
    const more = `${rows}di@acme.example,CRM-D,CIO\nbo@acme.example,CRM-B,CDO\n`;
    for (const dry_run of [true, false]) {
      const report = await importFile(world, file, { dry_run });
      expect(report).toMatchObject({ updated_count: 1, skipped_count: 2, error_count: 2 });
      expect(report.errors).toMatchObject([
        { line: 3, code: 'duplicate_in_file' },
        { line: 4, column: 'Contact ID', code: 'crm_record_differs', value: 'CRM-C' },
      ]);
      expect(report.errors[1]!.message).toContain('has another CRM record (CRM-B)');
    }
    await world.work();
    expect(await world.rows('leads', `id = '${bo}'`)).toMatchObject([
      { crm_contact_id: 'CRM-B', title: 'COO' },
    ]);
    expect(await importFile(world, more)).toMatchObject({ created_count: 1, error_count: 1 });
    await world.work();
    expect(await world.rows('lead_merges')).toEqual([]);
    expect(await world.rows('lead_merge_suggestions')).toEqual([]);
    expect(await world.rows('lead_addresses', `value_key = 'bo@home.example'`)).toMatchObject([
      { lead_id: ann },
    ]);
    expect(await world.rows('leads', `id = '${bo}'`)).toMatchObject([{ title: 'CDO' }]);
  });

  it('go to no lead with another one, also if its row comes first', async () => {
    const world = await createWorld(db);
    await world.addLead({ email: 'bo@acme.example', crm_contact_id: 'CRM-B' });
    const cy = await world.addLead({ email: 'cy@acme.example' });
    const report = await importFile(
      world,
      'Email,Contact ID\nbo@acme.example,CRM-X\ncy@acme.example,CRM-X\n',
    );
    expect(report).toMatchObject({ updated_count: 1, errors: [{ line: 2, code: 'crm_record_differs' }] });
    await world.work();
    expect(await world.rows('lead_merge_suggestions')).toEqual([]);
    expect(await world.rows('leads', `id = '${cy}'`)).toMatchObject([{ crm_contact_id: 'CRM-X' }]);
  });

  it('that one of two leads has join them', async () => {
    const world = await createWorld(db);
    const ann = await world.addLead({ email: 'ann@acme.example', crm_contact_id: 'CRM-A' });
    await world.addLead({ email: 'bo@acme.example' });
    const one_record = 'Email,Contact ID\nbo@acme.example,CRM-A\n';
    for (const dry_run of [true, false])
      expect(await importFile(world, one_record, { dry_run })).toMatchObject({
        merge_count: 1,
        suggested_merge_count: 0,
      });
    await world.work();
    expect(await world.rows('lead_merges')).toMatchObject([{ into_lead_id: ann, merged_by_user_id: null }]);
  });

  it('that one of two leads has only suggest their merge in the file of a rep', async () => {
    const world = await taskWorld(db);
    const principal = await world.addPerson('rep');
    await world.addLead({ email: 'ann@acme.example', crm_contact_id: 'CRM-A' });
    await world.addLead({ email: 'bo@acme.example' });
    const one_record = 'Email,Contact ID\nbo@acme.example,CRM-A\n';
    for (const dry_run of [true, false])
      expect(await importFile(world, one_record, { dry_run, principal })).toMatchObject({
        merge_count: 0,
        suggested_merge_count: 1,
      });
    await world.work();
    expect(await world.rows('lead_merges')).toEqual([]);
    const suggestions = () => world.rows('lead_merge_suggestions');
    expect(await suggestions()).toMatchObject([{ reason: 'crm_record_in_file', ended_at: null }]);
    await importFile(world, one_record);
    expect(await suggestions()).toMatchObject([{ reason: 'same_crm_record' }]);
    await importFile(world, one_record, { principal });
    await world.work();
    expect(await world.rows('lead_merges')).toHaveLength(1);
  });
});

it('begins again when a lead of the file is merged in the meantime', async () => {
  const world = await createWorld(db);
  const kept = await world.addLead({ email: 'ann@acme.example' });
  const gone = await world.addLead({ email: 'ann@home.example' });
  const actor = actorOf(world.person);
  const importing = await transaction(db.app, actor, async (tx) => {
    await tx.query(`SELECT merge_leads($1, $2, $3, 'one person', $4)`, [
      gone,
      kept,
      actor.id,
      world.clock.now(),
    ]);
    const begun = importFile(world, 'Email,Title\nann@home.example,CFO\n');
    await untilBlocked(db);
    return { begun };
  });
  expect(await importing.begun).toMatchObject({ updated_count: 1, error_count: 0 });
  expect(await world.rows('leads', `id = '${kept}'`)).toMatchObject([{ title: 'CFO' }]);
});

it('joins rows whose link is a further address in the same file, in either order', async () => {
  const rows = ['quin@b.example,quin.alt@b.example,Quin,', 'quin.alt@b.example,quin.old@b.example,,CTO'];
  const last = ['quin.old@b.example,,,', 'other@b.example,other.alt@b.example,Ola,'];
  for (const [at, lines] of [rows, rows.toReversed(), [...rows, ...last], [...last, ...rows]].entries()) {
    const world = await createWorld(db);
    const known = at === 3 ? await world.addLead({ email: 'quin.old@b.example' }) : null;
    const answer = await importFile(world, `Email,Email 2,First name,Title\n${lines.join('\n')}\n`);
    expect(answer).toMatchObject({ errors: [], suggested_merge_count: 0 });
    const id = await found(world, 'quin@b.example');
    expect(id).toBe(known ?? id);
    for (const key of ['quin.alt@b.example', 'quin.old@b.example']) expect(await found(world, key)).toBe(id);
    expect(await findLead(world.context.db, world.org_id, id)).toMatchObject({
      first_name: 'Quin',
      title: 'CTO',
    });
    expect(await world.rows('leads')).toHaveLength(lines.length > 2 ? 2 : 1);
  }
});

it('looks each further address up by its index: the cost of a file is linear in its addresses', async () => {
  const world = await createWorld(db);
  const { pool, watch, close } = await watched(database);
  const rows = Array.from(
    { length: 100 },
    (_, n) => `p${n}@c.example,a${n}@home.example;b${n}@home.example,linkedin.com/in/pat${n}\n`,
  );
  const file = `Email,Other emails,LinkedIn 2\n${rows.join('')}`;
  const importing = { ...world, context: { ...world.context, db: actingDb(pool, actorOf(world.person)) } };
  const ran = await watch(() => importFile(importing, file));
  await close();
  const about = ran.filter(({ text }) => text.includes('import_addresses.suggestImportedMerges'));
  expect(about).toHaveLength(1);
  // Each of 300 addresses is read from its row and from its index.
  expect(about[0]!.rows_read).toBeLessThan(3 * 300);
});
