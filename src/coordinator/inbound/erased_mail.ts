import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import { erasedAmong } from '../../db/queries/erasures.gen.ts';
import type { InboundMail } from '../../mail/messages.ts';
import type { Scope } from '../gate/scope.ts';
import { erasedAddressHmac } from '../sending/erased_addresses.ts';
import { suggestionOf } from './intents.ts';
import type { Match } from './matching.ts';
import { ERASED_ADDRESS } from './reports.ts';

/** The most addresses read from a text; a report about our message has fewer. */
const ADDRESSES_MAX = 100;
const ADDRESS = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]{1,255}[\p{L}\p{N}]/gu;

type Read = { mail: InboundMail | null; told: ClassifiedInbound | null };

/**
 * - `lead`: its lead was erased. Only facts about our mailbox take effect.
 * - `address`: it is from, to, or about an erased person's address, and answers another lead's message or none.
 */
export type OfErased<T extends Read> = { read: T; match: Match; of_erased: 'lead' | 'address' | null };

/**
 * Removes all words and addresses from an erased person's message, so late mail does not restore personal data. Runs under
 * the lock of the message's lead; no erasure in the organization ends in the meantime (`waitForErasures`).
 */
export async function withoutErased<T extends Read>(
  { org_id, tx }: Scope,
  read: T,
  match: Match,
  secret: string,
): Promise<OfErased<T>> {
  const suggested = suggestionOf(read.told)?.email ?? null;
  const named = addressesOf(read, match);
  const hmacs = new Map(
    [...named, ...(suggested === null ? [] : [suggested])].map((address) => [
      address,
      erasedAddressHmac(secret, org_id, address),
    ]),
  );
  const asked = { org_id, lead_id: match.lead_id, address_hmacs: [...hmacs.values()] };
  const found = await erasedAmong.one(asked, tx);
  const erased = new Set(found!.address_hmacs);
  if (found!.lead_is_erased) {
    const told = redacted(read.told, () => true, null);
    const is_dated = told?.kind === 'out_of_office' || told?.kind === 'reply';
    const bare = is_dated ? { ...told, return_date: null } : told;
    return { read: { ...read, mail: null, told: bare }, match: withoutAddress(match), of_erased: 'lead' };
  }
  const isErased = (address: string) => {
    const hmac = hmacs.get(address.toLowerCase());
    return hmac !== undefined && erased.has(hmac.toString('hex'));
  };
  if (!named.some(isErased)) {
    const told = suggested !== null && isErased(suggested) ? withoutSuggestion(read.told) : read.told;
    return { read: { ...read, told }, match, of_erased: null };
  }
  return {
    read: { ...read, mail: null, told: redacted(read.told, isErased, ERASED_ADDRESS) },
    match,
    of_erased: 'address',
  };
}

/** Lowercase. A person's own reply may name others: those words are that person's. */
function addressesOf({ mail, told }: Read, { lead_id }: Match): string[] {
  if (mail === null || told === null) return [];
  const own = [mail.from.address, mail.delivered_to[0] ?? mail.to[0] ?? ''];
  const is_report = ['bounce', 'delay', 'complaint', 'other'].includes(told.kind);
  const named = is_report || lead_id === null ? (`${mail.subject} ${mail.text}`.match(ADDRESS) ?? []) : [];
  const failed =
    told.kind === 'bounce'
      ? told.failed.flatMap(({ address, forwarded_to }) => [address ?? [], forwarded_to ?? []].flat())
      : [];
  const complained = told.kind === 'complaint' ? told.complained : [];
  const all = [...own, ...failed, ...complained, ...named].map((address) => address.toLowerCase());
  return [...new Set(all.filter((address) => address.includes('@')))].slice(0, ADDRESSES_MAX);
}

function redacted(
  told: ClassifiedInbound | null,
  isErased: (address: string) => boolean,
  instead: string | null,
): ClassifiedInbound | null {
  if (told?.kind === 'reply' || told?.kind === 'auto_reply') return withoutSuggestion(told);
  if (told?.kind === 'complaint')
    return { ...told, complained: told.complained.filter((address) => !isErased(address)) };
  if (told?.kind !== 'bounce') return told;
  const failed = told.failed.map((one) => ({
    ...one,
    address: one.address !== null && isErased(one.address) ? instead : one.address,
    forwarded_to: one.forwarded_to !== null && isErased(one.forwarded_to) ? null : one.forwarded_to,
  }));
  return { ...told, failed };
}

function withoutSuggestion(told: ClassifiedInbound | null): ClassifiedInbound | null {
  return told?.kind === 'reply' || told?.kind === 'auto_reply' ? { ...told, suggested_contact: null } : told;
}

/** Replaces the address by one that belongs to no one. */
function withoutAddress(match: Match): Match {
  const { touch } = match;
  if (touch === null || touch.attempt === null) return match;
  return { ...match, touch: { ...touch, attempt: { ...touch.attempt, to_address: null } } };
}
