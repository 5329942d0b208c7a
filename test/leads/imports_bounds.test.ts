import { expect, test } from 'vitest';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { importFile, refusal } from './import_world.ts';

/* Files that would cost more than their size, or that are not lists of leads. */

const { db } = await testDatabase();
const names = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`n${at}`, 1]));

test.each<[string, string | Buffer, string, number?]>([
  ['1,001 columns', `email${',c'.repeat(1_000)}\n`, 'csv_invalid', 1],
  ['1,001 columns below another line', `sep=;\nemail${';c'.repeat(1_000)}\n`, 'csv_invalid', 2],
  ['an endless cell', `email,title\na@x.example,"${'a'.repeat(1 << 19)}"\n`, 'csv_invalid', 2],
  ['text after JSON', '[{"email":"a@x.example"}] x', 'json_invalid'],
  ['a trailing comma in JSON', '[{"email":"a@x.example"},]', 'json_invalid'],
  ['JSON in Latin-1', Buffer.from('[{"email":"zoë"}]', 'latin1'), 'csv_encoding', 1],
  ['deeply nested JSON', `[{"email":${'['.repeat(5_000)}${']'.repeat(5_000)}}]`, 'json_invalid'],
  ['an endless object in JSON', `[{"email":"${'a'.repeat(1 << 19)}"}]`, 'json_invalid'],
  ['1,001 names in JSON', JSON.stringify([names]), 'csv_invalid', 1],
])('%s is refused', async (_, body, code, line) => {
  const media_type = body.toString().startsWith('[') ? 'application/json' : 'text/csv';
  const refused = await refusal(importFile(await createWorld(db), body, { media_type }));
  expect([refused.code, refused.extra?.line]).toEqual([code, line]);
});

test('1,000 columns are read', async () => {
  const csv = `email${',c'.repeat(999)}\na@x.example${',x'.repeat(999)}\n`;
  expect(await importFile(await createWorld(db), csv)).toMatchObject({ created_count: 1 });
});

test('JSON with a byte order mark and blanks is read, whatever its texts contain', async () => {
  const items = [
    { email: 'a@x.example', title: 'a "quoted" ], {comma}, \\' },
    { title: 'Boss', email: 'b@x.example' },
  ];
  const world = await createWorld(db);
  const json = `\ufeff \n${JSON.stringify(items, null, 2)}\n`;
  expect(await importFile(world, json, { media_type: 'application/json' })).toMatchObject({
    created_count: 2,
  });
  expect((await world.rows('leads', 'true ORDER BY email')).map(({ title }) => title)).toEqual(
    items.map(({ title }) => title),
  );
});
