import { createHash } from 'node:crypto';
import { type CheckBatchesResult, sealEventLog } from '../../db/queries/event_chain.gen.ts';
import type { OrgWork } from '../gate/org_work.ts';
import { inBatches } from './walks.ts';

/** Several milliseconds of work under the lock of the organization's chain. */
const SEALED_AT_ONCE = 500;

/**
 * Adds the logs' new batches to the organization's hash chain. Any number of processes may do so in parallel. Throws
 * `chain_broken` (TL021) if the end of the chain was tampered with.
 */
export async function sealLog(work: OrgWork): Promise<void> {
  await inBatches(work, SEALED_AT_ONCE, async ({ org_id, limit: most }, { tx }) => {
    const [row] = await sealEventLog.run({ org_id, most }, tx);
    return row!.sealed;
  });
}

/** The beginning of every organization's chain. */
export function firstHash(org_id: string): Buffer {
  return createHash('sha256').update(`touchline ${org_id}`).digest();
}

/** The hash that a batch must have at its place, after the previous one: chain_hash in db/routines/event_chain.sql. */
export function chainHash(
  org_id: string,
  batch: Pick<CheckBatchesResult, 'format' | 'kind' | 'id' | 'row_hashes'>,
  place: number,
  previous_hash: Buffer,
): Buffer {
  const head = ['touchline', batch.format, org_id, batch.kind, batch.id, place].join(' ');
  return createHash('sha256').update(head).update(previous_hash).update(batch.row_hashes).digest();
}
