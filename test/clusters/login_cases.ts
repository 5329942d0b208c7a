import { expect } from 'vitest';
import { openAppPool } from '../../src/db/roles.ts';
import { startCluster, type Version } from './cluster.ts';
import { DATABASE, failoverUrlOf, type Login, urlOf } from './logins.ts';
import { touchline } from './process.ts';
import { expectMessageArrives } from './product_chain.ts';

/** What is tried as a login: only that the schema is made and the product’s role holds, or the whole way to a mailbox. */
export type Depth = 'schema' | 'message';

/**
 * A cluster that nothing prepared but as `login` says, and the product on it as that login. Where it refuses, what it says
 * is run word for word by the superuser, and nothing else.
 */
export async function expectLoginServes(version: Version, login: Login, depth: Depth): Promise<void> {
  const cluster = await startCluster(version);
  try {
    await login.prepare(cluster);
    const url = (login.has_failover ? failoverUrlOf : urlOf)(cluster);
    const env = { DATABASE_URL: url };
    if (login.is_refused) {
      const refused = touchline(['migrate'], env);
      expect(await refused.exited, refused.printed()).toBe(3);
      expect(refused.printed()).toMatch(/^database_rights_missing: /);
      const statements = refused.printed().match(/^.*;$/gm) ?? [];
      expect(statements.length).toBeGreaterThan(0);
      for (const statement of statements) await cluster.asSuperuser(statement, DATABASE);
    }
    if (depth === 'message') return await expectMessageArrives(url);
    const migrated = touchline(['migrate'], env);
    expect(await migrated.exited, migrated.printed()).toBe(0);
    // As the product has it: held by row-level security, on whatever login.
    await (await openAppPool({ url, max: 1 })).close();
  } finally {
    await cluster.stop();
  }
}
