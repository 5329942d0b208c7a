import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imapReceiver } from '../../src/connectors/imap.ts';
import { targetOf } from '../../src/connectors/mail_server_url.ts';
import { freshToken } from '../../src/coordinator/sending/mailbox_tokens.ts';
import { systemDb } from '../../src/db/acting.ts';
import { mailboxesInUse } from '../../src/db/queries/doctor.gen.ts';
import { patience } from '../../src/doctor/check.ts';
import { mailboxChecks } from '../../src/doctor/mailboxes.ts';
import { AppError } from '../../src/errors.ts';
import type { MailConnection } from '../../src/mail/messages.ts';
import type { FlagsRow } from '../../src/schema.gen.ts';
import { doctorPorts } from '../../src/start/doctor_ports.ts';
import { type ReceiverOptions, startMailboxReceivers } from '../../src/worker/receive_mailboxes.ts';
import { selfSigned } from '../connectors/self_signed.ts';
import { testDatabase } from '../database.ts';
import { answer, received, writtenLead } from '../inbound/inbound_world.ts';
import { type ImapServer, startImapServer } from '../mail/imap_server.ts';
import { startTokenMail, type TokenMail } from '../mail/token_mail.ts';
import { startTokenServer, type TokenServer } from '../mail/token_server.ts';
import { HOUR_MS } from '../world.ts';
import {
  byToken,
  connect,
  grantOf,
  type OauthWorld,
  oauthWorld,
  operate,
  rawRefusal,
  renewalsOf,
} from './mailbox_oauth_world.ts';
import { mailboxOf } from './send_world.ts';

const { db } = await testDatabase();
const tls = selfSigned();
let tokens: TokenServer;
let mail: TokenMail;
let imap: ImapServer;
let world: OauthWorld;
beforeAll(async () => {
  tokens = await startTokenServer();
  mail = await startTokenMail((token) => tokens.takes(token));
  imap = await startImapServer({
    user: 'justin@sender.example',
    tls,
    takes_token: (token) => tokens.takes(token),
  });
  world = await oauthWorld(db);
});
afterAll(async () => {
  await Promise.all([tokens.close(), mail.close(), imap.close()]);
});

describe('reading replies', () => {
  const settings = { lease_ms: 5_000, rest_ms: 30, refused_ms: 60_000 };
  const open: ReceiverOptions['open'] = (connection: MailConnection, credentials) =>
    imapReceiver({
      url: { ...targetOf(connection), ca: tls.cert },
      ...(credentials === undefined ? {} : { credentials }),
      poll_ms: 30,
      backoff_ms: { least: 20, longest: 50 },
    });
  const receive = () =>
    startMailboxReceivers(world.worker_context, { shared: null, open, settings, look_ms: 50 });
  const flags = () => world.rows<FlagsRow>('flags', `kind = 'mailbox_health' AND resolved_at IS NULL`);

  it('uses the token, a new one if the server rejects it, and none without a connection', async () => {
    const written = await writtenLead(world);
    await operate(world, 'patch_mailbox', { id: world.mailbox_id, imap: byToken(imap.port) });
    await connect(world, tokens);
    imap.append(answer(written, 'Tell me more.'));
    const reading = receive();
    await received(world, 1);
    expect(imap.commands.some((command) => command.startsWith('AUTHENTICATE XOAUTH2 '))).toBe(true);
    expect(renewalsOf(world, tokens)).toBe(0);

    tokens.endAccessTokens();
    imap.hangUp();
    imap.append(answer(written, 'And who are you?'));
    await received(world, 2);
    expect(renewalsOf(world, tokens)).toBe(1);

    // A login under way, to either folder, would be refused with its new token, and would report it.
    await expect.poll(() => imap.idle_sessions, { timeout: 10_000 }).toBe(2);
    tokens.revokeAll();
    tokens.endAccessTokens();
    imap.hangUp();
    await expect.poll(flags, { timeout: 10_000 }).toMatchObject([{ detail: { cause: 'unreadable' } }]);
    expect((await flags())[0]!.detail).toMatchObject({ reason: expect.stringContaining('invalid_grant') });

    // Once reconnected, the mailbox is read at once, without waiting for the pause after a refusal.
    world.clock.advance(1_000);
    await connect(world, tokens);
    imap.append(answer(written, 'Are you there?'));
    await received(world, 3);
    await reading.stop();
  });
});

describe('testing a mailbox', () => {
  const verify = async () => {
    const context = { ...world.context, mail: mail.sender };
    return operate({ ...world, context }, 'test_mailbox', { id: world.mailbox_id });
  };

  it('uses the token, and a new one if the server rejects it', async () => {
    await operate(world, 'patch_mailbox', { id: world.mailbox_id, imap: null, smtp: byToken(mail.port) });
    await connect(world, tokens);
    expect(await verify()).toMatchObject({ ok: true });
    tokens.endAccessTokens();
    expect(await verify()).toMatchObject({ ok: true });
    expect(mail.logins.slice(-3).map(({ taken }) => taken)).toEqual([true, false, true]);
  });

  it('names the person who has to act', async () => {
    tokens.revokeAll();
    world.clock.advance(HOUR_MS);
    await expect(verify()).rejects.toMatchObject({
      code: 'mailbox_refused',
      message: expect.stringContaining(`touchline mailbox connect ${world.mailbox_id}`),
    });
    tokens.instead = { status: 503, body: '' };
    await expect(verify()).rejects.toMatchObject({ code: 'mailbox_unreachable', status: 503 });
    tokens.instead = null;
    expect((await mailboxOf(world)).paused_at).toBeNull();
  });

  it('so does the doctor', async () => {
    const look = async (secret: string | null = world.context.secret) => {
      const { org_id, context } = world;
      const ports = doctorPorts({
        llm: null,
        server: { named_url: 'http://127.0.0.1:1', usual_url: 'http://127.0.0.1:1' },
        wait_ms: 1_000,
        dns_wait_ms: 1,
        dns_servers: ['127.0.0.1:1'],
      });
      const checks = await mailboxChecks({
        mailboxes: await mailboxesInUse.run({ org_id, limit: 5 }, systemDb(db.app, org_id)),
        secret,
        smtp_url: null,
        ports: { ...ports, verifyMail: (server) => mail.sender.verify(server as MailConnection) },
        patience: patience(10_000, 3),
        tokens: { db: db.app, clock: context.clock, mail_oauth: context.mail_oauth },
      });
      return new Map(checks.map(({ name, ...found }) => [name.split(' of ')[0], found]));
    };
    const refused = await look();
    expect(refused.get('token')).toMatchObject({
      status: 'failure',
      seen: expect.stringContaining(`touchline mailbox connect ${world.mailbox_id}`),
      next: expect.stringContaining('An admin'),
    });
    expect(refused.get('mail server')).toMatchObject({ status: 'failure' });
    await connect(world, tokens);
    const well = await look();
    expect(well.get('token')).toEqual({
      status: 'ok',
      seen: 'its provider accepts justin@sender.example',
      next: null,
    });
    expect(well.get('mail server')).toMatchObject({
      status: 'ok',
      seen: `127.0.0.1:${mail.port} accepts the connection and the login`,
    });
    expect((await look(null)).get('token')).toMatchObject({ status: 'skipped' });
    expect((await look('another secret')).get('token')).toMatchObject({ status: 'failure' });
    expect(JSON.stringify([...refused, ...well])).not.toMatch(new RegExp(tokens.given.join('|')));
  });

  it('requires a connection', async () => {
    await operate(world, 'disconnect_mailbox', { id: world.mailbox_id });
    const error = await verify().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).message).toContain('it logs in by OAuth and is not connected');
  });
});

describe('reconnecting', () => {
  it('ends no pause by a person, nor one for another reason', async () => {
    await operate(world, 'pause_mailbox', { id: world.mailbox_id, reason: 'holiday' });
    await connect(world, tokens);
    expect(await mailboxOf(world)).toMatchObject({ paused_by: 'person' });
    await operate(world, 'resume_mailbox', { id: world.mailbox_id });
  });

  it('a connection made in the meantime is kept', async () => {
    tokens.rotates = true;
    await connect(world, tokens);
    world.clock.advance(HOUR_MS);
    tokens.delay_ms = 300;
    const before = renewalsOf(world, tokens);
    const renewing = freshToken(world.worker_context, { org_id: world.org_id, mailbox_id: world.mailbox_id });
    await expect.poll(() => renewalsOf(world, tokens) - before).toBe(1);
    tokens.delay_ms = 0;
    await connect(world, tokens);
    const { refresh_token } = await grantOf(world);
    const { kind, access_token } = (await renewing) as { kind: string; access_token: string };
    expect([kind, tokens.takes(access_token)]).toEqual(['token', true]);
    expect((await grantOf(world)).refresh_token).toEqual(refresh_token);
  });
});

describe('the database', () => {
  const sealed = `decode(repeat('ab', 40), 'hex')`;
  const hash = `decode(repeat('ab', 32), 'hex')`;
  const me = () => (world.person.kind === 'human' ? world.person.user_id : '');
  const FORGET = `refresh_token = NULL, connected_at = NULL, connected_by = NULL, access_token = NULL,
    access_expires_at = NULL, access_renew_at = NULL`;
  const grant = (change: string) => `UPDATE mailbox_grants SET ${change} WHERE org_id = '${world.org_id}'`;
  const box = (change: string) => `UPDATE mailboxes SET ${change} WHERE id = '${world.mailbox_id}'`;
  const refused = (statement: string, as?: 'coordinator') => rawRefusal(db, world, statement, as);

  beforeAll(async () => {
    await connect(world, tokens);
  });

  it.each([
    ['a token beside a password', `smtp_user = 'a', smtp_password = ${sealed}`],
    ['a token in the clear', `smtp_security = 'none'`],
    ['a token without a server', 'smtp_host = NULL, smtp_port = NULL, smtp_security = NULL'],
    ['a token for an inbox without a server', 'imap_oauth = true'],
    [
      'a token for an inbox in the clear',
      `imap_host = 'h', imap_port = 1, imap_security = 'none', imap_oauth = true`,
    ],
    ['an inbox without a login', `imap_host = 'h', imap_port = 1, imap_security = 'tls'`],
    [
      'an inbox with both',
      `imap_host = 'h', imap_port = 1, imap_security = 'tls', imap_oauth = true, imap_user = 'a', imap_password = ${sealed}`,
    ],
    ['half a password', `smtp_oauth = false, smtp_user = 'a'`],
  ])('accepts no mailbox with %s', async (_name, change) => {
    expect(await refused(box(change))).toBe('23514');
  });

  it.each([
    ['a token endpoint without TLS', `${FORGET}, token_url = 'http://token.example/'`],
    ['a token endpoint with a login', `${FORGET}, token_url = 'https://a@token.example/'`],
    ['a consent without a URL', `authorize_url = 'javascript:alert(1)'`],
    ['a client without a name', `${FORGET}, oauth_client_id = ''`],
    ['a user without a name', `${FORGET}, login_user = ''`],
    ['a secret that is not sealed', `oauth_client_secret = 'word'`],
    ['an access token that never expires', 'access_expires_at = NULL'],
    ['an access token renewed after its expiry', `access_renew_at = access_expires_at + interval '1 s'`],
    ['a connection without its token', 'refresh_token = NULL'],
    [
      'an access token without a connection',
      'refresh_token = NULL, connected_at = NULL, connected_by = NULL',
    ],
    ['a failure in the words of a provider', `failure = 'Not this one', failed_at = now()`],
    ['a failure without a time', `failure = 'invalid_grant'`],
    ['half a consent', `state_sha256 = ${hash}, asked_by = '$me'`],
    ['a consent that was used but never requested', 'asked_taken_at = now()'],
  ])('accepts no grant with %s', async (_name, change) => {
    const statement = grant(change.replace('$me', me()));
    expect(await refused(statement)).toBe('23514');
  });

  it.each([
    ['another provider', `provider = 'google'`],
    ['another token endpoint', `token_url = 'https://evil.example/token'`],
    ['another client', `oauth_client_id = 'other'`],
    ['another user', `login_user = 'other@sender.example'`],
  ])('never turns its tokens into those of %s', async (_name, change) => {
    expect(await refused(grant(change))).toMatch(/^TL012|TL050$/);
  });

  it('shows tokens of a provider to its own servers alone', async () => {
    expect(await refused(grant(`provider = 'google', ${FORGET}`))).toBe('TL050');
    expect(await refused(box(`smtp_host = 'evil.example'`))).toBeNull();
    expect(await grantOf(world)).toMatchObject({ refresh_token: null, access_token: null });
  });

  it('connects only in the name of the acting admin', async () => {
    const other = crypto.randomUUID();
    const connection = (by: string) =>
      grant(`refresh_token = ${sealed}, connected_at = now(), connected_by = '${by}'`);
    const consent = (by: string) =>
      grant(`state_sha256 = ${hash}, code_verifier = ${sealed}, asked_by = '${by}', asked_until = now()`);
    expect(await refused(connection(other))).toBe('TL005');
    expect(await refused(consent(other))).toBe('TL005');
    expect(await refused(connection(me()), 'coordinator')).toMatch(/^TL0(05|19)$/);
    expect(await refused(grant(`login_user = 'x'`), 'coordinator')).toBe('TL019');
    await db.query(`UPDATE users SET roles = '{rep}' WHERE org_id = $1 AND id <> $2`, [world.org_id, me()]);
    expect(await refused(consent(me()))).toBeNull();
  });
});
