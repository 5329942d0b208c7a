import { expect, test } from 'vitest';
import type { DnsRecords } from '../../src/connectors/connector.ts';
import { evaluateSpf, spfFault } from '../../src/doctor/spf.ts';
import { AppError } from '../../src/errors.ts';
import type { DnsName } from './dns_server.ts';

/* RFC 7208, modeled on its appendix A and the macros in section 7.4, with our own names. */

type Zone = Record<string, DnsName | 'silent'>;

const ZONE: Zone = {
  'acme.example': { a: ['192.0.2.10', '192.0.2.11'], mx: ['mail-a.acme.example', 'mail-b.acme.example'] },
  'mail-a.acme.example': { a: ['192.0.2.129'], aaaa: ['2001:db8::129'] },
  'mail-b.acme.example': { a: ['192.0.2.130'] },
  'other.example': { a: ['192.0.2.99'], mx: ['mail-c.other.example'] },
  'mail-c.other.example': { a: ['192.0.2.140'] },
  'pass.example': { txt: [['v=spf1 ip4:192.0.2.1 -all']] },
  'soft.example': { txt: [['v=spf1 ip4:192.0.2.2 ~all']] },
  'broken.example': { txt: [['v=spf1 ipv4:192.0.2.1 -all']] },
  'twice.example': { txt: [['v=spf1 -all'], ['v=spf1 mx -all']] },
  'plain.example': { txt: [['no SPF here']] },
  'silent.example': 'silent',
  'loop.example': { txt: [['v=spf1 include:loop.example -all']] },
  'chain.example': { txt: [['v=spf1 redirect=pass.example']] },
  '1.2.0.192.listed.example': { a: ['127.0.0.2'] },
  'tara.people.example': { a: ['127.0.0.2'] },
  'many.example': { mx: Array.from({ length: 11 }, (_, at) => `mx${at}.many.example`) },
};

function dnsOf(zone: Zone): DnsRecords {
  const ask = async (name: string, kind: keyof DnsName): Promise<string[]> => {
    const found = zone[name.toLowerCase()];
    if (found === 'silent')
      throw new AppError('dns_unanswered', `DNS gave no answer for ${name} (ETIMEOUT).`);
    return (found?.[kind] ?? []).map((value) => (Array.isArray(value) ? value.join('') : value));
  };
  return {
    txt: (name) => ask(name, 'txt'),
    a: (name) => ask(name, 'a'),
    aaaa: (name) => ask(name, 'aaaa'),
    mx: (name) => ask(name, 'mx'),
  };
}

const resultOf = async (record: string, ip: string) => {
  const zone = { ...ZONE, 'acme.example': { ...(ZONE['acme.example'] as DnsName), txt: [[record]] } };
  const asked = { ip, sender: 'Tara@acme.example', helo: 'mx.acme.example' };
  return evaluateSpf(dnsOf(zone), asked);
};

test.each([
  // Appendix A.1.
  ['v=spf1 +all', '203.0.113.9', 'pass'],
  ['v=spf1 a -all', '192.0.2.10', 'pass'],
  ['v=spf1 a -all', '192.0.2.99', 'fail'],
  ['v=spf1 a:other.example -all', '192.0.2.10', 'fail'],
  ['v=spf1 a:other.example -all', '192.0.2.99', 'pass'],
  ['v=spf1 mx -all', '192.0.2.129', 'pass'],
  ['v=spf1 mx -all', '192.0.2.130', 'pass'],
  ['v=spf1 mx -all', '192.0.2.140', 'fail'],
  ['v=spf1 mx:other.example -all', '192.0.2.140', 'pass'],
  ['v=spf1 mx mx:other.example -all', '192.0.2.140', 'pass'],
  ['v=spf1 mx/30 mx:other.example/30 -all', '192.0.2.131', 'pass'],
  ['v=spf1 mx/30 mx:other.example/30 -all', '192.0.2.132', 'fail'],
  ['v=spf1 mx/30 mx:other.example/30 -all', '192.0.2.143', 'pass'],
  ['v=spf1 ptr -all', '192.0.2.65', 'fail'],
  ['v=spf1 ip4:192.0.2.128/28 -all', '192.0.2.140', 'pass'],
  ['v=spf1 ip4:192.0.2.128/28 -all', '192.0.2.65', 'fail'],
  ['v=spf1 ip4:192.0.2.129/28 -all', '192.0.2.140', 'pass'],
  ['v=spf1 ip4:0.0.0.0/0 -all', '203.0.113.9', 'pass'],
  // IPv6, and each family separately.
  ['v=spf1 mx//64 -all', '2001:db8::42', 'pass'],
  ['v=spf1 mx//64 -all', '2001:db8:0:1::42', 'fail'],
  ['v=spf1 mx/0 -all', '2001:db8::42', 'fail'],
  ['v=spf1 ip6:2001:DB8::/32 -all', '2001:db8:ffff::1', 'pass'],
  ['v=spf1 ip6:2001:db8::/32 -all', '192.0.2.1', 'fail'],
  ['v=spf1 ip4:0.0.0.0/0 -all', '2001:db8::1', 'fail'],
  // Qualifiers, and the end of a record.
  ['v=spf1 ~all', '192.0.2.1', 'softfail'],
  ['v=spf1 ?all', '192.0.2.1', 'neutral'],
  ['v=spf1 -ip4:192.0.2.1 +all', '192.0.2.1', 'fail'],
  ['V=SPF1  A  -ALL ', '192.0.2.10', 'pass'],
  ['v=spf1', '192.0.2.1', 'neutral'],
  ['v=spf1 ip4:192.0.2.2', '192.0.2.1', 'neutral'],
  ['v=spf10 -all', '192.0.2.1', 'none'],
  // An included record passes or has no effect.
  ['v=spf1 include:pass.example -all', '192.0.2.1', 'pass'],
  ['v=spf1 include:soft.example -all', '192.0.2.1', 'fail'],
  ['v=spf1 -include:pass.example +all', '192.0.2.1', 'fail'],
  ['v=spf1 include:chain.example ?all', '192.0.2.1', 'pass'],
  ['v=spf1 include:plain.example -all', '192.0.2.1', 'permerror'],
  ['v=spf1 include:nothing.example -all', '192.0.2.1', 'permerror'],
  ['v=spf1 include:twice.example -all', '192.0.2.1', 'permerror'],
  ['v=spf1 include:broken.example -all', '192.0.2.1', 'permerror'],
  ['v=spf1 include:silent.example -all', '192.0.2.1', 'temperror'],
  ['v=spf1 ip4:192.0.2.1 include:silent.example -all', '192.0.2.1', 'pass'],
  // Redirects.
  ['v=spf1 redirect=pass.example', '192.0.2.1', 'pass'],
  ['v=spf1 redirect=chain.example', '192.0.2.9', 'fail'],
  ['v=spf1 redirect=pass.example ~all', '192.0.2.1', 'softfail'],
  ['v=spf1 redirect=plain.example', '192.0.2.1', 'permerror'],
  ['v=spf1 redirect=pass.example redirect=pass.example', '192.0.2.1', 'permerror'],
  // exists, with macros.
  ['v=spf1 exists:%{ir}.listed.example -all', '192.0.2.1', 'pass'],
  ['v=spf1 exists:%{ir}.listed.example -all', '192.0.2.3', 'fail'],
  ['v=spf1 exists:%{l}.people.example -all', '192.0.2.3', 'pass'],
  ['v=spf1 exists:%{l}..people.example -all', '192.0.2.3', 'fail'],
  // Limits (section 4.6.4).
  [`v=spf1 ${'ptr '.repeat(10)}+all`, '192.0.2.1', 'pass'],
  [`v=spf1 ${'ptr '.repeat(11)}+all`, '192.0.2.1', 'permerror'],
  ['v=spf1 include:loop.example -all', '192.0.2.1', 'permerror'],
  ['v=spf1 mx:many.example -all', '192.0.2.1', 'permerror'],
  ['v=spf1 a:x.nothing.example a:y.nothing.example +all', '192.0.2.1', 'pass'],
  ['v=spf1 a:x.nothing.example a:y.nothing.example a:z.nothing.example +all', '192.0.2.1', 'permerror'],
  // Explanations and unknown modifiers change nothing.
  ['v=spf1 exp=why.%{d} note=%{c}-%{t} +all', '192.0.2.1', 'pass'],
])('%s from %s: %s', async (record, ip, result) => {
  expect(await resultOf(record, ip)).toMatchObject({ result });
});

test.each([
  ['v=spf1 a:localhost -all', 'a:localhost'],
  ['v=spf1 ip4:192.0.2.0/33', 'ip4:192.0.2.0/33'],
  ['v=spf1 ip4:192.0.2.0/08', 'ip4:192.0.2.0/08'],
  ['v=spf1 ip4:192.0.2', 'ip4:192.0.2'],
  ['v=spf1 ip4:2001:db8::1', 'ip4:2001:db8::1'],
  ['v=spf1 ip6:fe80::1%eth0', 'ip6:fe80::1%eth0'],
  ['v=spf1 mx//129', 'mx//129'],
  ['v=spf1 all:acme.example', 'all:acme.example'],
  ['v=spf1 include', 'include'],
  ['v=spf1 include:', 'include:'],
  ['v=spf1 +redirect=a.example', '+redirect=a.example'],
  ['v=spf1 =a.example', '=a.example'],
  ['v=spf1 exists:%{z}.example', 'exists:%{z}.example'],
  ['v=spf1 exists:%{d0}.example', 'exists:%{d0}.example'],
  ['v=spf1 exists:%{c}.example', 'exists:%{c}.example'],
  ['v=spf1 all.', 'all.'],
  ['v=spf1 a/24/64', 'a/24/64'],
  ['v=spf1 ptr/0', 'ptr/0'],
  ['v=spf1 a:acme.example:25', 'a:acme.example:25'],
  ['v=spf1 a:192.0.2.1', 'a:192.0.2.1'],
  ['v=spf1 a:acme.-example', 'a:acme.-example'],
  ['v=spf1 include:acme.example/24', 'include:acme.example/24'],
  ['v=spf1 redirect=-all', 'redirect=-all'],
  ['v=spf1 -all note=%n', 'note=%n'],
  ['v=spf1 exists:50%.example', 'exists:50%.example'],
  ['v=spf1 exists:\u00fc.example', 'exists:\u00fc.example'],
  ['v=spf1 mx\n-all', 'mx\n-all'],
  ['v=spf1 mx, -all', 'mx,'],
])('%j is an error at %j', async (record, fault) => {
  expect(await spfFault(record)).toBe(fault);
  expect(await resultOf(record, '192.0.2.1')).toMatchObject({ result: 'permerror' });
});

test('the first of several faults is named, and a second redirect is a fault', async () => {
  expect(await spfFault('v=spf1 a mx ip4:1 all. ip4:2 -all')).toBe('ip4:1');
  expect(await spfFault('v=spf1 redirect=a.example mx redirect=b.example')).toBe('redirect=b.example');
  expect(await spfFault('v=spf1  a  exp=why.%{d} note=%{c} -all ')).toBeNull();
});

const ASKED = { ip: '192.0.2.3', sender: 'strong-bad@email.acme.example', helo: 'Mx.Acme.example' };

/** The name that the macros of an `exists` look up; null if none is looked up. */
async function expanded(spec: string, asked = ASKED): Promise<string | null> {
  const names: string[] = [];
  const dns = dnsOf({ 'email.acme.example': { txt: [[`v=spf1 exists:${spec} -all`]] } });
  const a = async (name: string) => {
    names.push(name);
    return [];
  };
  await evaluateSpf({ ...dns, a }, asked);
  expect(names.length).toBeLessThan(2);
  return names[0] ?? null;
}

test.each([
  ['%{s}', 'strong-bad@email.acme.example'],
  ['%{o}', 'email.acme.example'],
  ['%{d4}', 'email.acme.example'],
  ['%{d2}', 'acme.example'],
  ['%{d1}.list.example', 'example.list.example'],
  ['%{dr}', 'example.acme.email'],
  ['%{d2r}', 'acme.email'],
  ['%{l-}', 'strong.bad'],
  ['%{lr-}', 'bad.strong'],
  ['%{l1r-}.list.example', 'strong.list.example'],
  ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.acme.example'],
  ['%{lr-}.lp._spf.%{d2}', 'bad.strong.lp._spf.acme.example'],
  ['%{h}.%{p}.example', 'Mx.Acme.example.unknown.example'],
  ['%{S}.example', 'strong-bad%40email.acme.example.example'],
  ['a%%b%_%-c.example.', 'a%b %20c.example'],
  ['%{l2r+-}.%{o1}', 'bad.strong.example'],
  [`${'long.'.repeat(50)}%{d}`, `${'long.'.repeat(47)}email.acme.example`],
  ['%{d}..example', null],
  [`${'x'.repeat(64)}.example`, null],
])('%s is %s', async (spec, name) => {
  expect(await expanded(spec)).toBe(name);
});

test.each([
  ['2001:db8::cb01', '1.0.b.c', '2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1'],
  ['::', '0.0.0.0', Array(32).fill('0').join('.')],
  ['64:ff9b::192.0.2.33', '1.2.2.0', `0.0.6.4.f.f.9.b.${'0.'.repeat(16)}c.0.0.0.0.2.2.1`],
])('%s by its digits', async (ip, last, digits) => {
  expect(await expanded('%{i}.example', { ...ASKED, ip })).toBe(`${digits}.example`);
  expect(await expanded('%{ir}.ip6.example', { ...ASKED, ip })).toMatch(new RegExp(`^${last}\\.`));
});
