import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { mail } from '../../test/connectors/mail.ts';
import { selfSigned } from '../../test/connectors/self_signed.ts';
import { type Adversary, startAdversary } from '../../test/connectors/smtp_adversary.ts';
import type { MailSender } from './connector.ts';
import { type SmtpSenderOptions, smtpSender } from './smtp.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function adversary(...plan: Parameters<typeof startAdversary>): Promise<Adversary> {
  const server = await startAdversary(...plan);
  open.push(server.close);
  return server;
}

function sender(port: number, options: Partial<SmtpSenderOptions> = {}): MailSender {
  const made = smtpSender({
    url: `smtp://127.0.0.1:${port}`,
    connection_timeout_ms: 10_000,
    socket_timeout_ms: 10_000,
    ...options,
  });
  open.push(made.close);
  return made;
}

describe('the check before DATA', () => {
  test('a refusal sends QUIT, cancels the message, and the server never receives DATA', async () => {
    const server = await adversary({});
    const outcome = await sender(server.port).send(mail(), { beforeData: async () => false });
    expect(outcome).toEqual({ kind: 'canceled' });
    await expect
      .poll(() => server.commands.slice(1))
      .toEqual(['MAIL FROM:<tara@b2bea.test>', 'RCPT TO:<ada@lead.test>', 'QUIT']);
    expect(server.go_aheads).toBe(0);
  });

  test('the check does not run if the recipient was refused', async () => {
    const server = await adversary({ rcpt: { do: 'say', text: '550 5.1.1 no\r\n' } });
    let asked = 0;
    const beforeData = async () => ++asked > 0;
    expect(await sender(server.port).send(mail(), { beforeData })).toMatchObject({ kind: 'rejected' });
    expect(asked).toBe(0);
  });

  test('an exception propagates, nothing is sent, and the sender keeps working', async () => {
    const server = await adversary({});
    const mailer = sender(server.port);
    const beforeData = () => Promise.reject(new Error('the database is gone'));
    await expect(mailer.send(mail(), { beforeData })).rejects.toThrow('the database is gone');
    expect(server.commands).not.toContain('DATA');
    expect(await mailer.send(mail())).toMatchObject({ kind: 'sent' });
    expect(server.sessions).toBe(2);
  });

  test.each([
    ['silently', ''],
    ['with a 421', '421 4.4.2 too slow\r\n'],
  ])(
    'if the server hangs up during the check (%s), the message is deferred and DATA is not sent',
    async (_name, text) => {
      const server = await adversary({});
      const beforeData = async () => {
        server.hangUp(text);
        await new Promise((resolve) => setTimeout(resolve, 30));
        return true;
      };
      expect(await sender(server.port).send(mail(), { beforeData })).toMatchObject({ kind: 'deferred' });
      expect(server.commands).not.toContain('DATA');
    },
  );
});

describe('session reuse', () => {
  test('several messages use one session, one after the other', async () => {
    const server = await adversary({});
    const mailer = sender(server.port);
    const outcomes = await Promise.all(
      [1, 2, 3].map((n) => mailer.send(mail({ message_id: `<m${n}@b2bea.test>` }))),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
    expect(server.sessions).toBe(1);
    expect(server.accepted.map((source) => /Message-ID: <(m\d)/.exec(source)?.[1])).toEqual([
      'm1',
      'm2',
      'm3',
    ]);
  });

  test('a session dropped while idle is reopened before MAIL', async () => {
    const server = await adversary({});
    const mailer = sender(server.port);
    await mailer.send(mail());
    server.hangUp('421 4.4.2 idle\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await mailer.send(mail())).toMatchObject({ kind: 'sent' });
    expect(server.sessions).toBe(2);
    expect(server.commands.filter((command) => command.startsWith('MAIL'))).toHaveLength(2);
  });

  test.each([
    ['drops', { do: 'drop' }],
    ['resets', { do: 'reset' }],
    ['says 421', { do: 'say', text: '421 4.4.2 idle\r\n', drop_after: true }],
  ] as const)('a session found dead at MAIL (%s) is retried once on a new session', async (_name, move) => {
    const server = await adversary((session, message) =>
      session === 1 && message === 2 ? { mail: move } : {},
    );
    const mailer = sender(server.port);
    await mailer.send(mail());
    let asked = 0;
    const beforeData = async () => ++asked > 0;
    expect(await mailer.send(mail(), { beforeData })).toMatchObject({ kind: 'sent' });
    expect(asked).toBe(1);
    expect(server.accepted).toHaveLength(2);
  });

  test('a session found dead after MAIL is not retried', async () => {
    const server = await adversary((session, message) =>
      session === 1 && message === 2 ? { rcpt: { do: 'drop' } } : {},
    );
    const mailer = sender(server.port);
    await mailer.send(mail());
    expect(await mailer.send(mail())).toMatchObject({ kind: 'deferred' });
    expect(server.sessions).toBe(1);
  });

  test('a refused message does not affect the next one', async () => {
    const server = await adversary((session) =>
      session === 1 ? { rcpt: { do: 'say', text: '550 no\r\n' } } : {},
    );
    const mailer = sender(server.port);
    expect(await mailer.send(mail())).toMatchObject({ kind: 'rejected' });
    expect(await mailer.send(mail())).toMatchObject({ kind: 'sent' });
    expect(server.sessions).toBe(2);
  });

  test('a session ends after its message limit', async () => {
    const server = await adversary({});
    const mailer = sender(server.port, { max_messages: 2 });
    for (let n = 0; n < 5; n++) expect(await mailer.send(mail())).toMatchObject({ kind: 'sent' });
    expect(server.sessions).toBe(3);
  });

  test.each([
    ['drops', { do: 'drop' }],
    ['resets', { do: 'reset' }],
    ['says nothing', { do: 'silence' }],
    ['refuses', { do: 'say', text: '500 no\r\n' }],
  ] as const)('a message counts as delivered when the server %s at QUIT', async (_name, quit) => {
    const server = await adversary({ quit });
    expect(await sender(server.port, { max_messages: 1 }).send(mail())).toMatchObject({ kind: 'sent' });
    await expect.poll(() => server.commands.at(-1)).toBe('QUIT');
  });

  test('a session ends with QUIT after its time limit', async () => {
    const server = await adversary({});
    const mailer = sender(server.port, { idle_ms: 20 });
    await mailer.send(mail());
    await expect.poll(() => server.commands.at(-1)).toBe('QUIT');
    expect(await mailer.send(mail())).toMatchObject({ kind: 'sent' });
  });

  test('close waits for messages under way and defers later ones', async () => {
    const server = await adversary({});
    const mailer = sender(server.port);
    const begun = mailer.send(mail());
    await mailer.close();
    expect(await begun).toMatchObject({ kind: 'sent' });
    expect(await mailer.send(mail())).toMatchObject({ kind: 'deferred' });
    await expect.poll(() => server.commands.at(-1)).toBe('QUIT');
  });
});

describe('a message that may not be sent', () => {
  test.each([
    ['to', { to: { address: 'b@y.test\r\nBcc: evil@z.test' } }, 'mail_address_invalid'],
    ['to', { to: { address: 'b@y.test, evil@z.test' } }, 'mail_address_invalid'],
    ['to', { to: { address: 'b@y.test> SIZE=1' } }, 'mail_address_invalid'],
    ['from', { from: { name: 'x', address: 'a@x.test>\r\nRCPT TO:<evil@z.test' } }, 'mail_address_invalid'],
    ['subject', { subject: 'Hi\r\nBcc: evil@z.test' }, 'mail_header_invalid'],
  ])('%s: %j', async (_name, changes, code) => {
    const server = await adversary({});
    await expect(sender(server.port).send(mail(changes))).rejects.toMatchObject({ code });
    expect(server.sessions).toBe(0);
  });

  test('an international domain is sent in ASCII', async () => {
    const server = await adversary({});
    await sender(server.port).send(mail({ to: { address: 'Ada@BÜCHER.test' } }));
    expect(server.commands).toContain('RCPT TO:<Ada@xn--bcher-kva.test>');
  });
});

describe('verify', () => {
  test('quits politely if the server accepts the login', async () => {
    const server = await adversary({});
    await sender(server.port, { url: `smtp://u:p@127.0.0.1:${server.port}` }).verify();
    await expect.poll(() => server.commands.at(-1)).toBe('QUIT');
  });

  test.each([
    ['535 5.7.8 wrong password\r\n', 'mailbox_refused'],
    ['454 4.7.0 later\r\n', 'mailbox_unreachable'],
    ['banana\r\n', 'mailbox_unreachable'],
  ])('login rejected with %j', async (text, code) => {
    const server = await adversary({ auth: { do: 'say', text } });
    const mailer = sender(server.port, { url: `smtp://u:geheim@127.0.0.1:${server.port}` });
    const error = await mailer.verify().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error) + String(error)).not.toContain('geheim');
  });
});

describe('TLS', () => {
  const { key, cert } = selfSigned();

  async function tlsServer(options: { secure: boolean; starttls?: boolean }) {
    const seen: { secure: boolean; user: string }[] = [];
    const server = new SMTPServer({
      secure: options.secure,
      key,
      cert,
      disabledCommands: options.starttls === false ? ['STARTTLS'] : [],
      disableReverseLookup: true,
      allowInsecureAuth: true,
      closeTimeout: 50,
      logger: false,
      onAuth: (auth, _session, done) => done(null, { user: auth.username }),
      onData(stream, session, done) {
        seen.push({ secure: session.secure, user: String(session.user) });
        stream.resume().on('end', () => done());
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise<void>((resolve) => server.close(resolve)));
    const address = server.server.address();
    return { seen, port: typeof address === 'object' && address !== null ? address.port : 0 };
  }

  test.each([
    ['STARTTLS', false, (port: number) => `smtp://ada:pw@127.0.0.1:${port}?tls=require`],
    ['TLS from the start', true, (port: number) => `smtps://ada:pw@127.0.0.1:${port}`],
  ])('%s: login and message are encrypted, twice over one session', async (_name, secure, url) => {
    const { seen, port } = await tlsServer({ secure });
    const mailer = sender(port, { url: url(port), ca: cert });
    expect(await mailer.send(mail())).toMatchObject({ kind: 'sent' });
    expect(await mailer.send(mail())).toMatchObject({ kind: 'sent' });
    expect(seen).toEqual([
      { secure: true, user: 'ada' },
      { secure: true, user: 'ada' },
    ]);
  });

  test('an untrusted certificate defers the message, and the password is not sent', async () => {
    const { seen, port } = await tlsServer({ secure: false });
    const mailer = sender(port, { url: `smtp://ada:pw@127.0.0.1:${port}?tls=prefer` });
    expect(await mailer.send(mail())).toMatchObject({ kind: 'deferred' });
    expect(seen).toEqual([]);
  });

  test('if required STARTTLS is not offered, no login is sent in the clear', async () => {
    const { seen, port } = await tlsServer({ secure: false, starttls: false });
    const mailer = sender(port, { url: `smtp://ada:pw@127.0.0.1:${port}?tls=require` });
    expect((await mailer.send(mail())).kind).toMatch(/deferred|rejected/);
    expect(seen).toEqual([]);
  });
});

test('with a DKIM key that cannot sign, nothing is sent to the server', async () => {
  const server = await adversary({});
  const dkim = { domain: 'b2bea.test', selector: 's1', private_key: 'not a key' };
  const elliptic = { ...dkim, private_key: selfSigned().key };
  const mailer = sender(server.port);
  await expect(mailer.send(mail({ dkim }))).rejects.toMatchObject({ code: 'dkim_key_invalid' });
  await expect(mailer.send(mail({ dkim: elliptic }))).rejects.toThrow(/must be RSA/);
  expect(server.commands).toEqual([]);
});
