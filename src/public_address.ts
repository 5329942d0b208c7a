import { BlockList, isIP, isIPv4 } from 'node:net';
import { AppError } from './errors.ts';

const URL_MAX = 2_000;

/* Addresses to which the product never sends: those of the IANA special-purpose registries (RFC 6890), multicast, and the
   metadata address of one cloud. For IPv6, only global unicast (2000::/3) is allowed, so mapped, NAT64, local, and
   multicast addresses need no entry. */
const isForbidden = inNetworks(`
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
  192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
  198.51.100.0/24 203.0.113.0/24 168.63.129.16/32 224.0.0.0/3
  2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20`);
const isGlobalUnicast = inNetworks('2000::/3');

/** Whether this is an address of this machine; false for anything that is not an address. */
export const isLoopbackAddress = inNetworks('127.0.0.0/8 ::1/128');

/** Whether this is a public internet address; false for anything that is not an address. */
export function isPublicAddress(address: string): boolean {
  return (isIPv4(address) || isGlobalUnicast(address)) && !isForbidden(address);
}

/** A test for addresses in these networks (CIDR), which spaces separate. */
export function inNetworks(networks: string): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks.trim().split(/\s+/)) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/** Reads a webhook URL. Throws `webhook_url_refused`. */
export function readWebhookUrl(text: string, { allow_local }: { allow_local: boolean }): URL {
  return readOutsideUrl(text, { allow_local, is_asked_by_us: true }, refused);
}

/**
 * Reads a URL that a user gives: https without a login or a fragment. `is_asked_by_us`: on the public internet, or on this
 * machine with `allow_local`; only there plain http is allowed. A browser may ask any server. A numeric address is checked
 * here, a name once resolved. Throws what `refusal` makes of the reason.
 */
export function readOutsideUrl(
  text: string,
  { allow_local, is_asked_by_us }: { allow_local: boolean; is_asked_by_us: boolean },
  refusal: (why: string, is_own: boolean) => AppError,
): URL {
  const url = URL.canParse(text) && text.length <= URL_MAX ? new URL(text) : null;
  if (url === null) throw refusal('is not a URL of at most 2000 characters', false);
  const host = hostOf(url);
  const is_own = isLoopbackAddress(host) || host === 'localhost' || host.endsWith('.localhost');
  const is_local = is_own && (allow_local || !is_asked_by_us);
  const is_elsewhere = isIP(host) === 0 ? !is_own : isPublicAddress(host);
  if (url.username !== '' || url.password !== '') throw refusal('must not contain a login', is_own);
  if (url.hash !== '') throw refusal('must not have a fragment', is_own);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && is_local))
    throw refusal('must begin with https://', is_own);
  if (url.port === '0') throw refusal('has port 0, on which no server listens', is_own);
  if (is_asked_by_us && !is_elsewhere && !is_local) throw refusal('is not on the public internet', is_own);
  return url;
}

/** The name or the address, without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function refused(why: string, is_own: boolean): AppError {
  return new AppError('webhook_url_refused', `The URL ${why}.`, {
    errors: [{ path: 'url', message: why }],
    hint: is_own
      ? 'Use an https URL of a server on the public internet. To test on this machine, start Touchline with its embedded database and TOUCHLINE_LOCAL_WEBHOOKS=1.'
      : 'Use an https URL of a server on the public internet.',
  });
}
