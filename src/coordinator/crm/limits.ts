import type { Crm } from '../../connectors/crm/port.ts';
import type { ActingDb } from '../../db/pool.ts';
import * as sql from '../../db/queries/crm_limits.gen.ts';

/** Longer limits, as those of a day, are not spread evenly: the CRM says when one is reached. */
const SPREAD_MAX_MS = 60_000;
/** Room for requests that take longer on their way than those after them. */
const MARGIN = 1.2;
/** A request that would wait longer is put off instead. */
const WAIT_MAX_MS = 10_000;
/** Without an instant from the CRM. */
const PAUSE_MS = { burst: 10_000, day: 3_600_000 };

/** The limit is reached for longer than a request waits. Nothing was requested. */
export class CrmLimitReached extends Error {}

/**
 * Takes a slot under each limit of the CRM that counts this request, and returns how long to wait for it, in real
 * milliseconds. All processes share the slots. Throws `CrmLimitReached`.
 */
export async function takeSlot(
  db: ActingDb,
  org_id: string,
  limits: Crm['limits'],
  kind: 'read' | 'write',
): Promise<number> {
  let wait_ms = 0;
  for (const { calls, count, window_ms } of limits) {
    if ((calls !== kind && calls !== 'all') || window_ms > SPREAD_MAX_MS) continue;
    const spacing_ms = (window_ms / count) * MARGIN;
    const slot = { org_id, calls, spacing_ms, wait_max_ms: WAIT_MAX_MS };
    const [taken] = await sql.takeCrmSlot.run(slot, db);
    if (taken === undefined) throw new CrmLimitReached();
    wait_ms = Math.max(wait_ms, taken.wait_ms);
  }
  return wait_ms;
}

/** The CRM counted too many requests: none begins before the instant that it named. */
export async function closeSlots(
  db: ActingDb,
  org_id: string,
  limits: Crm['limits'],
  { until, per }: { until: string | null; per: 'burst' | 'day' },
): Promise<void> {
  const calls = [...new Set(limits.map((limit) => limit.calls))];
  const named = until === null ? null : new Date(until);
  await sql.closeCrmSlots.run({ org_id, calls, until: named, wait_ms: PAUSE_MS[per] }, db);
}
