import { describe, test } from 'vitest';
import { expectLoginServes } from './login_cases.ts';
import { LOGINS } from './logins.ts';

/* The oldest and the newest supported server. Every kind of login creates the schema on both and delivers a message on one.
   The long run covers everything. */

describe.each([15, 18] as const)('PostgreSQL %i', (version) => {
  test.concurrent.for(LOGINS)('$name', { timeout: 300_000 }, (login) =>
    expectLoginServes(version, login, login.whole_way_on === version ? 'message' : 'schema'),
  );
});
