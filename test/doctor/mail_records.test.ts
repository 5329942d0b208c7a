import { generateKeyPairSync } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { dnsRecords } from '../../src/connectors/dns.ts';
import type { ListMailboxesResult } from '../../src/db/queries/mailboxes.gen.ts';
import { readDkimKey } from '../../src/dkim_key.ts';
import { dkimFinding, dmarcFinding, spfFinding } from '../../src/doctor/mail_records.ts';
import { type DnsServer, startDns } from './dns_server.ts';

/* What DNS may say, from a server of this process, over the resolver of the product. */

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ours = readDkimKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string).public_key;
const mailbox = {
  dkim_domain: 'acme.example',
  dkim_selector: 's1',
  dkim_public_key: ours,
} as ListMailboxesResult;

let server: DnsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function records(zone: Parameters<typeof startDns>[0]) {
  server = await startDns(zone);
  return dnsRecords({ timeout_ms: 300, servers: [server.address] });
}

test.each([
  ['warning', 'has no SPF', {}],
  ['warning', 'has no SPF', { 'acme.example': [['google-site-verification=1'], ['v=spf10 -all']] }],
  ['ok', 'v=spf1 include:a.example -all', { 'acme.example': [['v=spf1 include:a.exam', 'ple -all']] }],
  ['failure', '2 SPF records', { 'acme.example': [['v=spf1 -all'], ['v=spf1 mx -all']] }],
  ['failure', 'lets everyone', { 'acme.example': [['v=spf1 mx +all']] }],
  ['failure', 'lets everyone', { 'acme.example': [['v=spf1 all']] }],
])('SPF: %s, %s', async (status, seen, zone) => {
  const found = await spfFinding(await records(zone), 'acme.example');
  expect(found).toMatchObject({ status, seen: expect.stringContaining(seen) });
  expect(found.next === null).toBe(status === 'ok');
});

const at = (...strings: string[]) => ({ 's1._domainkey.acme.example': [strings] });

test.each([
  ['failure', 'there is no key', {}],
  // A key of 2048 bits is longer than one string may be.
  ['ok', 'has the key', at(`v=DKIM1; k=rsa; p=${ours.slice(0, 200)}`, ours.slice(200))],
  ['ok', 'has the key', at(`p=${ours.slice(0, 200)} `, `${ours.slice(200)}; h=sha1:sha256`)],
  ['failure', 'is not the one', at(`v=DKIM1; p=${ours.slice(0, 100)}`)],
  ['failure', 'revoked', at('v=DKIM1; p=')],
  ['failure', 'rsa-sha256', at('v=DKIM1; h=sha1; p=', ours.slice(0, 200), ours.slice(200))],
  ['warning', 't=y', at('v=DKIM1; t=s:y; p=', ours.slice(0, 200), ours.slice(200))],
])('DKIM: %s, %s', async (status, seen, zone) => {
  const found = await dkimFinding(await records(zone), mailbox);
  expect(found).toMatchObject({ status, seen: expect.stringContaining(seen) });
});

test('DKIM: a mailbox without a key asks nothing', async () => {
  const none = { ...mailbox, dkim_domain: null };
  expect(await dkimFinding(await records({}), none)).toMatchObject({ status: 'warning' });
  expect(server!.asked).toEqual([]);
});

test.each([
  ['warning', 'no DMARC', {}],
  ['ok', 'v=DMARC1; p=reject', { '_dmarc.mail.acme.example': [['v=DMARC1; p=reject']] }],
  ['ok', '(of acme.example)', { '_dmarc.acme.example': [['v=DMARC1; p=none']] }],
  [
    'failure',
    'counts as none',
    { '_dmarc.mail.acme.example': [['v=DMARC1; p=none'], ['v=DMARC1;p=reject']] },
  ],
])('DMARC: %s, %s', async (status, seen, zone) => {
  const found = await dmarcFinding(await records(zone), 'mail.acme.example');
  expect(found).toMatchObject({ status, seen: expect.stringContaining(seen) });
  expect(server!.asked).not.toContain('_dmarc.example');
});

test.each(['servfail', 'silent'] as const)(
  'a server that is %s gives no answer, which is none',
  async (how) => {
    const dns = await records({ 'acme.example': how });
    await expect(dns.txt('acme.example')).rejects.toMatchObject({ code: 'dns_unanswered', status: 503 });
  },
);
