import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { lockLeads } from '../../src/db/queries/facts.gen.ts';
import { tryMergeLock } from '../../src/db/queries/imports.gen.ts';
import { newId } from '../../src/ids.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import { importFile, manyLeads } from './import_world.ts';

const { db } = await testDatabase();

const many = (count: number, title?: string) => Readable.from(manyLeads(count, title), { objectMode: false });

/** Everything that an import may change, to compare before and after. */
async function snapshot(world: World) {
  const tables = ['leads', 'accounts', 'cadence_event_log', 'campaign_contacts', 'sales_send_queue'];
  const entries = tables.map(async (table) => [table, await world.rows(table, 'true ORDER BY 1, 2')]);
  return Object.fromEntries(await Promise.all(entries));
}

test('importing the sample a second time changes nothing', async () => {
  const world = await createWorld(db);
  const csv = readFileSync(new URL('../../samples/leads.csv', import.meta.url));
  const first = await importFile(world, csv);
  expect(first).toMatchObject({
    rows_read: 300,
    created_count: 300,
    updated_count: 0,
    unchanged_count: 0,
    error_count: 0,
  });
  expect(first.ignored_columns).toEqual([]);
  expect(await world.rows('accounts')).toHaveLength(110);
  expect(await world.rows('accounts', 'abm_active')).toHaveLength(12);
  expect(await world.rows('leads', 'unsubscribe_flag')).toHaveLength(8);
  const blocked = await world.rows('leads', 'unsubscribe_flag OR opt_out_flag');
  const events = await world.rows('cadence_event_log', `event_type = 'opted_out'`);
  expect(events.map((event) => event.lead_id).sort()).toEqual(blocked.map((lead) => lead.id).sort());
  expect(events[0]).toMatchObject({
    actor_kind: 'human',
    resolution: 'import',
    detail: { import_id: first.import_id },
  });

  const before = await snapshot(world);
  world.clock.advance(DAY_MS);
  const again = await importFile(world, csv);
  expect(again).toMatchObject({ rows_read: 300, created_count: 0, updated_count: 0, unchanged_count: 300 });
  expect(await snapshot(world)).toEqual(before);
  expect(await world.rows('lead_imports')).toMatchObject([
    { status: 'done' },
    { status: 'done', unchanged_count: 300 },
  ]);
});

test('a dry run counts like a real one and changes no row', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead({ email: 'known@x.example' });
  await world.request(lead_id, 'b2bea_nurture');
  const before = await snapshot(world);
  const csv = 'email,title,company,opted_out\nknown@x.example,Boss,Other,yes\nnew@x.example,Boss,New,\n';
  const dry = await importFile(world, csv, { dry_run: true });
  expect(await snapshot(world)).toEqual(before);
  expect(await world.rows('lead_import_rows')).toEqual([]);
  const real = await importFile(world, csv);
  const counts = { rows_read: 2, created_count: 1, updated_count: 1, unchanged_count: 0, error_count: 0 };
  expect(dry).toMatchObject({ dry_run: true, ...counts });
  expect(real).toMatchObject({ dry_run: false, ...counts });
  expect(await world.rows('lead_imports', 'dry_run')).toMatchObject([{ status: 'done', created_count: 1 }]);
});

test('the file fills in and corrects; an empty cell leaves the stored value', async () => {
  const world = await createWorld(db);
  await importFile(
    world,
    'email,first_name,title,tier,sales_signal_at\nAnn@X.example,Ann,Boss,T1,2026-11-02\n',
  );
  const [before] = await world.rows('leads');
  world.clock.advance(1_000);
  const csv = 'email,first_name,title,tier,last_name,sales_signal_at\nann@x.example,,Chief,,Lee,2026-11-01\n';
  expect(await importFile(world, csv)).toMatchObject({ created_count: 0, updated_count: 1 });
  expect(await world.rows('leads')).toEqual([
    {
      ...before,
      email: 'ann@x.example',
      title: 'Chief',
      last_name: 'Lee',
      name_key: 'ann lee',
      last_name_key: 'lee',
      updated_at: world.clock.now(),
    },
  ]);
});

test('for a person who occurs twice in the file the last line counts, and the others are reported', async () => {
  const world = await createWorld(db);
  const csv = 'email,title\na@x.example,One\nb@x.example,B\nA@x.example,Two\na@X.example,Three\n';
  const answer = await importFile(world, csv);
  expect(answer).toMatchObject({ rows_read: 4, created_count: 2, skipped_count: 2, error_count: 2 });
  expect(answer.errors).toMatchObject([
    {
      line: 2,
      code: 'duplicate_in_file',
      column: 'email',
      value: 'a@x.example',
      message: expect.stringContaining('line 5'),
    },
    { line: 4, code: 'duplicate_in_file' },
  ]);
  expect(await world.rows('leads', `email_key = 'a@x.example'`)).toMatchObject([{ title: 'Three' }]);
});

test('an opt-out in a file is permanent, and ends what was open', async () => {
  const world = await createWorld(db);
  const email = 'open@x.example';
  const lead_id = await world.addLead({ email });
  await world.request(lead_id, 'b2bea_nurture');
  await world.work();
  expect(await world.rows('campaign_contacts', `status = 'active'`)).toHaveLength(1);
  world.clock.advance(1_000);
  await importFile(world, `email,unsubscribed\n${email},true\n`);
  expect(await world.rows('leads')).toMatchObject([
    { unsubscribe_flag: true, unsubscribed_at: world.clock.now() },
  ]);
  expect(await world.rows('campaign_contacts')).toMatchObject([
    { status: 'rejected', exit_reason: 'compliance_block' },
  ]);
  const open = await world.rows('sales_send_queue', `status NOT IN ('canceled', 'sent', 'failed')`);
  expect(open).toEqual([]);
  const events = (await world.rows('cadence_event_log')).filter(
    (event) => Number(event.timestamp) === world.clock.now_ms(),
  );
  expect(events.map((event) => [event.event_type, event.actor_kind]).sort()).toEqual([
    ['canceled', 'coordinator'],
    ['exited', 'coordinator'],
    ['opted_out', 'human'],
  ]);

  world.clock.advance(DAY_MS);
  const lifted = await importFile(world, `email,unsubscribed,opted_out\n${email},false,no\n`);
  expect(lifted).toMatchObject({ unchanged_count: 1 });
  expect(await world.rows('leads')).toMatchObject([{ unsubscribe_flag: true }]);
});

test('an account is identified by its domain, else by its name, and ABM changes only when the file sets it', async () => {
  const world = await createWorld(db);
  await importFile(
    world,
    'email,company,domain,abm,tier\na@acme.example,Acme,acme.example,true,T1\nb@solo.example,Solo,,,\n',
  );
  const [acme] = await world.rows('accounts', `domain = 'acme.example'`);
  world.clock.advance(1_000);
  const silent =
    'email,company,domain,abm,tier\na@acme.example,Acme Inc,ACME.example,,\nc@acme.example,,acme.example,,T2\nd@solo.example,SOLO,,,\n';
  await importFile(world, silent);
  expect(await world.rows('accounts', `domain = 'acme.example'`)).toEqual([
    { ...acme, name: 'Acme Inc', name_key: 'acme inc', icp_tier: 'T2', updated_at: world.clock.now() },
  ]);
  await importFile(world, 'email,company\na@acme.example,acme inc\n');
  await importFile(world, 'email,domain,abm\na@acme.example,acme.example,false\n');
  expect(await world.rows('accounts', `domain = 'acme.example'`)).toMatchObject([
    { abm_active: false, name: 'Acme Inc' },
  ]);
  expect(await world.rows('accounts', `name ILIKE 'solo'`)).toMatchObject([{ name: 'SOLO', domain: null }]);
  const solo = `account_id IN (SELECT id FROM accounts WHERE account_key = 'solo')`;
  expect(await world.rows('leads', solo)).toHaveLength(2);
});

test('a file that starts ABM stops nurture, and one that ends ABM wakes waiting enrollments', async () => {
  const world = await createWorld(db);
  const file = (abm: string) => importFile(world, `email,domain,abm\na@acme.example,acme.example,${abm}\n`);
  await file('no');
  const [lead] = await world.rows<{ id: string }>('leads');
  await world.request(lead!.id, 'b2bea_nurture');
  await file('yes');
  await world.work();
  const paused = { status: 'paused', wake: 'abm_ends', paused_until: null };
  expect(await world.rows('campaign_contacts')).toMatchObject([paused]);
  await file('');
  expect(await world.rows('campaign_contacts')).toMatchObject([paused]);
  world.clock.advance(DAY_MS);
  await file('no');
  expect(await world.rows('campaign_contacts')).toMatchObject([{ paused_until: world.clock.now() }]);
  await world.work();
  expect(await world.rows('campaign_contacts')).toMatchObject([{ status: 'active' }]);
});

test('two imports of the same file at once cause no duplicate and no error', async () => {
  const world = await createWorld(db);
  const answers = await Promise.all([
    importFile(world, many(3_000)),
    importFile(world, many(3_000)),
    importFile(world, many(3_000, 'Chief')),
  ]);
  const sum = (name: 'created_count' | 'rows_read') => answers.reduce((all, one) => all + one[name], 0);
  expect(sum('created_count')).toBe(3_000);
  expect(sum('rows_read')).toBe(9_000);
  expect(await world.rows('leads')).toHaveLength(3_000);
  expect(await world.rows('accounts')).toHaveLength(600);
  expect(await world.rows('lead_import_rows')).toEqual([]);
});

test('imports of one org take turns; another org’s does not wait', async () => {
  const [world, other] = [await createWorld(db), await createWorld(db)];
  const csv = 'email\na@x.example\n';
  let is_done = false;
  let importing: Promise<unknown> = Promise.resolve();
  await transaction(db, actorOf(world.person), async (tx) => {
    expect(await tryMergeLock.one({ org_id: world.org_id }, tx)).toEqual({ taken: true });
    importing = importFile(world, csv).then(() => {
      is_done = true;
    });
    await importFile(other, csv);
    await tx.query('SELECT pg_sleep(0.5)');
    expect(is_done).toBe(false);
  });
  await importing;
  expect(await world.rows('leads')).toHaveLength(1);
});

test('an import waits for a locked lead, and locks none that it does not change', async () => {
  const world = await createWorld(db);
  const csv = 'email,title\na@x.example,A\nb@x.example,B\n';
  await importFile(world, csv);
  const [a] = await world.rows<{ id: string }>('leads', `email = 'a@x.example'`);
  let importing: Promise<unknown> = Promise.resolve();
  await transaction(db, actorOf(world.person), async (tx) => {
    await lockLeads.run({ org_id: world.org_id, lead_ids: [a!.id] }, tx);
    expect(await importFile(world, csv.replace(',B', ',Changed'))).toMatchObject({ updated_count: 1 });
    importing = importFile(world, csv.replace(',A', ',Changed'));
    await tx.query(`SELECT pg_sleep(2.5)`);
  });
  expect(await importing).toMatchObject({ updated_count: 2 });
});

test('rows left by a crash are deleted a day later, those of a running import are not', async () => {
  const world = await createWorld(db);
  const leave = async () => {
    const id = newId(world.clock);
    await db.query(`INSERT INTO lead_imports (org_id, id, dry_run, created_at) VALUES ($1, $2, false, $3)`, [
      world.org_id,
      id,
      world.clock.now(),
    ]);
    await db.query(
      `INSERT INTO lead_import_rows (org_id, import_id, line, lead_id, account_id, email)
       SELECT $1, $2, n, gen_random_uuid(), gen_random_uuid(), 'p' || n || '@x.example' FROM generate_series(1, 3) n`,
      [world.org_id, id],
    );
    return id;
  };
  const crashed = await leave();
  world.clock.advance(DAY_MS + 1);
  const running = await leave();
  await importFile(world, 'email\na@x.example\n');
  expect(await world.rows('lead_imports', `id = '${crashed}'`)).toMatchObject([{ status: 'failed' }]);
  expect(await world.rows('lead_imports', `id = '${running}'`)).toMatchObject([{ status: 'receiving' }]);
  const left = await world.rows('lead_import_rows');
  expect(new Set(left.map((row) => row.import_id))).toEqual(new Set([running]));
  expect(await world.rows('leads')).toHaveLength(1);
});

test('another organization’s leads are unchanged', async () => {
  const [world, other] = [await createWorld(db), await createWorld(db)];
  const csv = 'email,title,company\na@x.example,A,X\n';
  await importFile(other, csv);
  const before = await snapshot(other);
  expect(await importFile(world, csv.replace(',A', ',B'))).toMatchObject({ created_count: 1 });
  expect(await snapshot(other)).toEqual(before);
});
