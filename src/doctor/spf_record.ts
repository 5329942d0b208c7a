import { isIP } from 'node:net';
import { isDomainSpec, isMacroString } from './spf_macros.ts';

/* The text of an SPF record (RFC 7208 sections 4.5, 4.6 and 12), before anything is asked. */

type Qualifier = '+' | '-' | '~' | '?';

/** `domain` is a domain-spec with its macros; null: the domain that is asked about. `text` is the term as written. */
export type Mechanism = { qualifier: Qualifier; text: string } & (
  | { kind: 'all' }
  | { kind: 'include' | 'exists'; domain: string }
  | { kind: 'ptr'; domain: string | null }
  | { kind: 'a' | 'mx'; domain: string | null; ip4_bits: number; ip6_bits: number }
  | { kind: 'ip4' | 'ip6'; network: string; bits: number }
);

export type SpfRecord = { mechanisms: Mechanism[]; redirect: string | null };

/** Of a domain's texts those that are SPF records: v1 and no other version. */
export function spfTexts(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v=spf1( |$)/i.test(text));
}

/** The record, or the first of its words that is not understood, which for every receiver spoils the whole. */
export function parseSpf(text: string): SpfRecord | { fault: string } {
  const mechanisms: Mechanism[] = [];
  const once = new Map<string, string>();
  for (const word of text.split(' ').slice(1)) {
    if (word === '') continue;
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(word);
    if (modifier === null) {
      const mechanism = parseMechanism(word);
      if (mechanism === null) return { fault: word };
      mechanisms.push(mechanism);
      continue;
    }
    const [name, value] = [modifier[1]!.toLowerCase(), modifier[2]!];
    const is_known = name === 'redirect' || name === 'exp';
    if (!(is_known ? isDomainSpec(value) : isMacroString(value))) return { fault: word };
    if (is_known && once.has(name)) return { fault: word };
    if (is_known) once.set(name, value);
  }
  return { mechanisms, redirect: once.get('redirect') ?? null };
}

function parseMechanism(text: string): Mechanism | null {
  const found = /^([+\-~?]?)([a-z0-9]+)(?::(.*?))?((?:\/[0-9]+)?(?:\/\/[0-9]+)?)$/i.exec(text);
  if (found === null) return null;
  const term = { qualifier: (found[1] || '+') as Qualifier, text };
  const [kind, argument = null, bits = ''] = [found[2]!.toLowerCase(), found[3], found[4]!];
  switch (kind) {
    case 'all':
      return argument === null && bits === '' ? { ...term, kind } : null;
    case 'include':
    case 'exists': {
      // A slash in it belongs to the name.
      const domain = `${argument ?? ''}${bits}`;
      return argument !== null && isDomainSpec(domain) ? { ...term, kind, domain } : null;
    }
    case 'ptr': {
      const domain = argument === null ? null : `${argument}${bits}`;
      const is_right = domain === null ? bits === '' : isDomainSpec(domain);
      return is_right ? { ...term, kind, domain } : null;
    }
    case 'a':
    case 'mx': {
      const lengths = /^(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(bits)!;
      const [ip4_bits, ip6_bits] = [bitsOf(lengths[1], 32), bitsOf(lengths[2], 128)];
      if (ip4_bits === null || ip6_bits === null) return null;
      if (argument !== null && !isDomainSpec(argument)) return null;
      return { ...term, kind, domain: argument, ip4_bits, ip6_bits };
    }
    case 'ip4':
    case 'ip6': {
      const length = /^(?:\/(\d+))?$/.exec(bits);
      const family = kind === 'ip4' ? 4 : 6;
      if (length === null || argument === null || isIP(argument) !== family || argument.includes('%'))
        return null;
      const network_bits = bitsOf(length[1], family === 4 ? 32 : 128);
      return network_bits === null ? null : { ...term, kind, network: argument, bits: network_bits };
    }
    default:
      return null;
  }
}

/** A length of a prefix: no more than the address has, and without leading zeros. */
function bitsOf(digits: string | undefined, most: number): number | null {
  if (digits === undefined) return most;
  return /^(0|[1-9]\d*)$/.test(digits) && Number(digits) <= most ? Number(digits) : null;
}
