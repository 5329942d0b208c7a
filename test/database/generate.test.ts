import { expect, test } from 'vitest';
import { readCatalog } from '../../tools/catalog.ts';
import { emitQueries, startDescriber } from '../../tools/emit_queries.ts';
import { emitSchemaDump, emitSchemaTypes, typeNames } from '../../tools/emit_schema.ts';
import { parseSqlFile } from '../../tools/sql_file.ts';
import { testDatabase } from '../database.ts';

const { db, url } = await testDatabase({ empty: true });

await db.query(`
  create type tier as enum ('T1', 'T2');
  create domain email as text constraint email_has_at check (value like '%@%');
  create table leads (
    org_id int not null, id int not null, email email not null, tier tier, tiers tier[] not null default '{}',
    score numeric(6,2), born date, meta jsonb not null default '{}', touched_at timestamptz,
    primary key (org_id, id), constraint leads_score check (score >= 0)
  );
  comment on column leads.born is 'In the lead''s own zone.';
  create index leads_by_tier on leads (org_id, tier) where tier is not null;
  create table notes (org_id int not null, id int not null, lead_id int, body text not null, primary key (org_id, id));
  create table events (org_id int not null, at timestamptz not null, primary key (org_id, at)) partition by range (at);
  create table events_rest partition of events default;
  alter table notes enable row level security;
  create policy notes_of_org on notes using (org_id = 1);
`);
const catalog = await readCatalog(db);
const describer = await startDescriber(url, db, typeNames(catalog));
const emit = (source: string) => emitQueries(describer, 'leads', source);

/** The fields of one generated type, without the surrounding type. */
function fieldsOf(code: string, type: string): string[] {
  const body = new RegExp(`export type ${type} = \\{\\n([\\s\\S]*?)\\};`).exec(code)?.[1];
  return (body ?? 'no such type')
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/;$/, ''));
}

test('only parameters are found, and all of them', () => {
  const [first, second] = parseSqlFile(
    'x.sql',
    `-- The header may say what's o'clock: 10:30
/* about it: */
/* @name first */
-- why: it's :this
select 'a:b', "c:d", e'it\\'s :x', $$it's :y$$, $t$:z$t$, arr[1 : 2], :a!::int /* :c */, :b, :a
from t where x <> ':q' and j ? 'k';
/* @name second
   Says more. */
select :a, :a!;`,
  );
  expect(first).toMatchObject({
    name: 'first',
    doc: 'about it:',
    line: 4,
    parameters: [
      { name: 'a', required: true },
      { name: 'b', required: false },
    ],
  });
  expect(first!.text).toContain(`$t$:z$t$, arr[1 : 2], $1::int /* :c */, $2, $1\nfrom`);
  expect(second).toMatchObject({
    doc: 'Says more.',
    text: 'select $1, $1',
    parameters: [{ name: 'a', required: true }],
  });
});

test.each([
  ['select 1;', 'x.sql:1: this statement has no @name'],
  ['/* @name a */\nselect 1', 'x.sql:2: the last statement has no semicolon'],
  ['/* @name a */\n/* @name b */ select 1;', 'x.sql:2: b begins before a has ended'],
])('refuses %j', (source, message) => {
  expect(() => parseSqlFile('x.sql', source)).toThrow(message);
});

test('a statement’s parameters and rows are typed', async () => {
  const code = await emit(`
    /* Adds them. */
    /* @name insertLeads */
    insert into leads (org_id, id, email, tier, meta)
    select :org_id!, * from unnest(:ids!::int[], :emails!::text[], :tiers!::tier[], :metas!::jsonb[])
    returning id, email, tier, tiers, score, born, meta, touched_at, now() as "at!", id + 1 as next;
  `);
  expect(fieldsOf(code, 'InsertLeadsParams')).toEqual([
    'org_id: number',
    'ids: readonly (number | null)[]',
    'emails: readonly (string | null)[]',
    'tiers: readonly (Tier | null)[]',
    'metas: readonly unknown[]',
  ]);
  expect(fieldsOf(code, 'InsertLeadsResult')).toEqual([
    'id: number',
    'email: string',
    'tier: Tier | null',
    'tiers: Tier[]',
    'score: string | null',
    'born: string | null',
    'meta: Json',
    'touched_at: Date | null',
    'at: Date',
    'next: number | null',
  ]);
  expect(code).toContain('/** Adds them. */\nexport const insertLeads = statement<');
  expect(code).toContain(`metas: 'json[]'`);
  expect(code).toContain(`import type { Json, Tier } from '../../schema.gen.ts'`);
  expect(code).toContain('as "at", id');
});

test.each([
  ['left join leads l on l.org_id = n.org_id and l.id = n.lead_id', 'string | null', 'string'],
  ['right join leads l on l.org_id = n.org_id and l.id = n.lead_id', 'string', 'string | null'],
  ['full join leads l on l.org_id = n.org_id and l.id = n.lead_id', 'string | null', 'string | null'],
  ['join leads l on l.org_id = n.org_id and l.id = n.lead_id', 'string', 'string'],
])('%s decides what may be null', async (join, email, body) => {
  const code = await emit(
    `/* @name joined */ select l.email, n.body from notes n ${join} where :x!::int > 0 limit 1;`,
  );
  expect(fieldsOf(code, 'JoinedResult')).toEqual([`email: ${email}`, `body: ${body}`]);
});

test('claims through a CTE and optional parameters are typed', async () => {
  const code = await emit(`/* @name claim */
    with c as materialized (
      select id from leads where org_id = :org_id! and (:since::timestamptz is null or touched_at < :since)
      order by id limit :limit! for update skip locked
    )
    update leads l set touched_at = :since from c where l.org_id = :org_id! and l.id = c.id returning l.id;`);
  expect(fieldsOf(code, 'ClaimParams')).toEqual(['org_id: number', 'since: Date | null', 'limit: number']);
  expect(fieldsOf(code, 'ClaimResult')).toEqual(['id: number']);
});

test.each([
  [
    '\n\n/* @name a */\nselect nonsense from leads;',
    /^db\/queries\/leads\.sql:4: a: column "nonsense" does not exist/,
  ],
  ['/* @name a */ select 1;', /column \?column\? needs a name/],
  ['/* @name a */ select id, id from leads;', /two columns are named id/],
  ['/* @name a */ select localtimestamp as t;', /type timestamp has no form/],
])('the error names the place of the fault in %j', async (source, message) => {
  await expect(emit(source)).rejects.toThrow(message);
});

test('rows of tables are typed, without partitions', () => {
  const code = emitSchemaTypes(catalog);
  expect(code).toContain(`export const TIER_VALUES = ['T1', 'T2'] as const;`);
  expect(fieldsOf(code, 'LeadsRow')).toContain('email: string');
  expect(fieldsOf(code, 'LeadsRow')).toContain('tiers: Tier[]');
  expect(code).toContain(`/** In the lead's own zone. */\n  born: string | null;`);
  expect(fieldsOf(code, 'EventsRow')).toEqual(['org_id: number', 'at: Date']);
  expect(code).not.toContain('EventsRest');
  expect(code).not.toContain('import');
});

test('the dump shows what the database refuses', () => {
  const dump = emitSchemaDump(catalog);
  expect(dump).toContain(
    `create domain email as text\n  constraint email_has_at CHECK ((VALUE ~~ '%@%'::text));`,
  );
  expect(dump).toContain('constraint leads_score CHECK ((score >= (0)::numeric))');
  expect(dump).toContain('INDEX leads_by_tier ON leads USING btree (org_id, tier) WHERE (tier IS NOT NULL);');
  expect(dump).toContain(') partition by RANGE (at);');
  expect(dump).toContain('row level security enabled;\npolicy notes_of_org for all using ((org_id = 1));');
  expect(dump).not.toContain('events_rest');
});
