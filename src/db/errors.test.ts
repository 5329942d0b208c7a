import { expect, test } from 'vitest';
import { testDatabase } from '../../test/database.ts';
import { AppError } from '../errors.ts';
import { sqlState, toAppError } from './errors.ts';
import { openOwnerPool } from './open.ts';

const { db, url } = await testDatabase({ empty: true });

await db.query(`
  create table people (
    org_id int not null, id int not null, email text not null, age int check (age >= 0), boss int,
    primary key (org_id, id), unique (org_id, email), foreign key (org_id, boss) references people
  )
`);
await db.query(`insert into people values (1, 1, 'ada@example.org', 40, null)`);

async function refusal(text: string): Promise<AppError | undefined> {
  return db.query(text).then(
    () => undefined,
    (error) => toAppError(error),
  );
}

test.each([
  ['TL001', 'illegal_status_move', 409],
  ['TL002', 'not_approved', 409],
  ['TL003', 'append_only', 403],
  ['TL004', 'coordinator_only', 403],
  ['TL005', 'not_human', 403],
  ['TL006', 'draft_immutable', 409],
  ['TL007', 'opt_out_kept', 409],
  ['TL009', 'draft_changed', 409],
  ['TL014', 'already_leaving', 409],
])('%s is %s', async (state, code, status) => {
  const error = await refusal(`do $$ begin
    raise exception 'Only people may do this.' using errcode = '${state}', detail = 'asked by an agent',
      hint = 'Ask one.', constraint = 'only_people';
  end $$`);
  expect(error).toMatchObject({
    code,
    status,
    message: 'Only people may do this.',
    hint: 'Ask one.',
    extra: { reason: 'asked by an agent' },
  });
  const lower = await refusal(
    `do $$ begin raise exception 'only people may' using errcode = '${state}'; end $$`,
  );
  expect(lower?.message).toBe('Only people may.');
});

test.each([
  ['unique', `insert into people values (1, 2, 'ada@example.org')`, 'conflict', 409, ['email']],
  [
    'foreign key',
    `insert into people values (1, 2, 'b@example.org', 1, 77)`,
    'unknown_reference',
    422,
    ['boss'],
  ],
  ['check', `insert into people values (1, 2, 'b@example.org', -1)`, 'invalid_value', 422, undefined],
  ['not null', 'insert into people values (1, 2, null)', 'invalid_value', 422, ['email']],
  ['bad uuid', `select 'x'::uuid`, 'invalid_value', 422, undefined],
  ['division', 'select 1 / 0', 'invalid_value', 422, undefined],
  [
    'permission',
    `do $$ begin set local role pg_monitor; perform from pg_authid; end $$`,
    'forbidden',
    403,
    undefined,
  ],
])('%s violations name columns and never values', async (_name, text, code, status, paths) => {
  const error = await refusal(text);
  expect(error).toMatchObject({ code, status });
  expect(error?.errors?.map(({ path }) => path)).toEqual(paths);
  expect(JSON.stringify({ ...error, message: error?.message, cause: undefined })).not.toContain(
    'ada@example.org',
  );
});

test('timeouts and lock waits are 503 and can be retried', async () => {
  const impatient = await openOwnerPool({ url, statement_timeout_ms: 30 });
  const late = await impatient.query('select pg_sleep(1)').catch(toAppError);
  await impatient.close();
  expect(late).toMatchObject({ code: 'timeout', status: 503 });
  expect(await refusal(`do $$ begin raise exception 'x' using errcode = '55P03'; end $$`)).toMatchObject({
    code: 'busy',
    status: 503,
  });
});

test.each(['53300', '57P01', '08006', '25006'])('%s means unavailable', async (state) => {
  const error = await refusal(`do $$ begin raise exception 'x' using errcode = '${state}'; end $$`);
  expect(error).toMatchObject({ code: 'unavailable', status: 503 });
});

test('an unreachable server is unavailable', async () => {
  const error = await openOwnerPool({ url: 'postgresql://nobody@127.0.0.1:1/none' }).catch(toAppError);
  expect(error).toMatchObject({ code: 'unavailable', status: 503 });
});

test('other errors remain bugs', async () => {
  expect(await refusal('select nonsense')).toBeUndefined();
  expect(await refusal(`do $$ begin raise exception 'plain'; end $$`)).toBeUndefined();
  expect(toAppError(new TypeError('x is undefined'))).toBeUndefined();
  expect(toAppError('a string')).toBeUndefined();
  expect(sqlState(Object.assign(new Error('x'), { code: 'EPIPE' }))).toBeUndefined();
});

test('a refusal passes through unchanged', () => {
  const error = new AppError('play_cap_reached', 'No more.');
  expect(toAppError(error)).toBe(error);
});
