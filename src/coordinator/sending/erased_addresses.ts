import { createHmac, hkdfSync } from 'node:crypto';

/**
 * The trace of an erased address: enough to recognize it, with nothing to read it from. HMAC-SHA256 with a key made by
 * HKDF-SHA256 from the process's secret, over org and address; another TOUCHLINE_SECRET recognizes no address.
 */
export function erasedAddressHmac(secret: string, org_id: string, email: string): Buffer {
  return createHmac('sha256', keyOf(secret)).update(`${org_id}\n${email.toLowerCase()}`).digest();
}

let last: { secret: string; key: Buffer } | null = null;

/** Derived once: an import needs it for each of its rows. */
function keyOf(secret: string): Buffer {
  if (last?.secret === secret) return last.key;
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'touchline erased address 1', 32));
  last = { secret, key };
  return key;
}
