import { createHmac, hkdfSync } from 'node:crypto';
import { erasedAmong, waitForErasures } from '../../db/queries/erasures.gen.ts';
import { AppError } from '../../errors.ts';
import type { Scope } from '../gate/scope.ts';

/**
 * The trace of an erased email address or phone number: enough to recognize it, with nothing to read it from. HMAC-SHA256 with a key made by
 * HKDF-SHA256 from the process's secret, over org and address; another TOUCHLINE_SECRET recognizes no address.
 */
export function erasedAddressHmac(secret: string, org_id: string, address: string): Buffer {
  return createHmac('sha256', keyOf(secret)).update(`${org_id}\n${address.toLowerCase()}`).digest();
}

/** Throws `lead_erased` for the address of an erased person. Before any lead's lock, because an erasure waits for that. */
export async function refuseErased(
  { org_id, tx }: Pick<Scope, 'org_id' | 'tx'>,
  secret: string,
  { path, address }: { path: string; address: string },
): Promise<void> {
  await waitForErasures.run({ org_id }, tx);
  const address_hmacs = [erasedAddressHmac(secret, org_id, address)];
  const erased = await erasedAmong.one({ org_id, lead_id: null, address_hmacs }, tx);
  if (erased!.address_hmacs.length === 0) return;
  throw new AppError('lead_erased', 'The personal data of this address was deleted: it cannot be added.', {
    errors: [{ path, message: 'belongs to a person whose data was deleted' }],
  });
}

let last: { secret: string; key: Buffer } | null = null;

/** Derived once: an import needs it for each of its rows. */
function keyOf(secret: string): Buffer {
  if (last?.secret === secret) return last.key;
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'touchline erased address 1', 32));
  last = { secret, key };
  return key;
}
