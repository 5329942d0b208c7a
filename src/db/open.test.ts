import { expect, test } from 'vitest';
import { testDatabase } from '../../test/database.ts';
import type { Context, OperationContext } from '../context.ts';
import { systemDb } from './acting.ts';
import { openOwnerPool } from './open.ts';
import type { ActingDb, Connection, OwnerPool, Pool, Queryable } from './pool.ts';
import { listOrganizations } from './queries/principals.gen.ts';

const { db, admin_url: url } = await testDatabase();
const asked = { limit: 1 };

test('a connection acts as another role when asked to', async () => {
  await db.query('create role "touchline test role"').catch(() => undefined);
  // Since PostgreSQL 16 the creator of a role may administer it, but must grant it to itself to use it.
  await db.query('grant "touchline test role" to current_user');
  const other = await openOwnerPool({ url, role: 'touchline test role', statement_timeout_ms: 1234 });
  const { rows } = await other.query(`select current_user, current_setting('statement_timeout') as timeout`);
  await other.close();
  await db.query('drop role "touchline test role"');
  expect(rows).toEqual([{ current_user: 'touchline test role', timeout: '1234ms' }]);
});

test('an unreachable server is an error on opening', async () => {
  await expect(openOwnerPool({ url: 'postgresql://nobody@127.0.0.1:1/none' })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

test('the application pool has no query method, in types or at run time', async () => {
  // @ts-expect-error: no actor.
  expect(db.app.query).toBeUndefined();
  // @ts-expect-error: a statement needs an actor.
  await expect(listOrganizations.run(asked, db.app)).rejects.toThrow(TypeError);
  expect(await listOrganizations.run(asked, systemDb(db.app))).toEqual([]);
});

test('the compiler refuses to substitute one pool for another', () => {
  const refused = (pool: Pool, acting: ActingDb, owner: OwnerPool, own: Connection) => {
    // @ts-expect-error: a connection without an actor runs no statement of the product.
    const on_connection: Queryable = own;
    // @ts-expect-error: code that must name an actor gets no pool that already has one.
    const for_worker: Pool = acting;
    // @ts-expect-error: nor connections without row policies.
    const for_process: Pool = owner;
    // @ts-expect-error: an owner pool has no actor.
    const for_operation: ActingDb = owner;
    // @ts-expect-error: an operation needs an actor.
    const operating: Pick<OperationContext, 'db'> = { db: pool };
    // @ts-expect-error: a worker has no actor.
    const working: Pick<Context, 'db'> = { db: acting };
    return [on_connection, for_worker, for_process, for_operation, operating, working];
  };
  expect(refused).toHaveLength(4);
});
