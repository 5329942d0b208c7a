import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { passwordOwner } from '../../src/coordinator/sending/mailbox_logins.ts';
import { sealSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import type { MailboxesInUseResult } from '../../src/db/queries/doctor.gen.ts';
import { checkInTime, ok, patience } from '../../src/doctor/check.ts';
import { askedOnce } from '../../src/doctor/doctor.ts';
import { mailboxChecks } from '../../src/doctor/mailboxes.ts';
import { doctorPorts } from '../../src/start/doctor_ports.ts';
import { type ImapServer, startImapServer } from '../mail/imap_server.ts';
import { type DnsServer, startDns } from './dns_server.ts';

/* Mailboxes with their own servers, which run in this process. */

const SECRET = 'a secret of this test only, and long';
const ORG = '019a0000-0000-7000-8000-000000000001';
const LOGIN = { user: 'tara', password: 'p@ss word' };

let dns: DnsServer;
let imap: ImapServer;
let without_junk: ImapServer;
let smtp: SMTPServer;
let smtp_port: number;
const users: string[] = [];

beforeAll(async () => {
  dns = await startDns({
    'acme.example': [['v=spf1 ip4:198.51.100.7 -all']],
    '_dmarc.acme.example': [['v=DMARC1; p=none']],
    'smtp.relay.example': { a: ['198.51.100.7'] },
    'other.relay.example': { a: ['198.51.100.8'] },
  });
  imap = await startImapServer(LOGIN);
  without_junk = await startImapServer({ ...LOGIN, folders: ['INBOX'] });
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username = '', password }, _, done) {
      users.push(username);
      if (password === LOGIN.password) done(null, { user: username });
      else done(new Error('Wrong password'));
    },
  });
  const listening = smtp.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  smtp_port = (listening.address() as { port: number }).port;
});

afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await Promise.all([imap.close(), without_junk.close(), dns.close()]);
});

let made = 0;

function mailbox(address: string, columns: Partial<MailboxesInUseResult> = {}): MailboxesInUseResult {
  made += 1;
  const row = {
    org_id: ORG,
    id: `019a0000-0000-7000-8000-0000000001${String(made).padStart(2, '0')}`,
    address,
    dkim_domain: null,
    dkim_selector: null,
    dkim_private_key: null,
    dkim_public_key: null,
    paused_at: null,
    unreachable_error: null,
    smtp_host: null,
    smtp_password: null,
    imap_host: null,
    imap_password: null,
    ...columns,
  };
  return row as MailboxesInUseResult;
}

function withServer(
  kind: 'smtp' | 'imap',
  row: MailboxesInUseResult,
  port: number,
  password = LOGIN.password,
): MailboxesInUseResult {
  const server = { host: '127.0.0.1', port, security: 'none' as const };
  return {
    ...row,
    [`${kind}_host`]: server.host,
    [`${kind}_port`]: port,
    [`${kind}_security`]: server.security,
    [`${kind}_user`]: LOGIN.user,
    [`${kind}_password`]: sealSecret(SECRET, password, passwordOwner(kind, row, server)),
  };
}

async function looked(
  mailboxes: MailboxesInUseResult[],
  { secret = SECRET as string | null, smtp_url = null as string | null, limit_ms = 30_000 } = {},
) {
  const ports = doctorPorts({
    llm: null,
    server: { named_url: 'http://127.0.0.1:1', usual_url: 'http://127.0.0.1:1' },
    wait_ms: 1_000,
    dns_wait_ms: 300,
    dns_servers: [dns.address],
  });
  const waiting = patience(limit_ms, 3);
  const asking = { ...ports, records: askedOnce(ports.records) };
  // None of these mailboxes has a token.
  const tokens = { db: undefined as never, clock: startClock(), mail_oauth: ports.mail_oauth };
  const parts = { mailboxes, secret, smtp_url, ports: asking, patience: waiting, tokens };
  const checks = await mailboxChecks(parts);
  return new Map(checks.map(({ name, ...found }) => [name, found]));
}

test('the doctor signs in to the server and inbox of a mailbox as the product does', async () => {
  const whole = withServer('imap', withServer('smtp', mailbox('tara@acme.example'), smtp_port), imap.port);
  const found = await looked([whole]);
  expect(found.get('mail server of tara@acme.example')).toEqual({
    status: 'ok',
    seen: `127.0.0.1:${smtp_port} accepts the connection and the login`,
    next: null,
  });
  expect(found.get('inbox of tara@acme.example')).toEqual({
    status: 'ok',
    seen: `127.0.0.1:${imap.port} accepts the login and opens the inbox and the junk folder`,
    next: null,
  });
  expect(users).toContain(LOGIN.user);
  expect(imap.commands.filter((command) => /^(SELECT|STORE|UID STORE|EXPUNGE)/.test(command))).toEqual([]);
});

test('faults are reported without the password', async () => {
  const other = await looked(
    [
      withServer('smtp', mailbox('a@one.example'), smtp_port, 'wr0ng'),
      withServer('smtp', mailbox('b@two.example'), 1),
      withServer('imap', mailbox('c@three.example'), without_junk.port),
      withServer('imap', mailbox('d@four.example'), imap.port, 'wr0ng'),
      { ...withServer('imap', mailbox('e@five.example'), imap.port), id: mailbox('x').id },
    ],
    { smtp_url: 'smtp://127.0.0.1:1' },
  );
  const expected = [
    ['mail server of a@one.example', 'failure', /rejected the session/],
    ['mail server of b@two.example', 'failure', /is not usable/],
    ['inbox of c@three.example', 'warning', /no junk folder/],
    ['inbox of d@four.example', 'failure', /rejected the session/],
    ['inbox of e@five.example', 'failure', /cannot be decrypted with this TOUCHLINE_SECRET/],
  ] as const;
  for (const [name, status, seen] of expected) {
    expect([name, other.get(name)]).toMatchObject([name, { status, seen: expect.stringMatching(seen) }]);
    expect(other.get(name)!.next).not.toBeNull();
  }
  expect(JSON.stringify([...other])).not.toMatch(/wr0ng|p@ss/);
});

test('without the secret no sealed value is tried', async () => {
  const both = withServer('imap', withServer('smtp', mailbox('tara@acme.example'), smtp_port), imap.port);
  const before = [imap.sessions, users.length];
  const found = await looked([both], { secret: null });
  expect(found.get('mail server of tara@acme.example')).toMatchObject({ status: 'skipped' });
  expect(found.get('inbox of tara@acme.example')).toMatchObject({ status: 'skipped' });
  expect([imap.sessions, users.length]).toEqual(before);
});

test('mailboxes of one domain share one lookup, and one finding where they agree', async () => {
  const asked_before = dns.asked.length;
  const three = ['a', 'b', 'c'].map((name) => mailbox(`${name}@acme.example`));
  const alike = await looked(three, { smtp_url: 'smtps://u:p@smtp.relay.example' });
  expect(alike.get('SPF of acme.example')).toMatchObject({
    status: 'ok',
    seen: expect.stringContaining('allows smtp.relay.example (198.51.100.7) to send'),
  });
  expect(alike.get('DKIM of acme.example')).toMatchObject({ status: 'warning' });
  expect(alike.get('DMARC of acme.example')).toMatchObject({ status: 'ok' });
  expect(dns.asked.slice(asked_before).sort()).toEqual(
    ['_dmarc.acme.example', 'acme.example', 'smtp.relay.example', 'smtp.relay.example'].sort(),
  );
  const elsewhere = { smtp_host: 'other.relay.example', smtp_port: 1, smtp_security: 'none' as const };
  const apart = await looked([...three, mailbox('d@acme.example', elsewhere)], {
    smtp_url: 'smtps://u:p@smtp.relay.example',
  });
  expect(apart.get('SPF of a@acme.example and 2 more')).toMatchObject({ status: 'ok' });
  expect(apart.get('SPF of d@acme.example')).toMatchObject({
    status: 'warning',
    seen: expect.stringContaining('relays often send from other addresses'),
  });
  expect(apart.get('DMARC of acme.example')).toMatchObject({ status: 'ok' });
});

test('a mailbox whose mail stays here needs no lookup; one with its own server is checked', async () => {
  const asked_before = dns.asked.length;
  const own = mailbox('b@acme.example', { smtp_host: '127.0.0.1', smtp_port, smtp_security: 'none' });
  const found = await looked([mailbox('a@kept.example'), own]);
  expect(found.get('DNS of a@kept.example')).toMatchObject({ status: 'skipped' });
  expect(found.get('mail server of b@acme.example')).toMatchObject({
    status: 'ok',
    seen: `127.0.0.1:${smtp_port} accepts the connection`,
  });
  expect(found.get('SPF of acme.example')).toMatchObject({ status: 'skipped' });
  expect(dns.asked.slice(asked_before).filter((name) => name.includes('kept'))).toEqual([]);
});

test('all checks share a time limit, and few run concurrently', async () => {
  const over = await looked([withServer('smtp', mailbox('tara@acme.example'), smtp_port)], { limit_ms: 0 });
  const unseen = [...over].filter(([name]) => !name.startsWith('mailbox '));
  expect(unseen.length).toBeGreaterThan(2);
  for (const [, found] of unseen) {
    expect(found).toMatchObject({ status: 'skipped', seen: expect.stringContaining('time') });
  }
  const waiting = patience(60, 2);
  let [running, most] = [0, 0];
  const look = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    return ok('seen');
  };
  const quick = await Promise.all([1, 2, 3, 4, 5].map((name) => checkInTime(waiting, `${name}`, look)));
  expect([most, quick.map(({ status }) => status)]).toEqual([2, Array(5).fill('ok')]);
  const stuck = await checkInTime(waiting, 'stuck', () => new Promise(() => {}));
  expect(stuck).toMatchObject({ status: 'skipped', next: 'Run touchline doctor again.' });
});
