import { expect } from 'vitest';
import type { Queryable } from '../src/db/pool.ts';

/**
 * Waits until a statement in this database waits for a lock of another transaction. Does not work inside a transaction,
 * which sees only the activity at its start.
 */
export async function untilBlocked(db: Queryable): Promise<void> {
  await untilActive(db, `wait_event_type = 'Lock'`);
}

/** Waits until a statement in this database has reached its pg_sleep(). */
export async function untilAsleep(db: Queryable): Promise<void> {
  await untilActive(db, `wait_event = 'PgSleep'`);
}

async function untilActive(db: Queryable, condition: string): Promise<void> {
  const isActive = async () => {
    const { rows } = await db.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND ${condition}`,
    );
    return rows.length > 0;
  };
  await expect.poll(isActive, { timeout: 15_000, interval: 10 }).toBe(true);
}
