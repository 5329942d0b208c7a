import { generateKeyPairSync } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { dnsRecords } from '../../src/connectors/dns.ts';
import { askedOnce } from '../../src/doctor/doctor.ts';
import { dkimFinding, dmarcFinding } from '../../src/doctor/mail_records.ts';
import { spfFinding } from '../../src/doctor/spf_finding.ts';
import { readDkimKey } from '../../src/mail/dkim_key.ts';
import { type DnsServer, startDns } from './dns_server.ts';

/* Possible DNS answers, from a server in this process, over the product's resolver. */

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ours = readDkimKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string).public_key;
const mailbox = { dkim_domain: 'acme.example', dkim_selector: 's1', dkim_public_key: ours };

let server: DnsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function records(zone: Parameters<typeof startDns>[0]) {
  server = await startDns(zone);
  return dnsRecords({ timeout_ms: 300, servers: [server.address] });
}

const SMTP = { 'smtp.acme.example': { a: ['192.0.2.1'], aaaa: ['20010db8000000000000000000000001'] } };
const RELAY = { 'smtp.relay.example': { a: ['198.51.100.7'] } };
const spf = (...texts: string[]) => ({ 'acme.example': texts.map((text) => [text]) });

test.each([
  ['warning', 'has no SPF', 'smtp.acme.example', {}, 'v=spf1 a:smtp.acme.example -all'],
  ['warning', 'has no SPF', 'smtp.relay.example', spf('site=1', 'v=spf10 -all'), 'include:YOUR-PROVIDER'],
  ['failure', '2 SPF records', 'smtp.acme.example', spf('v=spf1 -all', 'v=spf1 mx -all'), 'Leave one'],
  ['failure', 'allows everyone', 'smtp.acme.example', spf('v=spf1 mx +all'), 'List your servers'],
  ['failure', 'allows everyone', 'smtp.acme.example', spf('v=spf1 all'), 'List your servers'],
  [
    'failure',
    'allows everyone',
    'smtp.acme.example',
    spf('v=spf1 a:smtp.acme.example ip4:0.0.0.0/0 -all'),
    'List',
  ],
  ['warning', 'matches before', '192.0.2.1', spf('v=spf1 ip4:192.0.2.1 include:a.example -all'), 'Correct'],
  ['failure', '"ip:192.0.2.1"', 'smtp.acme.example', spf('v=spf1 ip:192.0.2.1 -all'), 'Correct'],
  ['failure', 'leads to no SPF record', '127.0.0.1', spf('v=spf1 include:a.example -all'), 'Correct'],
  ['ok', '192.0.2.1, 2001:db8::1', 'smtp.acme.example', spf('v=spf1 a:smtp.acme.example -all'), null],
  ['ok', 'allows 192.0.2.1 to send', '192.0.2.1', spf('v=spf1 ip4:192.0.2.0/24 -all'), null],
  ['failure', '(2001:db8::1)', 'smtp.acme.example', spf('v=spf1 ip4:192.0.2.1 -all'), 'ip6:2001:db8::1'],
  ['failure', 'to reject mail', 'smtp.acme.example', spf('v=spf1 -all'), 'ip4:192.0.2.1 ip6:2001:db8::1'],
  ['warning', 'to distrust mail', 'smtp.acme.example', spf('v=spf1 ~all'), 'ip4:192.0.2.1'],
  ['warning', 'says nothing', 'smtp.acme.example', spf('v=spf1 ?all'), 'ip4:192.0.2.1'],
  ['ok', 'smtp.relay.example', 'smtp.relay.example', spf('v=spf1 ip4:198.51.100.0/24 -all'), null],
  ['warning', '(fail); relays', 'smtp.relay.example', spf('v=spf1 mx:acme.example -all'), 'Ask its provider'],
  ['warning', '(softfail); relays', 'smtp.relay.example', spf('v=spf1 ~all'), 'Ask its provider'],
  [
    'skipped',
    'is not visible from here',
    '127.0.0.1',
    spf('v=spf1 mx -all'),
    'address your mail is sent from',
  ],
  [
    'skipped',
    'is not visible from here',
    'postfix',
    spf('v=spf1 ip4:192.0.2.1 -all'),
    'address your mail is sent from',
  ],
  [
    'skipped',
    'is not visible from here',
    'fd00::1',
    spf('v=spf1 +ip6:fd00::/8 -all'),
    'address your mail is sent from',
  ],
  [
    'skipped',
    'is not visible from here',
    'gone.acme.example',
    spf('v=spf1 -all'),
    'address your mail is sent from',
  ],
  ['skipped', 'no answer for lost.example', '192.0.2.1', spf('v=spf1 a:lost.example -all'), 'Try again'],
])('SPF: %s, %s, by %s', async (status, seen, host, zone, next) => {
  const dns = await records({ 'lost.example': 'servfail', ...SMTP, ...RELAY, ...zone });
  const found = await spfFinding(dns, { address: 'tara@acme.example', host });
  expect(found).toMatchObject({ status, seen: expect.stringContaining(seen) });
  if (next === null) expect(found.next).toBeNull();
  else expect(found.next).toContain(next);
});

const at = (...strings: string[]) => ({ 's1._domainkey.acme.example': [strings] });

test.each([
  ['failure', 'there is no key', {}],
  // A 2048-bit key exceeds the limit of one string.
  ['ok', 'has the key', at(`v=DKIM1; k=rsa; p=${ours.slice(0, 200)}`, ours.slice(200))],
  ['ok', 'has the key', at(`p=${ours.slice(0, 200)} `, `${ours.slice(200)}; h=sha1:sha256`)],
  ['failure', 'is not the key', at(`v=DKIM1; p=${ours.slice(0, 100)}`)],
  ['failure', 'revoked', at('v=DKIM1; p=')],
  ['failure', 'rsa-sha256', at('v=DKIM1; h=sha1; p=', ours.slice(0, 200), ours.slice(200))],
  ['warning', 't=y', at('v=DKIM1; t=s:y; p=', ours.slice(0, 200), ours.slice(200))],
])('DKIM: %s, %s', async (status, seen, zone) => {
  const found = await dkimFinding(await records(zone), mailbox);
  expect(found).toMatchObject({ status, seen: expect.stringContaining(seen) });
});

test('DKIM: a mailbox without a key needs no lookup', async () => {
  const none = { ...mailbox, dkim_domain: null };
  expect(await dkimFinding(await records({}), none)).toMatchObject({ status: 'warning' });
  expect(server!.asked).toEqual([]);
});

const dmarc = (text: string) => ({ '_dmarc.mail.acme.example': [[text]] });
const dmarcOfParent = (text: string) => ({ '_dmarc.acme.example': [[text]] });

test.each([
  ['warning', 'no DMARC', {}],
  ['ok', 'v=DMARC1; p=reject: mail', dmarc('v=DMARC1; p=reject')],
  ['ok', 'goes to spam', dmarc('v=DMARC1; P=x; p=Quarantine')],
  ['ok', '(of acme.example): receivers report', dmarcOfParent('v=DMARC1; p=none')],
  ['ok', '(of acme.example): receivers report', dmarcOfParent('v=DMARC1; p=reject; sp=none')],
  ['warning', 'no valid policy', dmarc('v=DMARC1; p=block')],
  ['warning', 'no valid policy', dmarc('v=DMARC1')],
  ['warning', 'adkim=s', dmarc('v=DMARC1; p=reject; adkim=s')],
  ['ok', 'adkim=r', dmarc('v=DMARC1; p=reject; adkim=r')],
  [
    'failure',
    'counts as none',
    { '_dmarc.mail.acme.example': [['v=DMARC1; p=none'], ['v=DMARC1;p=reject']] },
  ],
])('DMARC: %s, %s', async (status, seen, zone) => {
  const sending = { address: 'tara@mail.acme.example', dkim_domain: 'acme.example' };
  const found = await dmarcFinding(await records(zone), sending);
  expect(found).toMatchObject({ status, seen: expect.stringContaining(seen) });
  expect(found.next === null).toBe(status === 'ok');
  expect(server!.asked).not.toContain('_dmarc.example');
});

test('addresses and mail exchanges are looked up once per question', async () => {
  const mx = ['b.acme.example', 'a.acme.example'];
  const dns = askedOnce(await records({ ...SMTP, 'acme.example': { mx }, 'none.example': { mx: [''] } }));
  for (const host of ['smtp.acme.example', 'SMTP.acme.example']) {
    expect(await dns.a(host)).toEqual(['192.0.2.1']);
    expect(await dns.aaaa(host)).toEqual(['2001:db8::1']);
  }
  expect(server!.asked).toEqual(['smtp.acme.example', 'smtp.acme.example']);
  expect(await dns.mx('acme.example')).toEqual(mx);
  expect(await dns.mx('none.example')).toEqual([]);
  expect(await dns.mx('nothing.example')).toEqual([]);
  for (const name of ['a..example', 'with space.example', 'a/b:c.example', `${'x'.repeat(64)}.example`]) {
    expect([name, await dns.a(name)]).toEqual([name, []]);
  }
  expect(await dns.txt('acme.example')).toEqual([]);
});

test.each(['servfail', 'silent'] as const)('a server that is %s gives no answer', async (how) => {
  const dns = await records({ 'acme.example': how });
  await expect(dns.txt('acme.example')).rejects.toMatchObject({ code: 'dns_unanswered', status: 503 });
});
