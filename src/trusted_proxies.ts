import { isIP } from 'node:net';

/**
 * The proxies whose `X-Forwarded-For` says who asks: addresses and networks (CIDR) of a list with commas. Null where one of
 * them is neither.
 */
export function parseTrustedProxies(text: string): string[] | null {
  const proxies = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return proxies.every(isAddressOrNetwork) ? proxies : null;
}

function isAddressOrNetwork(entry: string): boolean {
  const [, address = '', , bits] = /^([^/]+)(\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  if (version === 0) return false;
  // A network of everyone would let anyone say who they are.
  return bits === undefined || (Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128));
}
