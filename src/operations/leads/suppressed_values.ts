import { z } from 'zod';
import { parseAddress } from '../../mail/addresses.ts';
import { e164, PHONE_EXPECTED } from '../../phone_number.ts';
import type { SuppressionKind } from '../../schema.gen.ts';
import { kept } from '../fields.ts';

/** An address, a domain, or a phone number, in the form in which they are compared. */
export type SuppressedValue = { kind: SuppressionKind; value: string };

/** A day begins at midnight UTC. */
export const suppressionEnd = kept(z.union([z.iso.date(), z.iso.datetime({ offset: true })]));

/**
 * Reads `bo@acme.example`, `acme.example`, `@acme.example`, `*@acme.example`, or `+1 202 555 0123`. The local part of a
 * domain's test address only makes the address complete.
 */
export function readSuppressedValue(text: string): SuppressedValue | { error: string } {
  const trimmed = text.trim();
  if (/^[+\d(][\d\s()./-]+$/.test(trimmed)) {
    const number = e164(trimmed);
    return number === null ? { error: PHONE_EXPECTED } : { kind: 'phone', value: number };
  }
  const domain = trimmed.includes('@') ? /^\*?@(.+)$/.exec(trimmed)?.[1] : trimmed;
  const parsed = parseAddress(domain === undefined ? trimmed : `postmaster@${domain}`);
  if ('error' in parsed) return { error: parsed.error };
  return domain === undefined
    ? { kind: 'address', value: parsed.address.toLowerCase() }
    : { kind: 'domain', value: parsed.domain };
}

/** The organization's own mailboxes: suppressing them, or their domain, is a mistake. */
export function ownFault(
  { kind, value }: SuppressedValue,
  own: readonly { address: string; domain: string }[],
): string | null {
  const is_own = own.some(({ address, domain }) =>
    kind === 'address' ? address === value : domain === value || domain.endsWith(`.${value}`),
  );
  if (!is_own) return null;
  return kind === 'address' ? 'is one of your own mailboxes' : 'is the domain of one of your own mailboxes';
}
