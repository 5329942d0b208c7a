import type { Connection, Connections } from '../src/db/pool.ts';

/** A busy server answers this many logins at once within the time limit of a connection. */
const AT_ONCE = 8;

/** Opens this many connections of a pool and keeps them idle, so that a race measures statements and not logins. */
export async function openConnections(pool: Pick<Connections, 'checkout'>, count: number): Promise<void> {
  const open: Connection[] = [];
  try {
    while (open.length < count) {
      const more = Math.min(AT_ONCE, count - open.length);
      const settled = await Promise.allSettled(Array.from({ length: more }, () => pool.checkout()));
      for (const one of settled) if (one.status === 'fulfilled') open.push(one.value);
      for (const one of settled) if (one.status === 'rejected') throw one.reason;
    }
  } finally {
    for (const one of open) one.release();
  }
}
