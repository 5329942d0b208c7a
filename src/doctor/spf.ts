import type { DNSResolver } from 'mailauth';
import type { DnsRecords } from '../connectors/connector.ts';

/** RFC 7208 section 2.6. */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

/** `why` names the error; null without one. */
export type SpfOutcome = { result: SpfResult; why: string | null };

export type SpfAsked = {
  /** The sending IP address. */
  ip: string;
  /** The envelope sender. */
  sender: string;
  /** The name in the server's EHLO. */
  helo: string;
};

/** Precedes an error in the library's comment. */
const OURS = 'touchline';

const WORDS: readonly [RegExp, string][] = [
  [/^no SPF records found for (.*)$/, '$1 leads to no SPF record'],
  [/^Too many DNS requests$/, 'it takes more than 10 lookups'],
  [/^Too many void DNS results$/, 'more than 2 names in it do not exist'],
];

/**
 * A receiver's result for a message from `ip` with this envelope sender: check_host() of RFC 7208 section 4, except that
 * `ptr` counts as a lookup and never matches.
 */
export async function evaluateSpf(dns: DnsRecords, { ip, sender, helo }: SpfAsked): Promise<SpfOutcome> {
  // Loaded on demand: it takes 30 MB and a third of a second.
  const { spf } = await import('mailauth/lib/spf/index.js');
  const { status } = await spf({ sender, ip, helo, mta: OURS, strict: true, resolver: resolverOf(dns) });
  const result = status.result as SpfResult;
  if (result !== 'permerror' && result !== 'temperror') return { result, why: null };
  const told = String(status.comment).split(`lookup of ${sender}: `).at(-1)!;
  const why = WORDS.reduce((text, [from, to]) => text.replace(from, to), told);
  return { result, why: why.replace(/\.$/, '') };
}

/** The SPF records (v1 only) among a domain's texts. */
export function spfTexts(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v=spf1( |$)/i.test(text));
}

/** The first word that makes the record invalid for every receiver; null if it is well-formed. */
export async function spfFault(record: string): Promise<string | null> {
  const words = record.split(' ').slice(1);
  if (!(await isFaulty(words))) return null;
  let [well, faulty] = [0, words.length];
  while (faulty - well > 1) {
    const middle = (well + faulty) >> 1;
    if (await isFaulty(words.slice(0, middle))) faulty = middle;
    else well = middle;
  }
  return words[faulty - 1]!;
}

/** All words' syntax is checked first, and `+all` then ends the evaluation before any query. */
async function isFaulty(words: readonly string[]): Promise<boolean> {
  const nothing = async () => [];
  const text = ['v=spf1', '+all', ...words].join(' ');
  const dns = { txt: async () => [text], a: nothing, aaaa: nothing, mx: nothing };
  const asked = { ip: '192.0.2.1', sender: 'a@a.example', helo: 'a.example' };
  return (await evaluateSpf(dns, asked)).result !== 'pass';
}

/** The library treats empty answers as errors, except for `ptr`. */
function resolverOf(dns: DnsRecords): DNSResolver {
  const questions: Readonly<Record<string, (name: string) => Promise<unknown[]>>> = {
    TXT: async (name) => (await dns.txt(name)).map((text) => [text]),
    A: dns.a,
    AAAA: dns.aaaa,
    MX: async (name) => (await dns.mx(name)).map((exchange, priority) => ({ exchange, priority })),
  };
  return async (name, type) => {
    if (type === 'PTR') return [];
    const found = await questions[type]!(name);
    if (found.length === 0) throw Object.assign(new Error(`${name} has no ${type}`), { code: 'ENODATA' });
    return found as string[];
  };
}
