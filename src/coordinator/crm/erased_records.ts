import { erasedAmong, waitForErasures } from '../../db/queries/erasures.gen.ts';
import type { Scope } from '../gate/scope.ts';
import { erasedAddressHmac } from '../sending/erased_addresses.ts';

/** Names under which an erasure remembers records of the CRM (`ownAddressesOfLead`). */
export const personKey = (record_id: string) => `crm:${record_id}`;
export const companyKey = (record_id: string) => `crm company ${record_id}`;
export const domainKey = (domain: string) => `domain ${domain}`;

/**
 * Which of these keys and addresses belong to erased people. No erasure ends until the transaction does. Before any lead's
 * lock, because an erasure waits for that.
 */
export async function erasedKeys(
  { org_id, tx }: Pick<Scope, 'org_id' | 'tx'>,
  secret: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  await waitForErasures.run({ org_id }, tx);
  if (keys.length === 0) return new Set();
  const key_of = new Map(keys.map((key) => [erasedAddressHmac(secret, org_id, key).toString('hex'), key]));
  const address_hmacs = [...key_of.keys()].map((hex) => Buffer.from(hex, 'hex'));
  const found = await erasedAmong.one({ org_id, lead_id: null, address_hmacs }, tx);
  return new Set(found!.address_hmacs.map((hex) => key_of.get(hex)!));
}
