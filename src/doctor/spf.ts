import { BlockList, isIPv4 } from 'node:net';
import type { DnsRecords } from '../connectors/connector.ts';
import { expandDomain, isName, type SpfAsked } from './spf_macros.ts';
import { type Mechanism, parseSpf, spfTexts } from './spf_record.ts';

/** RFC 7208 section 2.6. */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

/** `why` is what decided: the mechanism as written, or what is wrong; null where nothing did. */
export type SpfOutcome = { result: SpfResult; why: string | null };

/** Section 4.6.4: terms that ask DNS, names of one mx, questions that found nothing. */
const LOOKUPS_MAX = 10;
const MX_MAX = 10;
const VOIDS_MAX = 2;

const RESULTS = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const;

/**
 * What a receiver makes of a message from `ip` with this envelope sender, by check_host() of RFC 7208 section 4, with two
 * liberties: `ptr` matches nothing, though it counts, and explanations are not fetched.
 */
export async function evaluateSpf(dns: DnsRecords, asked: SpfAsked): Promise<SpfOutcome> {
  try {
    return await checkHost({ dns, lookups: 0, voids: 0 }, asked);
  } catch (error) {
    if (error instanceof SpfFault) return { result: error.result, why: error.message };
    if ((error as { code?: unknown }).code !== 'dns_unanswered') throw error;
    return { result: 'temperror', why: (error as Error).message.replace(/\.$/, '') };
  }
}

/** Ends the whole evaluation, however deep in it. */
class SpfFault extends Error {
  readonly result = 'permerror';
}

/** One evaluation with all that it includes: the limits are for the whole. */
type Walk = { dns: DnsRecords; lookups: number; voids: number };

async function checkHost(walk: Walk, asked: SpfAsked): Promise<SpfOutcome> {
  const { domain } = asked;
  if (!isName(domain) || !domain.includes('.')) return { result: 'none', why: null };
  const texts = spfTexts(await walk.dns.txt(domain));
  if (texts.length === 0) return { result: 'none', why: null };
  if (texts.length > 1) throw new SpfFault(`${domain} has ${texts.length} SPF records`);
  const record = parseSpf(texts[0]!);
  if ('fault' in record) throw new SpfFault(`the record of ${domain} has "${record.fault}" in it`);
  for (const mechanism of record.mechanisms) {
    if (!(await matches(walk, mechanism, asked))) continue;
    return { result: RESULTS[mechanism.qualifier], why: mechanism.text };
  }
  if (record.redirect === null) return { result: 'neutral', why: null };
  countLookup(walk);
  const target = expandDomain(record.redirect, asked);
  const followed = target === null ? null : await checkHost(walk, { ...asked, domain: target });
  if (followed === null || followed.result === 'none') {
    throw new SpfFault(`redirect=${record.redirect} leads to no SPF record`);
  }
  return followed;
}

async function matches(walk: Walk, mechanism: Mechanism, asked: SpfAsked): Promise<boolean> {
  if (mechanism.kind === 'all') return true;
  if ('network' in mechanism) {
    return isWithin(asked.ip, mechanism.network, mechanism.bits);
  }
  countLookup(walk);
  if (mechanism.kind === 'ptr') return false;
  const name = mechanism.domain === null ? asked.domain : expandDomain(mechanism.domain, asked);
  if (mechanism.kind === 'include') return includes(walk, name, mechanism.text, asked);
  // Section 4.8 leaves open what a name that cannot exist means; most receivers go on.
  if (name === null) return false;
  if (!('ip4_bits' in mechanism)) return (await found(walk, walk.dns.a(name))).length > 0;
  const hosts = mechanism.kind === 'a' ? [name] : await exchangesOf(walk, name);
  const bits = isIPv4(asked.ip) ? mechanism.ip4_bits : mechanism.ip6_bits;
  for (const host of hosts) {
    const addresses = await found(walk, isIPv4(asked.ip) ? walk.dns.a(host) : walk.dns.aaaa(host));
    if (addresses.some((address) => isWithin(asked.ip, address, bits))) return true;
  }
  return false;
}

async function includes(walk: Walk, name: string | null, text: string, asked: SpfAsked): Promise<boolean> {
  const included = name === null ? null : await checkHost(walk, { ...asked, domain: name });
  if (included === null || included.result === 'none') throw new SpfFault(`${text} leads to no SPF record`);
  return included.result === 'pass';
}

async function exchangesOf(walk: Walk, name: string): Promise<string[]> {
  const exchanges = await found(walk, walk.dns.mx(name));
  if (exchanges.length > MX_MAX) throw new SpfFault(`${name} has more than ${MX_MAX} MX records`);
  return exchanges;
}

async function found(walk: Walk, answer: Promise<string[]>): Promise<string[]> {
  const records = await answer;
  if (records.length === 0) walk.voids += 1;
  if (walk.voids > VOIDS_MAX) throw new SpfFault(`more than ${VOIDS_MAX} names in it do not exist`);
  return records;
}

function countLookup(walk: Walk): void {
  walk.lookups += 1;
  if (walk.lookups > LOOKUPS_MAX) throw new SpfFault(`it takes more than ${LOOKUPS_MAX} lookups`);
}

function isWithin(ip: string, network: string, bits: number): boolean {
  const family = isIPv4(ip) ? 'ipv4' : 'ipv6';
  if (isIPv4(network) !== (family === 'ipv4')) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(ip, family);
}
