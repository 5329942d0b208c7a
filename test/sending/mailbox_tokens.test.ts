import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { freshToken } from '../../src/coordinator/sending/mailbox_tokens.ts';
import { transaction } from '../../src/db/pool.ts';
import type { CadenceEventLogRow, FlagsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
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
  renewalsOf,
} from './mailbox_oauth_world.ts';
import { approvedLeads, deliver, itemOf, mailboxOf } from './send_world.ts';

const { db } = await testDatabase();
const MINUTE_MS = 60_000;
let tokens: TokenServer;
let mail: TokenMail;
beforeAll(async () => {
  tokens = await startTokenServer();
  mail = await startTokenMail((token) => tokens.takes(token));
});
afterAll(async () => {
  await Promise.all([tokens.close(), mail.close()]);
});
afterEach(() => {
  Object.assign(tokens, { expires_in_s: 3_600, rotates: false, instead: null, delay_ms: 0 });
});

/** A connected mailbox that sends by its token. */
async function connected(): Promise<OauthWorld> {
  const world = await oauthWorld(db);
  await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp: byToken(mail.port) });
  await connect(world, tokens);
  marks = { logins: mail.logins.length, messages: mail.messages.length };
  return world;
}
let marks = { logins: 0, messages: 0 };
const renewals = (world: OauthWorld) => renewalsOf(world, tokens);
const logins = () => mail.logins.slice(marks.logins).map(({ taken }) => taken);
const messages = () => mail.messages.slice(marks.messages);
const owner = ({ org_id, mailbox_id }: OauthWorld) => ({ org_id, mailbox_id });
const healthFlags = (world: OauthWorld) =>
  world.rows<FlagsRow>('flags', `kind = 'mailbox_health' AND resolved_at IS NULL`);

describe('a mailbox that logs in by its token', () => {
  it('sends as its address without requesting another token', async () => {
    const world = await connected();
    const lead_ids = await approvedLeads(world, 2);
    await deliver(world, mail.sender);
    for (const lead_id of lead_ids) expect((await itemOf(world, lead_id)).status).toBe('sent');
    expect(mail.logins.at(-1)).toMatchObject({ user: 'justin@sender.example', taken: true });
    expect([renewals(world), logins(), messages().length]).toEqual([0, [true], 2]);
  });

  it('renews it before it expires, even with no message to send', async () => {
    const world = await connected();
    world.clock.advance(54 * MINUTE_MS);
    await deliver(world, mail.sender);
    expect(renewals(world)).toBe(0);
    world.clock.advance(2 * MINUTE_MS);
    await deliver(world, mail.sender);
    expect(renewals(world)).toBe(1);
    const { access_expires_at } = await grantOf(world);
    expect(access_expires_at!.getTime()).toBe(world.clock.now_ms() + HOUR_MS);
    const [lead_id] = await approvedLeads(world, 1);
    await deliver(world, mail.sender);
    expect([(await itemOf(world, lead_id!)).status, renewals(world), logins()]).toEqual(['sent', 1, [true]]);
  });

  it('renews it once if the server rejects it, and sends once', async () => {
    const world = await connected();
    const lead_ids = await approvedLeads(world, 3);
    tokens.endAccessTokens();
    await deliver(world, mail.sender);
    for (const lead_id of lead_ids) expect((await itemOf(world, lead_id)).status).toBe('sent');
    expect([renewals(world), logins(), messages().length]).toEqual([1, [false, true], 3]);
    expect(await world.rows('send_attempts')).toHaveLength(3);
  });

  it('is paused if the server rejects the renewed token too', async () => {
    const world = await connected();
    const [lead_id] = await approvedLeads(world, 1);
    const { takes } = tokens;
    Object.assign(tokens, { takes: () => false });
    await deliver(world, mail.sender);
    Object.assign(tokens, { takes });
    expect([renewals(world), logins()]).toEqual([1, [false, false]]);
    expect(await mailboxOf(world)).toMatchObject({
      paused_by: 'server',
      paused_reason: expect.stringMatching(/^535/),
    });
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved', attempt_count: 0 });
  });

  it('works with tokens that expire almost at once', async () => {
    tokens.expires_in_s = 60;
    const world = await connected();
    const [lead_id] = await approvedLeads(world, 1);
    await deliver(world, mail.sender);
    expect([(await itemOf(world, lead_id!)).status, renewals(world)]).toEqual(['sent', 0]);
    world.clock.advance(31_000);
    await deliver(world, mail.sender);
    await deliver(world, mail.sender);
    expect(renewals(world)).toBe(1);
  });
});

describe('a provider that refuses', () => {
  it('pauses the mailbox and names who has to act; after reconnecting, it resumes automatically', async () => {
    const world = await connected();
    const [lead_id] = await approvedLeads(world, 1);
    tokens.revokeAll();
    world.clock.advance(HOUR_MS);
    await deliver(world, mail.sender);
    const reason = `the provider no longer accepts its login (invalid_grant): touchline mailbox connect ${world.mailbox_id}`;
    expect(await mailboxOf(world)).toMatchObject({ paused_by: 'server', paused_reason: reason });
    expect(await healthFlags(world)).toMatchObject([{ detail: { cause: 'paused', reason } }]);
    const shown = await operate(world, 'get_mailbox', { id: world.mailbox_id });
    expect(shown.oauth).toMatchObject({
      failure: 'invalid_grant',
      failed_at: world.clock.now().toISOString(),
    });
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved', attempt_count: 0 });
    await deliver(world, mail.sender);
    expect([renewals(world), logins()]).toEqual([1, []]);
    await connect(world, tokens);
    expect(await mailboxOf(world)).toMatchObject({ paused_at: null });
    expect(await healthFlags(world)).toEqual([]);
    await deliver(world, mail.sender);
    expect((await itemOf(world, lead_id!)).status).toBe('sent');
  });

  it('in the middle of a batch pauses it as well, and releases the rest', async () => {
    const world = await connected();
    const lead_ids = await approvedLeads(world, 2);
    tokens.revokeAll();
    tokens.endAccessTokens();
    await deliver(world, mail.sender);
    expect((await mailboxOf(world)).paused_reason).toContain('invalid_grant');
    for (const lead_id of lead_ids) {
      expect(await itemOf(world, lead_id)).toMatchObject({ status: 'approved', attempt_count: 0 });
    }
  });
});

describe('a provider that is unreachable', () => {
  it('makes the mailbox wait, and loses no message', async () => {
    const world = await connected();
    const [lead_id] = await approvedLeads(world, 1);
    world.clock.advance(HOUR_MS);
    tokens.instead = { status: 503, body: '' };
    await deliver(world, mail.sender);
    await deliver(world, mail.sender);
    expect(renewals(world)).toBe(1);
    const { paused_at, retry_at, unreachable_error } = await mailboxOf(world);
    expect([paused_at, retry_at!.getTime()]).toEqual([null, world.clock.now_ms() + MINUTE_MS]);
    expect(unreachable_error).toBe('the provider of its tokens could not be reached (http_503)');
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved', attempt_count: 0 });
    tokens.instead = null;
    world.clock.advance(MINUTE_MS);
    await deliver(world, mail.sender);
    expect((await itemOf(world, lead_id!)).status).toBe('sent');
    expect(await mailboxOf(world)).toMatchObject({ unreachable_count: 0, retry_at: null });
  });

  it('is distinguished from one that refuses', async () => {
    const world = await connected();
    world.clock.advance(HOUR_MS);
    const said = [
      [{ status: 503, body: '{"error":"invalid_grant"}' }, 'unreachable http_503'],
      [{ status: 429, body: '' }, 'unreachable http_429'],
      [{ status: 302, body: '' }, 'unreachable http_302'],
      [{ status: 200, body: '<html>' }, 'unreachable answer_invalid'],
      [{ status: 200, body: '{"token_type":"Bearer"}' }, 'unreachable answer_invalid'],
      [{ status: 200, body: '{"access_token":"","token_type":"Bearer"}' }, 'unreachable answer_invalid'],
      [{ status: 400, body: '{"error":"temporarily_unavailable"}' }, 'unreachable temporarily_unavailable'],
      [{ status: 400, body: 'Bad Request' }, 'unreachable http_400'],
      ['', 'unreachable econnreset'],
      [{ status: 400, body: '{"error":"invalid_grant","error_description":"x"}' }, 'refused invalid_grant'],
      [{ status: 401, body: '{"error":"invalid_client"}' }, 'refused invalid_client'],
      [{ status: 400, body: '{"error":"A Word Of <Its> Own"}' }, 'refused refused'],
    ] as const;
    for (const [instead, expected] of said) {
      Object.assign(tokens, { instead });
      const answer = await freshToken(world.worker_context, owner(world));
      expect([instead, answer.kind === 'token' ? '' : `${answer.kind} ${answer.code}`]).toEqual([
        instead,
        expected,
      ]);
      expect((await grantOf(world)).failure).toBe(expected.split(' ')[1]);
    }
    Object.assign(tokens, { instead: null, delay_ms: 1_500 });
    expect(await freshToken(world.worker_context, owner(world))).toMatchObject({ code: 'timeout' });
    tokens.delay_ms = 0;
    expect(await freshToken(world.worker_context, owner(world))).toMatchObject({ kind: 'token' });
    expect(await grantOf(world)).toMatchObject({ failure: null, failed_at: null, renewing_until: null });
  });

  it('in the middle of a batch makes it wait without an event for each message', async () => {
    const world = await connected();
    const [lead_id] = await approvedLeads(world, 1);
    tokens.endAccessTokens();
    tokens.instead = { status: 503, body: '' };
    await deliver(world, mail.sender);
    expect(await mailboxOf(world)).toMatchObject({ paused_at: null, unreachable_count: 1 });
    expect(await itemOf(world, lead_id!)).toMatchObject({ status: 'approved', attempt_count: 0 });
    const told = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'retried'`);
    expect(told.map(({ resolution }) => resolution)).toEqual(['server_unreachable']);
  });
});

describe('concurrent requests', () => {
  it('share one renewal and its token; a rotated refresh token is kept', async () => {
    tokens.rotates = true;
    const world = await connected();
    for (let hours = 0; hours < 3; hours += 1) {
      world.clock.advance(HOUR_MS);
      tokens.delay_ms = 200;
      const before = renewals(world);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => freshToken(world.worker_context, owner(world))),
      );
      expect(renewals(world) - before).toBe(1);
      expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
      expect(answers[0]).toMatchObject({ kind: 'token', user: 'justin@sender.example' });
      expect(tokens.takes((answers[0] as { access_token: string }).access_token)).toBe(true);
    }
  });

  it('that were refused the same token get the same new one, however soon it expires', async () => {
    tokens.rotates = true;
    tokens.expires_in_s = 30;
    const world = await connected();
    const first = await freshToken(world.worker_context, owner(world));
    if (first.kind !== 'token') throw new Error(first.reason);
    tokens.endAccessTokens();
    tokens.delay_ms = 100;
    const refused = first.access_token;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => freshToken(world.worker_context, owner(world), { refused })),
    );
    expect(renewals(world)).toBe(1);
    for (const one of answers) {
      expect(one.kind === 'token' && tokens.takes(one.access_token)).toBe(true);
    }
  });

  it('get the same refusal once the provider has given it', async () => {
    const world = await connected();
    tokens.revokeAll();
    tokens.delay_ms = 200;
    world.clock.advance(HOUR_MS);
    const asked = freshToken(world.worker_context, owner(world));
    await expect.poll(async () => (await grantOf(world)).renewing_until).not.toBeNull();
    const waiting = freshToken(world.worker_context, owner(world));
    await new Promise((resolve) => setTimeout(resolve, 30));
    world.clock.advance(1_000);
    expect(await Promise.all([asked, waiting])).toMatchObject([
      { kind: 'refused', code: 'invalid_grant' },
      { kind: 'refused', code: 'invalid_grant' },
    ]);
    expect(renewals(world)).toBe(1);
  });

  it('wait for a crashed renewal only until its turn ends', async () => {
    const world = await connected();
    world.clock.advance(HOUR_MS);
    await transaction(db, coordinatorActor(world.org_id), (tx) =>
      tx.query(`UPDATE mailbox_grants SET renewing_until = $1 WHERE org_id = $2`, [
        new Date(world.clock.now_ms() + 30_000),
        world.org_id,
      ]),
    );
    const waiting = freshToken(world.worker_context, owner(world));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(renewals(world)).toBe(0);
    world.clock.advance(30_000);
    expect(await waiting).toMatchObject({ kind: 'token' });
    expect(renewals(world)).toBe(1);
  });
});
