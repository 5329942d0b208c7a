import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailOauth } from '../../src/connectors/mail_oauth.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { unsubscribeToken } from '../../src/coordinator/sending/unsubscribe_token.ts';
import { makeSignInLink } from '../../src/operations/access/sessions.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { type Sink, startSink } from '../faults/sink.ts';
import { startTokenMail } from '../mail/token_mail.ts';
import { startTokenServer } from '../mail/token_server.ts';
import { addPerson } from '../sending/door.ts';
import { byToken, connect, customClient, operate } from '../sending/mailbox_oauth_world.ts';
import { approveDrafts, mailboxOf } from '../sending/send_world.ts';
import { type ObservedProduct, observeProduct } from './observed_product.ts';

/* Every secret goes through a real server and worker, in success and failure; then the log is searched for it. */

const { db } = await testDatabase();
const word = () => randomBytes(18).toString('base64url');
const PASSWORD = `pass ${word()}`;
const WRONG = `wrong ${word()}`;
const TYPED = `typed ${word()}`;
const SMTP_PASSWORD = word();
const METRICS_TOKEN = word();
const IDEMPOTENCY_KEY = word();
const SUBJECT_WORD = `Firstname${word()}`;
const secrets = new Map<string, string>([
  ['the password', PASSWORD],
  ['a wrong password', WRONG],
  ['a password in a body that is not JSON', TYPED],
  ['the password of the mail server', SMTP_PASSWORD],
  ['the same in the form sent', Buffer.from(`\0mailer\0${SMTP_PASSWORD}`).toString('base64')],
  ['the token of the metrics', METRICS_TOKEN],
  ['the Idempotency-Key', IDEMPOTENCY_KEY],
  ['a text that the database refuses', SUBJECT_WORD],
]);

let product: ObservedProduct;
let sink: Sink;
beforeAll(async () => {
  product = await observeProduct(db, {
    metrics_token: METRICS_TOKEN,
    limits: { sign_in_per_minute: 10_000 },
  });
  sink = await startSink({ slots: 1 });
  secrets.set('the API key', product.key).set("the product's own secret", product.world.context.secret);
});
afterAll(async () => {
  await product.close();
  await sink.close();
});

function findLeaks(): string[] {
  const text = product.lines.join('');
  return [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => name);
}

const session = (body: unknown) =>
  product.call('POST', '/api/v1/sessions', {
    key: null,
    body,
    headers: { origin: product.server.url, 'content-type': 'application/json' },
  });

/** Makes the next writes to a table fail with an error that quotes the written values. */
async function withRefusal(table: string, column: string, run: () => Promise<unknown>): Promise<void> {
  await db.query(`CREATE FUNCTION quote_it() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM NEW.${column}::integer; RETURN NEW; END $$`);
  await db.query(
    `CREATE TRIGGER quote_it BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION quote_it()`,
  );
  await run();
  await db.query(`DROP TRIGGER quote_it ON ${table}`);
  await db.query('DROP FUNCTION quote_it');
}

describe('the log contains no secret', () => {
  it('of a sign-in with a password, a link or neither', async () => {
    const { email, user_id } = await addPerson(db, product.world.org_id, { password: PASSWORD });
    const link_token = await makeSignInLink(db.app, product.context.clock, {
      org_id: product.world.org_id,
      user_id,
    });
    secrets.set('the link token', link_token);
    for (const [body, status] of [
      [{ email, password: PASSWORD }, 200],
      [{ email, password: WRONG }, 401],
      [{ email, password: WRONG, extra: PASSWORD }, 422],
      [{ link_token }, 200],
      [{ link_token }, 401],
      [`{"email": "${email}", "password": "${TYPED}", }`, 400],
      [`{"email": "${email}", "password": ${TYPED}`, 400],
    ] as const) {
      const answer = await session(body);
      expect([body, answer.status]).toEqual([body, status]);
      const [cookie] = answer.headers.getSetCookie();
      if (cookie === undefined) continue;
      const shown = cookie.split(';')[0]!;
      secrets.set(`the cookie of ${Object.keys(body)}`, shown.slice(shown.indexOf('=') + 1));
      const me = await product.call('GET', '/api/v1/me', { key: null, headers: { cookie: shown } });
      expect(me.status).toBe(200);
    }
    expect(secrets.size).toBeGreaterThanOrEqual(13);
    expect(findLeaks()).toEqual([]);
  });

  it('of a sign-in while the database fails', async () => {
    const { email } = await addPerson(db, product.world.org_id, { password: PASSWORD });
    await db.query('ALTER TABLE sessions RENAME TO sessions_away');
    const answer = await session({ email, password: PASSWORD });
    const keyed = await product.call('GET', '/api/v1/sessions');
    await db.query('ALTER TABLE sessions_away RENAME TO sessions');
    expect([answer.status, keyed.status]).toEqual([500, 500]);
    expect(product.lines.filter((line) => line.includes('"internal error"'))).toHaveLength(2);
    await withRefusal('sessions', 'user_agent', async () => {
      expect((await session({ email, password: PASSWORD })).status).toBe(422);
    });
    expect(findLeaks()).toEqual([]);
  });

  it('of keys, new ones too, and of the tokens of metrics and idempotency', async () => {
    const headers = { 'idempotency-key': IDEMPOTENCY_KEY };
    const lead_id = await product.world.addLead();
    const body = { reason: 'asked' };
    await product.call('POST', `/api/v1/leads/${lead_id}/opt_out`, { headers, body });
    await product.call('POST', `/api/v1/leads/${lead_id}/opt_out`, { headers, body: { reason: 'other' } });
    const metrics = { key: METRICS_TOKEN };
    expect((await product.call('GET', '/metrics', metrics)).status).toBe(200);
    const bad = await product.call('GET', '/api/v1/leads', { key: `${product.key}x` });
    expect(bad.status).toBe(401);
    await db.query('ALTER TABLE idempotency_keys RENAME TO idempotency_keys_away');
    const failed = await product.call('POST', `/api/v1/leads/${lead_id}/opt_out`, { headers, body });
    await db.query('ALTER TABLE idempotency_keys_away RENAME TO idempotency_keys');
    expect(failed.status).toBe(500);
    expect(findLeaks()).toEqual([]);
  });

  it('of a DKIM key, a mail server and its password, or an unsubscribe link', async () => {
    const { world, call } = product;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const [, middle = ''] = private_key.split('\n');
    secrets.set('the DKIM key', middle);
    const { id } = await mailboxOf(world);
    const dkim = { domain: 'sender.example', selector: 's1', private_key };
    expect((await call('PATCH', `/api/v1/mailboxes/${id}`, { body: { dkim } })).status).toBe(200);
    const cut = { ...dkim, private_key: private_key.slice(0, 300) };
    expect((await call('PATCH', `/api/v1/mailboxes/${id}`, { body: { dkim: cut } })).status).toBe(422);

    for (const lead_id of [await world.addLead(), await world.addLead()]) {
      await world.request(lead_id, 'b2bea_membership_close');
    }
    while ((await product.work()) > 0);
    await approveDrafts(world);
    const url = `smtp://mailer:${SMTP_PASSWORD}@127.0.0.1:${sink.ports[0]}?tls=off`;
    const refuse = `535 5.7.8 no ${SMTP_PASSWORD} here\r\n`;
    sink.announce(0, { to: '', mode: '', plan: { auth: { do: 'say', text: refuse } } });
    for (const timeout_ms of [1, 5_000]) {
      const mail = smtpSender({ url, connection_timeout_ms: timeout_ms, socket_timeout_ms: 5_000 });
      await product.work(mail);
      await expect(mail.verify()).rejects.toMatchObject({ name: 'AppError' });
      await mail.close();
    }
    const tokens = await unsubscribeTokens();
    for (const token of tokens) {
      await call('GET', `/u/${token}`, { key: null });
      await call('POST', `/u/${token}`, { key: null });
      await call('POST', `/u/${token}x`, { key: null });
      await call('GET', `/u/${token}/and/more`, { key: null });
    }
    await db.query('ALTER TABLE organizations RENAME TO organizations_away');
    expect((await call('GET', `/u/${tokens[0]}`, { key: null })).status).toBe(500);
    await product.work();
    await db.query('ALTER TABLE organizations_away RENAME TO organizations');
    expect(findLeaks()).toEqual([]);
  });

  it('of a mailbox that logs in by OAuth, in success and failure', async () => {
    const { world } = product;
    const tokens = await startTokenServer();
    const mail = await startTokenMail((token) => tokens.takes(token));
    const mail_oauth = mailOauth({ allow_local: true, timeout_ms: 1_000 });
    const { id } = await mailboxOf(world);
    const own = {
      ...world,
      mailbox_id: id,
      context: { ...world.context, log: product.context.log, mail_oauth },
    };
    Object.assign(product.context, { mail_oauth });
    await operate(own, 'patch_mailbox', { id, smtp: byToken(mail.port) });
    await connect(own, tokens);
    for (const [instead, is_ended] of [
      [null, true],
      [{ status: 503, body: tokens.given.at(-1)! }, true],
      ['', false],
      [{ status: 400, body: `{"error":"x","error_description":"${tokens.given.at(-1)}"}` }, true],
    ] as const) {
      Object.assign(tokens, { instead });
      if (is_ended) tokens.endAccessTokens();
      await product.work(mail.sender);
      world.clock.advance(2 * 3_600_000);
    }
    const given = { ...customClient(own, tokens), refresh_token: tokens.refreshToken() };
    await expect(operate(own, 'connect_mailbox', { id, ...given })).rejects.toMatchObject({
      code: 'oauth_refused',
    });
    secrets.set('a client secret', given.client_secret);
    for (const [at, token] of tokens.given.entries()) {
      secrets.set(`token ${at}`, token);
      const shown = Buffer.from(`user=justin@sender.example\x01auth=Bearer ${token}\x01\x01`);
      secrets.set(`token ${at} as it is shown`, shown.toString('base64'));
    }
    expect(tokens.given.length).toBeGreaterThan(2);
    expect(product.lines.some((line) => line.includes('a mailbox token was refused'))).toBe(true);
    await Promise.all([tokens.close(), mail.close(), mail_oauth.close()]);
    await operate(own, 'patch_mailbox', { id, smtp: null });
    await operate(own, 'resume_mailbox', { id });
    Reflect.deleteProperty(product.context, 'mail_oauth');
    expect(findLeaks()).toEqual([]);
  });

  it('of the worker’s lines when the database refuses a write', async () => {
    const { world } = product;
    const lead_id = await world.addLead({ first_name: SUBJECT_WORD });
    await world.request(lead_id, 'b2bea_membership_close');
    await withRefusal('staged_drafts', 'body', () => product.work());
    const [refused] = product.lines.filter((line) => line.includes('is set aside'));
    expect(JSON.parse(refused!)).toMatchObject({
      stage: 'draft_touches',
      err: { code: '22P02', message: 'invalid input syntax for type integer: "[redacted]"' },
    });
    expect(findLeaks()).toEqual([]);
  });

  it('although it has lines of every level', () => {
    const levels = new Set(product.lines.map((line) => (JSON.parse(line) as { level: number }).level));
    expect(product.lines.length).toBeGreaterThan(30);
    expect([...levels].sort()).toEqual(expect.arrayContaining([20, 30, 50]));
  });
});

async function unsubscribeTokens(): Promise<string[]> {
  const { org_id, context } = product.world;
  const items = await product.world.rows<SalesSendQueueRow>('sales_send_queue');
  const tokens = items.map(({ id, lead_id }) =>
    unsubscribeToken(context.secret, { org_id, lead_id, queue_id: id }),
  );
  for (const [at, token] of tokens.entries()) secrets.set(`unsubscribe token ${at}`, token);
  return tokens;
}
