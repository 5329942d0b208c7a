import { createHash } from 'node:crypto';
import { type CheckBatchesResult, sealEventLog } from '../../db/queries/event_chain.gen.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';

/** Several milliseconds of work under the lock of the organization's chain. */
const SEALED_AT_ONCE = 500;

/**
 * Adds the logs' new batches to the organization's hash chain. Any number of processes may do so in parallel. Throws
 * `chain_broken` (TL021) if the end of the chain was tampered with.
 */
export async function sealLog(work: OrgWork): Promise<void> {
  for (;;) {
    const [row] = await inOrg(work, ({ org_id, tx }) =>
      sealEventLog.run({ org_id, most: SEALED_AT_ONCE }, tx),
    );
    if (row!.sealed < SEALED_AT_ONCE) return;
  }
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
