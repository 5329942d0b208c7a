import { describe, test } from 'vitest';
import { expectLoginServes } from './login_cases.ts';
import { LOGINS } from './logins.ts';

/* Every server and every kind of login, each up to a delivered message. */

describe.each([15, 16, 17, 18] as const)('PostgreSQL %i', (version) => {
  test.concurrent.for(LOGINS)('$name', { timeout: 300_000 }, (login) =>
    expectLoginServes(version, login, 'message'),
  );
});
