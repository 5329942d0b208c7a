import { describe, test } from 'vitest';
import { expectLoginServes } from './login_cases.ts';
import { LOGINS } from './logins.ts';

/*
 * The oldest and the newest server that is supported. Every kind of login makes the schema on both, and goes the whole way
 * to a message in a mailbox on one; the long form has everything.
 */

describe.each([15, 18] as const)('PostgreSQL %i', (version) => {
  test.concurrent.for(LOGINS)('$name', { timeout: 300_000 }, (login) =>
    expectLoginServes(version, login, login.whole_way_on === version ? 'message' : 'schema'),
  );
});
