import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { suppressionFileOperations } from '../../src/operations/leads/suppression_file.ts';
import { suppressionListOperations } from '../../src/operations/leads/suppression_list.ts';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { createWorld, DAY_MS, START, type World } from '../world.ts';
import { readOf } from './explain_world.ts';

/* The suppression list as people keep it: added, checked, lifted, imported, exported. */

const { db } = await testDatabase();
const CAMPAIGN = 'b2bea_membership';
const OPERATIONS = [...suppressionListOperations, ...suppressionFileOperations];

type Suppression = {
  id: string;
  kind: string;
  value: string;
  reason: string;
  source: string;
  lift_reason: string | null;
};
type Added = { added_count: number; already_count: number; lead_count: number };
type Filed = Added & {
  rows_read: number;
  error_count: number;
  errors: { line: number; code: string; column: string }[];
};

const named = (name: string) => OPERATIONS.find((one) => one.name === name)!;
const run = <Answer>(
  world: World,
  name: (typeof OPERATIONS)[number]['name'],
  input: Record<string, unknown> = {},
) => readOf<Answer>(world, named(name), input);
const add = (world: World, values: string[], more: Record<string, unknown> = {}) =>
  run<Added>(world, 'add_suppressions', { values, reason: 'asked by phone', ...more });
const list = async (world: World, filters: Record<string, unknown> = {}) =>
  (await run<{ items: Suppression[] }>(world, 'list_suppressions', filters)).items;
const lift = async (world: World, value: string) => {
  const [found] = await list(world, { q: value });
  return run<Suppression>(world, 'lift_suppression', { id: found!.id, reason: 'agreed again' });
};
const request = async (world: World, email: string) =>
  (await world.request(await world.addLead({ email }), CAMPAIGN)) as { decision?: { reason: string | null } };

const enrollmentOf = async (world: World, lead_id: string) =>
  (await world.rows<{ status: string }>('campaign_contacts', `lead_id = '${lead_id}'`))[0]!;

describe('adding', () => {
  it('stops requests to an address, to a domain, and to its subdomains', async () => {
    const world = await createWorld(db);
    expect(await add(world, ['Bo@Acme.example', '*@beta.example'])).toMatchObject({
      added_count: 2,
      already_count: 0,
    });
    expect((await list(world)).map(({ kind, value, source }) => [kind, value, source])).toEqual(
      expect.arrayContaining([
        ['address', 'bo@acme.example', 'person'],
        ['domain', 'beta.example', 'person'],
      ]),
    );
    const outcomes = async (email: string) => (await request(world, email)).decision?.reason ?? 'allowed';
    expect(await outcomes('bo@acme.example')).toBe('compliance_block');
    expect(await outcomes('al@beta.example')).toBe('compliance_block');
    expect(await outcomes('al@eu.sales.beta.example')).toBe('compliance_block');
    expect(await outcomes('al@acme.example')).toBe('allowed');
    expect(await outcomes('al@notbeta.example')).toBe('allowed');
  });

  it('ends open work of the leads that it covers', async () => {
    const world = await createWorld(db);
    const covered = await world.addLead({ email: 'cy@eu.gamma.example' });
    const other = await world.addLead({ email: 'cy@delta.example' });
    for (const lead of [covered, other]) await world.request(lead, CAMPAIGN);
    expect(await add(world, ['gamma.example'], { dry_run: true })).toMatchObject({
      added_count: 1,
      lead_count: 1,
    });
    expect(await list(world)).toEqual([]);
    await add(world, ['gamma.example']);
    await world.work();
    expect((await enrollmentOf(world, covered)).status).toBe('rejected');
    expect((await enrollmentOf(world, other)).status).toBe('active');
    const [row] = await world.rows<{ settled_at: Date | null }>('suppressions');
    expect(row!.settled_at).not.toBeNull();
  });

  it('names the suppressed address to a person who requests its lead, and not to an agent', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead({ email: 'lena@acme.example' });
    await add(world, ['lena@acme.example']);
    const asked = { lead_id, campaign_slug: CAMPAIGN, dry_run: true };
    const text =
      /^Blocked: lena@acme\.example is on the suppression list \(asked by phone, .+, [A-Z][a-z]{2} \d+\)\.$/;
    expect(await world.call('request_sequence', world.person, asked)).toMatchObject({
      text: expect.stringMatching(text),
    });
    expect(await world.call('request_sequence', world.brooke, asked)).toMatchObject({
      blocked_by: null,
      text: 'Blocked: the address or its domain is on the suppression list.',
    });
  });

  it('of a further address counts and lists its person, and stops no touch to the primary one', async () => {
    const world = await taskWorld(db);
    const lead_id = await world.addLead({ email: 'ada@acme.example' });
    await world.call('add_lead_address', world.person, { id: lead_id, value: 'ada@home.example' });
    expect(await add(world, ['ada@home.example'])).toMatchObject({ lead_count: 1, added_count: 1 });
    const { items } = await world.call('list_lead_suppressions', world.person, { id: lead_id });
    expect(items).toMatchObject([
      {
        kind: 'address',
        text: 'ada@home.example may not be contacted (asked by phone). Touches go to another address of the lead, which may be used.',
      },
    ]);
    const { addresses, suppressed_address } = await world.call('get_lead', world.person, { id: lead_id });
    expect(suppressed_address).toBe(false);
    const suppressed = addresses.filter((one: { is_suppressed: boolean }) => one.is_suppressed);
    expect(suppressed).toMatchObject([{ value: 'ada@home.example' }]);
    const { next } = await world.call('explain_lead', world.person, { id: lead_id });
    expect(next[0].text).not.toContain('Nothing will be sent');
    expect(
      await world.call('request_sequence', world.person, { lead_id, campaign_slug: CAMPAIGN }),
    ).toMatchObject({
      outcome: 'allow',
    });
  });

  it('counts what is in force already, and names each invalid value', async () => {
    const world = await createWorld(db);
    await add(world, ['bo@acme.example']);
    expect(await add(world, ['BO@acme.example', 'bo@acme.example'])).toMatchObject({
      added_count: 0,
      already_count: 1,
    });
    await expect(
      add(world, ['ok@acme.example', 'not an address', 'justin@sender.example', 'sender.example']),
    ).rejects.toMatchObject({
      code: 'suppression_invalid',
      errors: [{ path: 'values[1]' }, { path: 'values[2]' }, { path: 'values[3]' }],
    });
    expect(await list(world)).toHaveLength(1);
    await expect(
      add(world, ['x@acme.example'], { until: new Date(START - DAY_MS).toISOString() }),
    ).rejects.toMatchObject({
      code: 'until_past',
    });
  });
});

describe('an end', () => {
  it('lifts the suppression automatically once it has passed', async () => {
    const world = await createWorld(db);
    await add(world, ['acme.example'], { until: new Date(START + DAY_MS).toISOString() });
    await world.work();
    expect(await list(world)).toHaveLength(1);
    world.clock.advance(DAY_MS);
    await world.work();
    expect(await list(world)).toEqual([]);
    expect(await list(world, { is_lifted: 'true' })).toMatchObject([
      { value: 'acme.example', lift_reason: null },
    ]);
    expect((await request(world, 'al@acme.example')).decision?.reason ?? null).toBeNull();
  });
});

describe('lifting', () => {
  it('needs a reason, happens once, and allows the value again', async () => {
    const world = await createWorld(db);
    await add(world, ['acme.example']);
    const [first] = await list(world);
    expect(await lift(world, 'acme')).toMatchObject({ id: first!.id, lift_reason: 'agreed again' });
    await expect(run(world, 'lift_suppression', { id: first!.id, reason: 'twice' })).rejects.toMatchObject({
      code: 'suppression_lifted',
    });
    expect((await request(world, 'al@acme.example')).decision?.reason ?? null).toBeNull();
    expect(await add(world, ['acme.example'])).toMatchObject({ added_count: 1 });
    expect(await list(world, { is_lifted: 'true' })).toHaveLength(1);
  });
});

describe('lifting by the value', () => {
  it('lifts the suppression in force, and an opt-out only where nothing else suppresses the value', async () => {
    const world = await createWorld(db);
    const lift_value = (id: string) => run<Suppression>(world, 'lift_suppression', { id, reason: 'agreed' });
    const email = 'lena@acme.example';
    await world.addLead({ email, opt_out_flag: true, opted_out_at: new Date(START) });
    await add(world, [email, '@beta.example']);
    expect(await lift_value(' *@Beta.example')).toMatchObject({ value: 'beta.example' });
    expect(await lift_value('Lena@acme.example')).toMatchObject({ source: 'person' });
    expect(await lift_value(email)).toMatchObject({ source: 'opt_out' });
    for (const key of [email, 'nonsense', newId(world.clock)]) {
      await expect(lift_value(key)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

it('the list shows the newest first, opt-outs as well', async () => {
  const world = await createWorld(db);
  for (const n of [1, 2, 3, 4, 5, 6]) {
    world.clock.advance(1);
    await world.addLead({ email: `o${n}@acme.example`, opt_out_flag: true, opted_out_at: new Date(START) });
  }
  const values = (await list(world)).map(({ value }) => value);
  expect(values).toEqual([6, 5, 4, 3, 2, 1].map((n) => `o${n}@acme.example`));
});

describe('a file', () => {
  const upload = (world: World, text: string, input: Record<string, unknown> = {}) =>
    named('import_suppressions').run({
      context: world.context,
      principal: world.person,
      input: { dry_run: false, ...input },
      body: { stream: Readable.from([Buffer.from(text)]), media_type: 'text/csv' },
    } as never) as unknown as Promise<Filed>;

  it('is imported with its reasons and ends; invalid rows are left out and listed by line', async () => {
    const world = await createWorld(db);
    const text = [
      'Email,Reason,Ends',
      'bo@acme.example,asked us,',
      'acme.example,"competitor, for now",2027-01-31',
      'nonsense,,',
      'late@acme.example,,2020-01-01',
      'odd@acme.example,,soon',
      'even@acme.example,,2027-02-30',
      'bo@acme.example,again,',
      '+1 (202) 555-0123,asked in a call,',
      '+1 20,,',
    ].join('\n');
    expect(await upload(world, text, { dry_run: true })).toMatchObject({
      rows_read: 9,
      added_count: 3,
      error_count: 5,
    });
    expect(await list(world)).toEqual([]);
    const report = await upload(world, text);
    expect(report).toMatchObject({ rows_read: 9, added_count: 3, already_count: 1, error_count: 5 });
    expect(report.errors.map(({ line, code, column }) => [line, code, column])).toEqual([
      [4, 'suppression_invalid', 'value'],
      [5, 'until_past', 'until'],
      [6, 'until_invalid', 'until'],
      [7, 'until_invalid', 'until'],
      [10, 'suppression_invalid', 'value'],
    ]);
    expect(await list(world, { kind: 'domain' })).toMatchObject([
      { reason: 'competitor, for now', source: 'file' },
    ]);
    expect(await upload(world, text)).toMatchObject({ added_count: 0, already_count: 4 });
    await expect(upload(world, 'name\nBo\n')).rejects.toMatchObject({ code: 'csv_no_value_column' });
  });

  it('is exported in a form that the import reads and no spreadsheet runs', async () => {
    const world = await createWorld(db);
    await add(world, ['+sum@acme.example', 'acme.example', '+1 202-555-0123'], {
      reason: '=HYPERLINK("http://x.example")',
    });
    const { csv, row_count, next_cursor } = await run<{
      csv: string;
      row_count: number;
      next_cursor: string | null;
    }>(world, 'export_suppressions');
    expect([row_count, next_cursor]).toEqual([3, null]);
    expect(csv).toContain(`'+sum@acme.example`);
    expect(csv).toContain(`"'=HYPERLINK(""http://x.example"")"`);
    const other = await createWorld(db);
    expect(await upload(other, csv)).toMatchObject({ added_count: 3, error_count: 0 });
    expect((await list(other)).map(({ value }) => value).sort()).toEqual([
      '+12025550123',
      '+sum@acme.example',
      'acme.example',
    ]);
  });

  it('is imported again without new suppressions, opt-outs included', async () => {
    const world = await createWorld(db);
    await world.addLead({ email: 'out@acme.example', opt_out_flag: true, opted_out_at: new Date(START) });
    await add(world, ['acme.example']);
    const { csv } = await run<{ csv: string }>(world, 'export_suppressions');
    for (const dry_run of [true, false])
      expect(await upload(world, csv, { dry_run })).toMatchObject({ added_count: 0, already_count: 2 });
    // A file of one's own suppresses the address beside the opt-out, and the dry run says so.
    for (const dry_run of [true, false])
      expect(await upload(world, 'Email\nout@acme.example\n', { dry_run })).toMatchObject({ added_count: 1 });
  });
});
