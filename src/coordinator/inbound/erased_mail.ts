import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import { erasedAmong } from '../../db/queries/erasures.gen.ts';
import type { InboundMail } from '../../mail/messages.ts';
import type { Scope } from '../gate/scope.ts';
import { erasedAddressHmac } from '../sending/erased_addresses.ts';
import type { Match } from './matching.ts';

/** Of addresses in a text, more than a report on a message of ours has. */
const ADDRESSES_MAX = 100;
const ADDRESS = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]{1,255}[\p{L}\p{N}]/gu;

type Read = { mail: InboundMail | null; told: ClassifiedInbound | null };

/**
 * - `lead`: the lead that it is about was erased. Only what says something of our mailbox follows from it.
 * - `address`: it is from, to or about an address whose owner was erased, and answers somebody else's message, or none.
 */
export type OfErased<T extends Read> = { read: T; match: Match; of_erased: 'lead' | 'address' | null };

/**
 * Takes every word and address out of a message that is somebody's who was forgotten, so that mail which comes late does not
 * bring them back. Under the lock of the lead that it is about; no erasure of the org ends meanwhile (`waitForErasures`).
 */
export async function withoutErased<T extends Read>(
  { org_id, tx }: Scope,
  read: T,
  match: Match,
  secret: string,
): Promise<OfErased<T>> {
  const hmacs = new Map(
    addressesOf(read, match).map((address) => [address, erasedAddressHmac(secret, org_id, address)]),
  );
  const asked = { org_id, lead_id: match.lead_id, address_hmacs: [...hmacs.values()] };
  const found = await erasedAmong.one(asked, tx);
  const erased = new Set(found!.address_hmacs);
  if (found!.lead_is_erased) {
    const told = redacted(read.told, () => true);
    const bare = told?.kind === 'out_of_office' ? { ...told, return_date: null } : told;
    return { read: { ...read, mail: null, told: bare }, match: withoutAddress(match), of_erased: 'lead' };
  }
  if (erased.size === 0) return { read, match, of_erased: null };
  const isErased = (address: string) => {
    const hmac = hmacs.get(address.toLowerCase());
    return hmac !== undefined && erased.has(hmac.toString('hex'));
  };
  return { read: { ...read, mail: null, told: redacted(read.told, isErased) }, match, of_erased: 'address' };
}

/** Lower case. What a person wrote in answer to a message may name others: those are the words of that person. */
function addressesOf({ mail, told }: Read, { lead_id }: Match): string[] {
  if (mail === null || told === null) return [];
  const own = [mail.from.address, mail.delivered_to[0] ?? mail.to[0] ?? ''];
  const is_report = ['bounce', 'delay', 'complaint', 'other'].includes(told.kind);
  const named = is_report || lead_id === null ? (`${mail.subject} ${mail.text}`.match(ADDRESS) ?? []) : [];
  const failed = told.kind === 'bounce' ? told.failed.flatMap(({ address }) => address ?? []) : [];
  const all = [...own, ...failed, ...named].map((address) => address.toLowerCase());
  return [...new Set(all.filter((address) => address.includes('@')))].slice(0, ADDRESSES_MAX);
}

function redacted(
  told: ClassifiedInbound | null,
  isErased: (address: string) => boolean,
): ClassifiedInbound | null {
  if (told?.kind !== 'bounce') return told;
  const failed = told.failed.map((one) =>
    one.address !== null && isErased(one.address) ? { ...one, address: null } : one,
  );
  return { ...told, failed };
}

/** What stands where the address stood is nobody's. */
function withoutAddress(match: Match): Match {
  const { touch } = match;
  if (touch === null || touch.attempt === null) return match;
  return { ...match, touch: { ...touch, attempt: { ...touch.attempt, to_address: null } } };
}
