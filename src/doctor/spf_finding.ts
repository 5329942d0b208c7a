import { isIP, isIPv4 } from 'node:net';
import type { DnsRecords } from '../connectors/connector.ts';
import { inNetworks } from '../public_address.ts';
import { type Finding, failure, ok, skipped, warning } from './check.ts';
import { domainOf } from './mail_records.ts';
import { evaluateSpf, type SpfOutcome, type SpfResult, spfFault, spfTexts } from './spf.ts';

/** The sender, and its mail server: a name or an address. */
type Sending = { address: string; host: string };

/** Servers with more addresses use them for balance, under one record. */
const ADDRESSES_MAX = 10;
/** Never a real sender (RFC 1112 section 4): a record that allows it allows everyone. */
const STRANGER = '240.0.0.1';

/** The SPF result (RFC 7208) of the sending address, as far as it is known here. */
export async function spfFinding(records: DnsRecords, sending: Sending): Promise<Finding> {
  const { host } = sending;
  const domain = domainOf(sending.address);
  const texts = spfTexts(await records.txt(domain));
  const [record] = texts;
  if (record === undefined) {
    const name = isKin(host, domain) ? `a:${host}` : 'include:YOUR-PROVIDER';
    return warning(
      `${domain} has no SPF record`,
      `Publish one with your mail server: ${domain}. IN TXT "v=spf1 ${name} -all"`,
    );
  }
  if (texts.length > 1)
    return failure(`${domain} has ${texts.length} SPF records, which counts as an error`, 'Leave one.');
  const fault = await spfFault(record);
  if (fault !== null)
    return failure(`${record} has "${fault}" in it, which counts as an error`, 'Correct or remove that.');
  const evaluate = (ip: string) => evaluateSpf(records, { ip, sender: sending.address, helo: host });
  const results: Evaluated[] = [];
  for (const ip of await addressesOf(records, host)) results.push({ ip, ...(await evaluate(ip)) });
  const stranger = await evaluate(STRANGER);
  if (stranger.result === 'pass') {
    return failure(
      `${record} allows everyone to send as ${domain}`,
      'List your servers in it, and end it with -all.',
    );
  }
  const mistaken = [...results, stranger].find(({ result }) => result === 'permerror');
  if (mistaken !== undefined) {
    const seen = `${record} counts as an error: ${mistaken.why}`;
    const next = 'Correct the record or its includes.';
    // Evaluation runs from left to right and may end before the error.
    const is_met = results.length === 0 || results.some(({ result }) => result !== 'pass');
    return is_met
      ? failure(seen, next)
      : warning(`${seen}, though the address of ${host} matches before the error`, next);
  }
  const unanswered = (results.length === 0 ? [stranger] : results).find(
    ({ result }) => result === 'temperror',
  );
  if (unanswered !== undefined) return skipped(unanswered.why!, 'Try again on a machine that can query DNS.');
  if (results.length > 0) return resultsFinding(record, sending, results);
  return skipped(
    `${record}; the sending address of ${host} is not visible from here`,
    'Make sure that the record has the address your mail is sent from.',
  );
}

type Evaluated = SpfOutcome & { ip: string };

const MEANS: Readonly<Partial<Record<SpfResult, string>>> = {
  fail: 'tells receivers to reject mail from',
  softfail: 'tells receivers to distrust mail from',
  neutral: 'says nothing about mail from',
};

function resultsFinding(record: string, { address, host }: Sending, results: readonly Evaluated[]): Finding {
  const missing = results.filter(({ result }) => result !== 'pass');
  const ips = (missing.length === 0 ? results : missing).map(({ ip }) => ip).join(', ');
  const shown = isIP(host) ? host : `${host} (${ips})`;
  if (missing.length === 0) return ok(`${record} allows ${shown} to send`);
  const { result } = missing.find((one) => one.result === 'fail') ?? missing[0]!;
  if (!isKin(host, domainOf(address))) {
    return warning(
      `the address of ${shown} is not in ${record} (${result}); relays often send from other addresses`,
      'Ask its provider what customers add to SPF (include:THEIR-DOMAIN). If the record has that, ignore this warning.',
    );
  }
  const seen = `${record} ${MEANS[result]} ${shown}`;
  const terms = missing.map(({ ip }) => `${isIPv4(ip) ? 'ip4' : 'ip6'}:${ip}`).join(' ');
  const next = `If your mail is sent from there, add this before the final term: ${terms}`;
  return result === 'fail' ? failure(seen, next) : warning(seen, next);
}

/** Whether a host belongs to the domain, by name. Other hosts relay mail by addresses of their own. */
function isKin(host: string, domain: string): boolean {
  const parent = host.slice(host.indexOf('.') + 1);
  return isUnder(host, domain) || (parent.includes('.') && isUnder(domain, parent));
}

function isUnder(name: string, parent: string): boolean {
  return `.${name}`.toLowerCase().endsWith(`.${parent}`.toLowerCase());
}

/** Public addresses: none for a server on this machine or network, or with a name known only here. */
async function addressesOf(records: DnsRecords, host: string): Promise<string[]> {
  if (isIP(host) === 0 && !host.includes('.')) return [];
  const all = isIP(host) ? [host] : (await Promise.all([records.a(host), records.aaaa(host)])).flat();
  return all.filter((ip) => !isPrivate(ip)).slice(0, ADDRESSES_MAX);
}

/** Private addresses (RFC 1918, 3927, 4193, 4291, 6598). */
const isPrivate = inNetworks(`
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16
  ::/127 fc00::/7 fe80::/10`);
