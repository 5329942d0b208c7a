import { expect, test } from 'vitest';
import { z } from 'zod';
import { importText } from '../../src/operations/leads/imports.ts';
import { registry } from '../../src/operations/registry.ts';
import { importErrors, rejectedRows } from '../../src/surfaces/cli_stream.ts';
import { answerText, printableText, problemText } from '../../src/surfaces/cli_text.ts';
import { jsonSchemaOf } from '../../src/surfaces/json_schema.ts';

const ID = '01890000-0000-7000-8000-000000000001';
const row = z.object({
  id: z.string(),
  lead_id: z.string(),
  name: z.string(),
  raw: z.string(),
  lost_at: z.null(),
});
const page = z.object({ items: z.array(row), next_cursor: z.string().nullable() });
const item = (name: string) => ({ id: ID, lead_id: ID, name, raw: 'x'.repeat(500), lost_at: null });

test('a table leaves out ids of other things, long sources and empty columns', () => {
  const text = answerText({ items: [item('a'), item('bcd')], next_cursor: null }, page, 0);
  expect(text).toBe(`id${' '.repeat(36)}name\n${ID}  a\n${ID}  bcd`);
});

test('a table fits the terminal', () => {
  const text = answerText({ items: [item('n'.repeat(60))], next_cursor: null }, page, 80);
  expect(text.split('\n')[1]).toBe(`${ID}  ${'n'.repeat(39)}…`);
  const narrow = answerText({ items: [item('n')], next_cursor: null }, page, 30);
  expect(narrow).toBe(`id\n${ID}`);
});

test('an empty list and an empty result say so', () => {
  expect(answerText({ items: [], next_cursor: null }, page, 0)).toBe('No results.');
  const empty = 'No leads. Bring some.';
  expect(answerText({ items: [], next_cursor: null }, page, 0, { empty })).toBe(empty);
  expect(answerText({}, z.object({}), 0)).toBe('Done.');
  expect(answerText(undefined, z.undefined(), 0)).toBe('Done.');
});

test('rates are rounded, and a null prints the meaning that its list gives it', () => {
  const rated = z.object({ items: z.array(z.object({ agent_id: z.string().nullable(), rate: z.number() })) });
  const items = [
    { agent_id: null, rate: 1 / 3 },
    { agent_id: 'AGT-901', rate: 2 },
  ];
  const shown = ['agent_id', 'rate'];
  expect(answerText({ items }, rated, 0, { shown, nulls: { agent_id: 'without a brain' } })).toBe(
    'agent_id         rate\nwithout a brain  0.333\nAGT-901          2',
  );
});

test('rows and their errors are counted separately', () => {
  const fault = (column: string) => ({ line: 2, column, message: 'is no address', value: null });
  const body = { skipped_count: 1, error_count: 2, errors: [fault('email'), fault('country')] };
  expect(importErrors(body)).toBe(
    '\nline 2, email: is no address\nline 2, country: is no address\n1 row rejected.\n',
  );
  expect(rejectedRows(body)).toBe(1);
});

test('one thing is listed with its parts', () => {
  const body = {
    name: 'x',
    roles: ['rep', 'exec'],
    none: [],
    steps: [{ number: 1, text: 'two\nlines' }],
    cap: { days: 7, open: true },
    note: 'first\nsecond',
  };
  expect(answerText(body, z.object({}), 0)).toBe(
    [
      'name:  x',
      'roles: rep, exec',
      'none:  -',
      'steps:',
      '  number  text',
      '  1       two lines',
      'cap:',
      '  days: 7',
      '  open: yes',
      'note:',
      '  first',
      '  second',
    ].join('\n'),
  );
});

test('characters that could control a terminal are removed', () => {
  expect(printableText('a\u001b[31mb\r\u0007\u009bc\u202ed\ne\tf')).toBe('a[31mbcd\ne\tf');
});

test('a list shows the columns that it names, in that order, arrays joined', () => {
  const mail = z.object({ id: z.string(), to: z.array(z.string()), subject: z.string(), lost_at: z.null() });
  const output = z.object({ items: z.array(mail), next_cursor: z.string().nullable() });
  const body = {
    items: [{ id: ID, to: ['a@x.test', 'b@x.test'], subject: 's'.repeat(60), lost_at: null }],
    next_cursor: null,
  };
  const shown = ['to', 'lost_at', 'subject'];
  expect(answerText(body, output, 0, { shown })).toBe(
    `to                  subject\na@x.test, b@x.test  ${'s'.repeat(60)}`,
  );
  // The last column fills the remaining width.
  expect(answerText(body, output, 70, { shown }).split('\n')[1]).toBe(
    `a@x.test, b@x.test  ${'s'.repeat(49)}…`,
  );
});

test('details of a row are printed below it in full, and in columns for scripts', () => {
  const output = z.object({ items: z.array(row), next_cursor: z.string().nullable() });
  const said = 'word '.repeat(30).trim();
  const body = {
    items: [
      { name: 'a', why: said, next: null },
      { name: 'b', why: null },
    ],
    next_cursor: null,
  };
  const shown = { shown: ['name'], below: ['why', 'next'] };
  expect(answerText(body, output, 40, shown)).toBe(`name\na\n    ${said}\nb`);
  expect(answerText(body, output, 0, shown)).toBe(`name  why\na     ${said}\nb     -`);
});

const lists = registry.filter((one) => one.cli?.columns !== undefined);

test.each(lists.map((one) => [one.name, one] as const))(
  '%s names columns that it has',
  (_name, { cli, output }) => {
    const items = jsonSchemaOf(output, 'output').properties?.items?.items;
    expect(Object.keys(items?.properties ?? {})).toEqual(
      expect.arrayContaining([...cli!.columns!, ...(cli!.below ?? [])]),
    );
  },
);

test('lists name their columns', () => {
  expect(lists.length).toBeGreaterThan(8);
});

test('an error without a place has none', () => {
  const errors = [
    { path: '', message: 'odd' },
    { path: 'a', message: 'odder' },
  ];
  expect(problemText({ code: 'x', detail: 'No.', errors })).toBe('x: No.\n  odd\n  a: odder');
});

test('an import is summarized in a sentence', () => {
  const report = {
    dry_run: false,
    rows_read: 100_000,
    created_count: 99_998,
    updated_count: 0,
    unchanged_count: 0,
    skipped_count: 2,
    ignored_columns: [],
    further_address_count: 0,
    merge_count: 0,
    suggested_merge_count: 0,
  };
  expect(importText(report)).toBe('100,000 rows: 99,998 created, 0 updated, 0 unchanged, 2 left out.');
  const dry = { ...report, dry_run: true, created_count: 1, ignored_columns: ['Vorname', 'Nachname'] };
  expect(importText(dry)).toBe(
    'Dry run: 1 lead would be created, 0 updated, 0 unchanged, 2 rows left out. ' +
      'Nothing was changed; run it without --dry-run.\n' +
      'Not used: Vorname, Nachname (--map FIELD=Vorname uses one)',
  );
  const merging = { ...report, suggested_merge_count: 2 };
  expect(importText(merging)).toMatch(/ Suggested merges: 2 \(touchline merge suggestions\)\.$/);
  expect(importText({ ...merging, dry_run: true })).toMatch(/ Suggested merges: 2\.$/);
  expect(importText({ ...report, merge_count: 1 })).toMatch(
    / Merges of leads with one CRM record: 1, automatically\.$/,
  );
  const old = { ...report, ignored_columns: ['Email status', 'old email'] };
  expect(importText(old)).toContain(
    "Not used: Email status, old email (--map addresses='old email' uses one)",
  );
});
