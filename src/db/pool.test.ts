import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/database.ts';
import { actingDb } from './acting.ts';
import { openOwnerPool } from './open.ts';
import { type Actor, type Queryable, statementAs, type Tx, transaction } from './pool.ts';

const { db, url } = await testDatabase({ empty: true, max: 4 });
const org_id = '0198f000-0000-7000-8000-000000000001';
const actor: Actor = { org_id, kind: 'human', id: `o'brien\\` };

await db.query(`create type tier as enum ('T1', 'T2')`);
await db.query('create table counters (name text primary key, n int not null)');
await db.query('create sequence attempts');
await db.refreshTypes();

async function only<T>(text: string, values?: unknown[]): Promise<T> {
  const { rows } = await db.query<{ value: T }>(text, values);
  return rows[0]!.value;
}

test.each([
  ['timestamptz', `'2026-03-29T01:00:00+01:00'::timestamptz`, new Date('2026-03-29T00:00:00Z')],
  ['date, untouched by any zone', `'2026-03-29'::date`, '2026-03-29'],
  ['date[]', `array['2026-03-29'::date]`, ['2026-03-29']],
  ['int8', '9007199254740991::int8', 9007199254740991],
  ['int8[] with null', 'array[1::int8, null]', [1, null]],
  ['count(*)', '(select count(*) from counters)', 0],
  ['numeric keeps its digits', '0.10::numeric', '0.10'],
  ['numeric[]', 'array[0.10::numeric]', ['0.10']],
  ['enum', `'T1'::tier`, 'T1'],
  ['enum[]', `array['T1', 'T2']::tier[]`, ['T1', 'T2']],
  ['jsonb', `'{"a": [1]}'::jsonb`, { a: [1] }],
  ['tstzrange as text', `'[2026-01-01 00:00Z,)'::tstzrange`, '["2026-01-01 00:00:00+00",)'],
  ['null', 'null::int8', null],
])('the pool reads %s', async (_name, expression, expected) => {
  expect(await only(`select ${expression} as value`)).toEqual(expected);
});

test('the pool reads every instant as the server means it', async () => {
  const texts = [
    ...[
      '0099-12-31 23:59:59.999',
      '0100-01-01',
      '1969-12-31 23:59:59.5',
      '2024-02-29 23:59:59.1',
      '2026-11-22 09:05:07',
    ],
    ...['2026-11-22 09:05:07.12', '2026-11-22 09:05:07.123456', '9999-12-31 23:59:59.999999', '10000-01-01'],
    ...['0044-03-15 12:00:00 BC'],
  ];
  const { rows } = await db.query<{ at: Date; ms: number }>(
    `select at, floor(extract(epoch from at) * 1000)::int8 as ms
     from (select text::timestamptz as at from unnest($1::text[]) with ordinality u (text, place) order by place) t`,
    [texts],
  );
  expect(rows.map(({ at }) => at.getTime())).toEqual(rows.map(({ ms }) => ms));
  expect(rows).toHaveLength(texts.length);
  expect(await only(`select 'infinity'::timestamptz as value`)).toBe(Number.POSITIVE_INFINITY);
});

test('an int8 too large for a number is refused, not rounded', async () => {
  await expect(db.query('select 9007199254740993::int8')).rejects.toThrow('does not fit');
});

test('sessions have the agreed limits', async () => {
  const text = `select json_object_agg(name, setting) as value from pg_settings where name in
    ('TimeZone', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'application_name')`;
  expect(await only(text)).toEqual({
    TimeZone: 'UTC',
    statement_timeout: '5000',
    lock_timeout: '2000',
    idle_in_transaction_session_timeout: '10000',
    application_name: 'touchline-test',
  });
});

test('a transaction carries its actor and leaves no trace on the connection', async () => {
  const asked = `select current_setting('touchline.org', true) as org, current_setting('touchline.actor_kind', true) as kind,
    current_setting('touchline.actor_id', true) as id, current_setting('transaction_isolation') as isolation`;
  const one = await openOwnerPool({ url, max: 1 });
  const inside = await transaction(one, actor, async (tx) => (await tx.query(asked)).rows[0]);
  const after = (await one.query(asked)).rows[0];
  await one.close();
  expect(inside).toEqual({ org: org_id, kind: 'human', id: `o'brien\\`, isolation: 'read committed' });
  expect(after).toMatchObject({ org: '', kind: '', id: '' });
});

test('an exception rolls the transaction back', async () => {
  const failing = transaction(db, actor, async (tx) => {
    await tx.query(`insert into counters values ('rolled back', 1)`);
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await only(`select count(*) as value from counters where name = 'rolled back'`)).toBe(0);
});

test('a swallowed failure does not pass as a commit', async () => {
  const swallowing = transaction(db, actor, async (tx) => {
    await tx.query(`insert into counters values ('swallowed', 1)`);
    await tx.query('select 1 / 0').catch(() => undefined);
  });
  await expect(swallowing).rejects.toThrow('rolled back');
  expect(await only(`select count(*) as value from counters where name = 'swallowed'`)).toBe(0);
});

test('a statement after the end is refused instead of running in another transaction', async () => {
  const leaked = await transaction(db, actor, async (tx) => tx);
  await expect(leaked.query('select 1')).rejects.toThrow('after the end');
});

test('a single statement carries its actor and commits', async () => {
  const one = await openOwnerPool({ url, max: 1 });
  const asked = `select current_setting('touchline.actor_id', true) as id`;
  const inside = (await statementAs<{ id: string }>(one, actor, asked)).rows[0];
  expect(inside).toMatchObject({ id: `o'brien\\` });
  await statementAs(one, actor, 'insert into counters values ($1, $2)', ['by itself', 1]);
  expect(await only(`select n as value from counters where name = 'by itself'`)).toBe(1);
  expect((await one.query(asked)).rows[0]).toMatchObject({ id: '' });
  await one.close();
});

test('a prepared statement has a generic plan from its first run, but not within a transaction', async () => {
  const one = await openOwnerPool({ url, max: 1 });
  await statementAs(one, actor, 'select n from counters where name = $1', ['x'], { name: 'by itself' });
  await transaction(one, actor, (tx) => tx.query('select $1::int', [1], { name: 'in a transaction' }));
  const { rows } = await one.query(
    'select name, generic_plans, custom_plans from pg_prepared_statements order by name',
  );
  await one.close();
  expect(rows).toEqual([
    { name: 'by itself', generic_plans: 1, custom_plans: 0 },
    { name: 'in a transaction', generic_plans: 0, custom_plans: 1 },
  ]);
});

test('a single statement fails with its own error or that of the commit, and the connection stays usable', async () => {
  const one = await openOwnerPool({ url, max: 1 });
  await one.query(`create table deferred (n int unique deferrable initially deferred)`);
  const pid = async () => (await one.query('select pg_backend_pid() as pid')).rows[0];
  const before = await pid();
  await expect(statementAs(one, actor, 'select 1 / 0')).rejects.toMatchObject({ code: '22012' });
  await expect(statementAs(one, actor, 'insert into deferred values (1), (1)')).rejects.toMatchObject({
    code: '23505',
  });
  await expect(statementAs(one, actor, 'select $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
  expect((await statementAs(one, actor, 'select count(*) as n from deferred')).rows).toEqual([{ n: 0 }]);
  expect(await pid()).toEqual(before);
  await one.close();
});

test('a single statement that conflicts is retried', async () => {
  const before = await only<number>(`select nextval('attempts') as value`);
  await statementAs(
    db,
    actor,
    `do $$ begin
      if nextval('attempts') < ${before + 3} then raise exception 'clash' using errcode = '40001'; end if;
    end $$`,
  );
  expect(await only<number>(`select nextval('attempts') as value`)).toBe(before + 4);
});

test('a prepared plan that a migration invalidated is rebuilt on every connection', async () => {
  await db.query('create table migrated (a int); insert into migrated values (1)');
  const four = await openOwnerPool({ url, max: 4 });
  const read = (on: Queryable) => on.query('select * from migrated', [], { name: 'test.migrated' });
  const acting = actingDb(four, actor);
  const reads = () => Promise.all(Array.from({ length: 8 }, async () => (await read(acting)).rows[0]));
  expect(new Set((await reads()).map((row) => JSON.stringify(row)))).toEqual(new Set(['{"a":1}']));
  await db.query('alter table migrated add column b int default 2');
  expect(new Set((await reads()).map((row) => JSON.stringify(row)))).toEqual(new Set(['{"a":1,"b":2}']));
  expect((await transaction(four, actor, read)).rows).toEqual([{ a: 1, b: 2 }]);
  await db.query('alter table migrated drop column b');
  const among = await transaction(four, actor, (tx) => {
    const deeply = async () => (await (async () => (await read(tx)).rows)())[0];
    return Promise.all([deeply(), tx.query('select 1')]);
  });
  expect(among[0]).toEqual({ a: 1 });
  await four.close();
});

test('statements of a transaction may run concurrently', async () => {
  const [one, two] = await transaction(db, actor, (tx) =>
    Promise.all([
      tx.query<{ n: number }>('select 1 as n'),
      tx.query<{ n: number }>('select 2 as n, pg_sleep(0.01)'),
    ]),
  );
  expect([one.rows[0]!.n, two.rows[0]!.n]).toEqual([1, 2]);
  const failing = transaction(db, actor, (tx) =>
    Promise.all([tx.query(`insert into counters values ('together', 1)`), tx.query('select 1 / 0')]),
  );
  await expect(failing).rejects.toMatchObject({ code: '22012' });
  // A longer promise chain sees the failure later than its siblings.
  const deeply = async (tx: Tx) => (await (async () => (await tx.query('select 1 / 0')).rows)()).length;
  const unequal = transaction(db, actor, (tx) => Promise.all([deeply(tx), tx.query('select 1')]));
  await expect(unequal).rejects.toMatchObject({ code: '22012' });
  expect(await only(`select count(*) as value from counters where name = 'together'`)).toBe(0);
});

test.each(['40001', '40P01'])('%s is retried from the start', async (code) => {
  const before = await only<number>(`select nextval('attempts') as value`);
  const result = await transaction(db, actor, async (tx) => {
    await tx.query(`do $$ begin
      if nextval('attempts') < ${before + 3} then raise exception 'clash' using errcode = '${code}'; end if;
    end $$`);
    return 'done';
  });
  expect(result).toBe('done');
  expect(await only<number>(`select nextval('attempts') as value`)).toBe(before + 4);
});

test('a transaction gives up after three more attempts', async () => {
  const before = await only<number>(`select nextval('attempts') as value`);
  const hopeless = transaction(db, actor, (tx) =>
    tx.query(
      `do $$ begin perform nextval('attempts'); raise exception 'clash' using errcode = '40001'; end $$`,
    ),
  );
  await expect(hopeless).rejects.toMatchObject({ code: '40001' });
  expect(await only<number>(`select nextval('attempts') as value`)).toBe(before + 5);
});

test('two transactions that deadlock both succeed', async () => {
  await db.query(`insert into counters values ('a', 0), ('b', 0)`);
  const add = (first: string, second: string) =>
    transaction(db, actor, async (tx) => {
      await tx.query('update counters set n = n + 1 where name = $1', [first]);
      await tx.query('select pg_sleep(0.05)');
      await tx.query('update counters set n = n + 1 where name = $1', [second]);
    });
  await Promise.all([add('a', 'b'), add('b', 'a')]);
  const { rows } = await db.query(`select n from counters where name in ('a', 'b')`);
  expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
});

test('a transaction may get more time than the pool allows', async () => {
  const quick = await openOwnerPool({ url, max: 1, statement_timeout_ms: 50 });
  await expect(quick.query('select pg_sleep(0.2)')).rejects.toMatchObject({ code: '57014' });
  const slow = (tx: { query(text: string): Promise<unknown> }) => tx.query('select pg_sleep(0.2)');
  await transaction(quick, actor, slow, { statement_timeout_ms: 5_000 });
  await expect(quick.query('select pg_sleep(0.2)')).rejects.toMatchObject({ code: '57014' });
  await quick.close();
});

test('a connection cut in the middle fails its transaction but not the process or the pool', async () => {
  const one = await openOwnerPool({ url, max: 1 });
  const cut = transaction(one, actor, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    await db.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    await new Promise((done) => setTimeout(done, 50));
    await tx.query('select 1');
  });
  await expect(cut).rejects.toThrow();
  expect((await one.query('select 1 as ok')).rows).toEqual([{ ok: 1 }]);
  await one.close();
});

test('connections cut under load fail their statements but not the process', async () => {
  const four = await openOwnerPool({ url, max: 4, application_name: 'cut under load' });
  let running = true;
  let answered = 0;
  const loops = Array.from({ length: 8 }, async () => {
    while (running) {
      await statementAs(four, actor, 'select 1').then(
        () => {
          answered += 1;
        },
        () => undefined,
      );
    }
  });
  for (let cut = 0; cut < 60; cut += 1) {
    await db.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut under load'
      order by random() limit 1`);
    await sleep(10);
  }
  running = false;
  await Promise.all(loops);
  expect(answered).toBeGreaterThan(10);
  expect((await statementAs(four, actor, 'select 1 as n')).rows).toEqual([{ n: 1 }]);
  await four.close();
});
