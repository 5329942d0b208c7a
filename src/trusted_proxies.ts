import { isIP } from 'node:net';

/**
 * The proxies whose `X-Forwarded-For` is trusted: a comma-separated list of addresses and networks (CIDR). Null if an entry
 * is neither.
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
  // A network that contains every address would let any client choose its own.
  return bits === undefined || (Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128));
}
