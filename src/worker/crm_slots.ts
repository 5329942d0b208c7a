import type { Crm } from '../connectors/crm/port.ts';
import { CrmLimitReached, takeSlot } from '../coordinator/crm/limits.ts';
import type { ActingDb } from '../db/pool.ts';
import { rest } from './rest.ts';

/** A request that begins later than this after its slot would meet those after it, so it takes another slot. */
const LATE_MAX_MS = 50;

/** Waits for a slot under the limits that all processes share. Throws `CrmLimitReached`, also once the signal is aborted. */
export async function waitForSlot(
  { db, org_id, signal }: { db: ActingDb; org_id: string; signal: AbortSignal },
  limits: Crm['limits'],
  kind: 'read' | 'write',
): Promise<void> {
  for (;;) {
    const asked_ms = performance.now();
    const wait_ms = await takeSlot(db, org_id, limits, kind);
    const due_ms = asked_ms + wait_ms;
    const left_ms = due_ms - performance.now();
    if (left_ms > 0) await rest(left_ms, signal);
    if (signal.aborted) throw new CrmLimitReached();
    if (performance.now() - due_ms <= LATE_MAX_MS) return;
  }
}
