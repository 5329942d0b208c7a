import { expect } from 'vitest';
import { openAppPool } from '../../src/db/roles.ts';
import { startCluster, type Version } from './cluster.ts';
import { DATABASE, failoverUrlOf, type Login, urlOf } from './logins.ts';
import { touchline } from './process.ts';
import { expectMessageArrives } from './product_chain.ts';

/** The depth of a login test: only the schema and the product’s role, or everything up to a delivered message. */
export type Depth = 'schema' | 'message';

/**
 * A cluster prepared only by `login`, and the product on it with that login. Where the product refuses, the superuser runs
 * the SQL from the refusal verbatim, and nothing else.
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
    // As the product has it: bound by row-level security, on every login.
    await (await openAppPool({ url, max: 1 })).close();
  } finally {
    await cluster.stop();
  }
}
