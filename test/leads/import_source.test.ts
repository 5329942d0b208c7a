import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { createWorld } from '../world.ts';
import { type ImportOptions, importFile, manyLeads, refusal } from './import_world.ts';

const { db } = await testDatabase();

/** A file is refused as a whole or read: nothing in between, and no rows are left behind. */
async function expectNothingWritten(world: Awaited<ReturnType<typeof createWorld>>) {
  expect(await world.rows('leads')).toEqual([]);
  expect(await world.rows('accounts')).toEqual([]);
  expect(await world.rows('lead_import_rows')).toEqual([]);
  expect((await world.rows('lead_imports')).map((row) => row.status)).not.toContain('receiving');
}

const LATIN1 = Buffer.from('email,first_name\na@x.example,Zoe\nb@x.example,Zoë\n', 'latin1');

test.each<[string, string | Buffer, ImportOptions, { code: string; line?: number; status?: number }]>([
  ['an empty file', '', {}, { code: 'csv_empty' }],
  ['only blank lines', '\ufeff\r\n\r\n', {}, { code: 'csv_empty' }],
  ['Latin-1', LATIN1, {}, { code: 'csv_encoding', line: 3 }],
  ['UTF-16', Buffer.from('\ufeffemail\na@x.example\n', 'utf16le'), {}, { code: 'csv_encoding', line: 1 }],
  ['an overlong sequence', Buffer.from([101, 0xc0, 0x80, 10]), {}, { code: 'csv_encoding', line: 1 }],
  ['half a character at the end', Buffer.from([101, 10, 0xe2, 0x82]), {}, { code: 'csv_encoding', line: 2 }],
  ['no email column', 'name,phone\nZoe,1\n', {}, { code: 'csv_no_email_column' }],
  ['a row too short', 'email,title\na@x.example\n', {}, { code: 'csv_invalid', line: 2 }],
  ['a row too long', 'email,title\na@x.example,b\nb@x.example,c,d\n', {}, { code: 'csv_invalid', line: 3 }],
  ['a quote inside', 'email,title\na@x.example,b"c\n', {}, { code: 'csv_invalid', line: 2 }],
  ['text after a quote', 'email,title\na@x.example,"b"c\n', {}, { code: 'csv_invalid', line: 2 }],
  ['an open quote', 'email,title\na@x.example,"b\nb@x.example,c\n', {}, { code: 'csv_invalid', line: 2 }],
  ['one endless line', `email\n${'a'.repeat(1 << 21)}`, {}, { code: 'csv_invalid', line: 2 }],
  [
    'another charset',
    'email\n',
    { media_type: 'text/csv; charset=utf-16' },
    { code: 'media_type_unsupported', status: 415 },
  ],
  ['another type', 'email\n', { media_type: 'image/png' }, { code: 'media_type_unsupported', status: 415 }],
  ['an invalid mapping', 'email\n', { mapping: ['email'] }, { code: 'mapping_invalid' }],
  ['broken JSON', '[{"email":', { media_type: 'application/json' }, { code: 'json_invalid', status: 400 }],
  [
    'a JSON object',
    '{"email":"a@x.example"}',
    { media_type: 'application/json' },
    { code: 'json_invalid', status: 400 },
  ],
  ['no JSON', '', { media_type: 'application/json' }, { code: 'csv_empty' }],
  ['an empty array', '[]', { media_type: 'application/json' }, { code: 'csv_empty' }],
  ['no names in JSON', '[1]', { media_type: 'application/json' }, { code: 'csv_no_email_column' }],
])('%s is refused as a whole', async (_, body, options, { code, line, status = 422 }) => {
  const world = await createWorld(db);
  const refused = await refusal(importFile(world, body, options));
  expect({ code: refused.code, status: refused.status, line: refused.extra?.line }).toEqual({
    code,
    status,
    line,
  });
  await expectNothingWritten(world);
});

test('a mapping names its fields and columns, and errors carry their paths', async () => {
  const world = await createWorld(db);
  const csv = 'Adresse;Vorname;Stufe\nzoe@x.example;Zoë;1\n';
  const refused = await refusal(importFile(world, csv));
  expect(refused).toMatchObject({
    code: 'csv_no_email_column',
    extra: { columns_found: ['Adresse', 'Vorname', 'Stufe'] },
  });
  const faulty = { email: 'Adresse', shoe_size: 'Stufe' };
  expect((await refusal(importFile(world, csv, { mapping: faulty }))).errors?.[0]?.path).toBe(
    'mapping.shoe_size',
  );
  const missing = { email: 'Adresse', title: 'Titel' };
  expect((await refusal(importFile(world, csv, { mapping: missing }))).errors?.[0]?.path).toBe(
    'mapping.title',
  );
  const answer = await importFile(world, csv, { mapping: { email: 'Adresse', 'First name': 'vorname' } });
  expect(answer).toMatchObject({
    created_count: 1,
    columns: { email: 'Adresse', first_name: 'Vorname' },
    ignored_columns: ['Stufe'],
  });
  expect(await world.rows('leads')).toMatchObject([{ first_name: 'Zoë', icp_tier: null }]);
  // Null: not read, although the header is known.
  const left_out = await importFile(world, 'E-Mail,Title\nann@x.example,Boss\n', {
    mapping: { title: null },
  });
  expect(left_out).toMatchObject({ columns: { email: 'E-Mail' }, ignored_columns: ['Title'] });
});

test('without an address column, the refusal says how the other columns were recognized', async () => {
  const world = await createWorld(db);
  const csv = 'Adresse,Given name,Zone\nzoe@x.example,Zoë,Europe/Berlin\n';
  expect(await refusal(importFile(world, csv))).toMatchObject({
    code: 'csv_no_email_column',
    extra: { columns: { first_name: 'Given name', time_zone: 'Zone' } },
  });
});

test.each([
  ['Work E-Mail', 'Work E-Mail'],
  ['E-Mail (work),Email status,Contact owner email', 'E-Mail (work)'],
  ['Primary email 1,Email opt-out', 'Primary email 1'],
  ['Personal e-mail,Email', 'Email'],
])('of the headers %s the address is in %s', async (header, email) => {
  const world = await createWorld(db);
  const cells = header.split(',').map((name) => (name === email ? 'zoe@x.example' : ''));
  const answer = await importFile(world, `${header}\n${cells.join(',')}\n`);
  expect(answer).toMatchObject({ created_count: 1, columns: { email } });
});

test.each(['Contact owner email', 'Email status', 'Private e-mail 1,Private e-mail 2'])(
  'the address column among the headers %s is not guessed',
  async (header) => {
    const world = await createWorld(db);
    const csv = `${header}\n${header.replaceAll(/[^,]+/g, 'zoe@x.example')}\n`;
    expect((await refusal(importFile(world, csv))).code).toBe('csv_no_email_column');
  },
);

test.each(['Zone', 'Timezone', 'Time zone', 'Time-Zone'])('%s is the time zone', async (header) => {
  const world = await createWorld(db);
  const answer = await importFile(world, `Email,${header}\nzoe@x.example,Europe/Berlin\n`);
  expect(answer.columns).toEqual({ email: 'Email', time_zone: header });
});

test.each([
  ['comma, CRLF, BOM', '\ufeff"E-Mail",Title\r\n"a@x.example","Head, ""big"" team"\r\n'],
  ['semicolon, LF', 'E-Mail;Title\na@x.example;"Head, ""big"" team"'],
  ['tab, blank lines', 'E-Mail\tTitle\n\n \na@x.example\t"Head, ""big"" team"\n\t\n'],
  ['semicolons declared in the first line', 'sep=;\nE-Mail;"Title"\na@x.example;"Head, ""big"" team"\n'],
  ['the same with CRLF, BOM', '\ufeffSEP=;\r\nE-Mail;Title\r\na@x.example;"Head, ""big"" team"\r\n'],
  ['a delimiter within quotes', 'E-Mail;Title;"a,b,c,d"\na@x.example;"Head, ""big"" team";x\n'],
  ['CR', 'E-Mail,Title\ra@x.example, "Head, ""big"" team" \r'],
  ['a cell over two lines', 'E-Mail,Title\na@x.example,"Head,\r\n""big"" team"\n'],
])('reads %s', async (_, csv) => {
  const world = await createWorld(db);
  const bytes = Buffer.from(csv);
  for (const pieces of [[bytes], [...bytes].map((byte) => Buffer.from([byte]))]) {
    const body = Readable.from(pieces, { objectMode: false });
    expect(await importFile(world, body, { dry_run: pieces.length > 1 })).toMatchObject({
      rows_read: 1,
      error_count: 0,
    });
  }
  expect(await world.rows('leads')).toMatchObject([{ email: 'a@x.example', title: 'Head, "big" team' }]);
});

test('lines are counted from the first one, even one that only names the delimiter', async () => {
  const world = await createWorld(db);
  const { errors } = await importFile(world, 'sep=;\nemail;title\nann@x.example;Boss\nnobody;Boss\n');
  expect(errors).toMatchObject([{ line: 4, column: 'email', value: 'nobody' }]);
});

test('bad cells are named and their rows left out; the others are imported', async () => {
  const world = await createWorld(db);
  const csv = [
    'email,first_name,tier,tz,opted_out,sales_signal_at,website,linkedin,title',
    'good@x.example,Ann,tier 1,europe/berlin,no,2026-10-16,www.X.example/about,linkedin.com/in/ann,Boss',
    'a@b@x.example,Ann,T4,Mars/Olympus,maybe,2026-10-16T10:00:00,not a domain,javascript:alert(1),Boss',
    '"two, people@x.example",Ann,,,,,,,Boss',
    ',Ann,,,,,,,Boss',
    `long@x.example,${'x'.repeat(201)},,,,,,,"a\u0000b"`,
    'fine@x.example,,3,,1,2026-10-16T10:00:00+02:00,,,"of\nall"',
    'else@x.example,,,,,,,https://evil.example/in/abd,',
  ].join('\n');
  const answer = await importFile(world, csv);
  expect(answer).toMatchObject({ rows_read: 7, created_count: 2, skipped_count: 5, error_count: 12 });
  expect(answer.errors.map((error) => `${error.line} ${error.column} ${error.code}`)).toEqual([
    '3 email email_invalid',
    '3 website domain_invalid',
    '3 tier tier_invalid',
    '3 tz time_zone_invalid',
    '3 linkedin url_invalid',
    '3 opted_out boolean_invalid',
    '3 sales_signal_at instant_invalid',
    '4 email email_invalid',
    '5 email email_missing',
    '6 first_name too_long',
    '6 title character_invalid',
    '9 linkedin url_invalid',
  ]);
  expect(answer.errors.find((error) => error.code === 'too_long')?.value?.length).toBeLessThan(90);
  const leads = await world.rows('leads', `true ORDER BY email`);
  expect(leads).toMatchObject([
    { email: 'fine@x.example', icp_tier: 'T3', opt_out_flag: true, title: 'of all' },
    { email: 'good@x.example', icp_tier: 'T1', time_zone: 'Europe/Berlin', opt_out_flag: false },
  ]);
  expect(leads[0]!.sales_signal_at).toEqual(new Date('2026-10-16T08:00:00Z'));
  expect(leads[1]!.sales_signal_at).toEqual(new Date('2026-10-16T00:00:00Z'));
  expect(leads[1]!.linkedin_url).toBe('https://linkedin.com/in/ann');
  expect(await world.rows('accounts')).toMatchObject([{ domain: 'x.example', name: 'x.example' }]);
});

test('JSON is read by the same rules', async () => {
  const world = await createWorld(db);
  const items = [
    { email: 'a@x.example', tier: 1, abm: true, company: 'X', extra: { nested: true } },
    { unknown: 'ignored', email: 'b@x.example', title: ['no'] },
    'text',
    { email: 'c@x.example', first_name: '\ud800', opted_out: null },
  ];
  const answer = await importFile(world, JSON.stringify(items), {
    media_type: 'application/json; charset=UTF-8',
  });
  expect(answer).toMatchObject({ rows_read: 4, created_count: 1, ignored_columns: ['extra', 'unknown'] });
  expect(answer.errors.map((error) => [error.line, error.code])).toEqual([
    [2, 'not_text'],
    [3, 'not_an_object'],
    [4, 'character_invalid'],
  ]);
  expect(await world.rows('accounts')).toMatchObject([{ name: 'X', abm_active: true, icp_tier: 'T1' }]);
});

test('a large file is read in bounded memory, and at most 1,000 errors are shown', async () => {
  const world = await createWorld(db);
  const count = scale(20_000, 100_000);
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  async function* withBadRows() {
    yield* manyLeads(count);
    for (let row = 0; row < 1_500; row += 1) yield Buffer.from('nobody,,,,,,,\n');
  }
  const answer = await importFile(world, Readable.from(withBadRows(), { objectMode: false }));
  clearInterval(watch);
  expect(answer).toMatchObject({
    rows_read: count + 1_500,
    created_count: count,
    error_count: 1_500,
    skipped_count: 1_500,
    ignored_columns: ['Notes'],
  });
  expect(answer.errors).toHaveLength(1_000);
  expect((peak - before) / (1 << 20)).toBeLessThan(200);
  expect(await world.rows('lead_import_rows')).toEqual([]);
});

test('an open quote at the end of a large file imports no rows', async () => {
  const world = await createWorld(db);
  async function* broken() {
    yield* manyLeads(5_000);
    yield Buffer.from('last@x.example,"Pat,,,,,,\n');
  }
  const refused = await refusal(importFile(world, Readable.from(broken(), { objectMode: false })));
  expect(refused).toMatchObject({ code: 'csv_invalid', extra: { line: 5_002 } });
  await expectNothingWritten(world);
});

test('an open quote in the middle of a large file is reported where it opens', async () => {
  const world = await createWorld(db);
  async function* broken() {
    yield Buffer.from('email,title\na@x.example,"open\n');
    for (let part = 0; part < 20; part += 1) yield Buffer.from('b@x.example,closed\n'.repeat(5_000));
  }
  const body = Readable.from(broken(), { objectMode: false });
  const refused = await refusal(importFile(world, body));
  expect(refused).toMatchObject({ code: 'csv_invalid', extra: { line: 2 } });
  expect(refused.message).toContain('256 KiB');
  await expectNothingWritten(world);
});

test('a sender that disconnects leaves nothing behind', async () => {
  const world = await createWorld(db);
  async function* breaking() {
    yield* manyLeads(3_000);
    throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  }
  const refused = await refusal(importFile(world, Readable.from(breaking(), { objectMode: false })));
  expect(refused).toMatchObject({ code: 'import_aborted', status: 400 });
  await expectNothingWritten(world);
});
