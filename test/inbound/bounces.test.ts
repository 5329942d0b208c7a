import { expect, test } from 'vitest';
import { actingDb } from '../../src/db/acting.ts';
import { definitions } from '../../src/operations/definitions.ts';
import { actorOf } from '../../src/principal.ts';
import type { InboundMessagesRow, SuppressionsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import {
  answer,
  complaint,
  enrollmentsOf,
  eventsOf,
  inboundOf,
  report,
  take,
  type Written,
  writtenLead,
} from './inbound_world.ts';

/* Effects of reports: on the address that failed, on the mailbox, or on a person who judges. */

const { db } = await testDatabase();

const suppressed = async (world: World) =>
  (await world.rows<SuppressionsRow>('suppressions', 'true ORDER BY value')).map(({ value }) => value);
const statusOf = async (world: World, { lead_id }: Written) =>
  (await enrollmentsOf(world, lead_id))[0]!.status;

async function judge(world: World, id: string, bounce_severity: string): Promise<InboundMessagesRow> {
  const operation = definitions.find(({ name }) => name === 'judge_bounce')!;
  const context = { ...world.context, db: actingDb(world.context.db, actorOf(world.person)) };
  const call = { context, principal: world.person, input: operation.input.parse({ id, bounce_severity }) };
  return (await operation.run(call as never)) as InboundMessagesRow;
}

test('a report about another address suppresses that one, and the lead continues', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, report({ ...written, email: 'archive@else.example' }));
  expect(await suppressed(world)).toEqual(['archive@else.example']);
  expect(await statusOf(world, written)).toBe('active');
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ reason: 'other_address', bounced_address: 'archive@else.example', bounce_severity: 'hard' },
  });
  expect(await eventsOf(world, written.lead_id)).toContain('bounced other_suppressed');
  expect((await world.rows<{ bounced_at: Date | null }>('send_attempts'))[0]!.bounced_at).toBeNull();
});

test('a message that the address forwarded away condemns the other address only', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const raw = report({ ...written, email: 'old@else.example' }).replace(
    'Action: failed',
    `Original-Recipient: rfc822;${written.email}\r\nAction: failed`,
  );
  await take(world, raw);
  expect(await suppressed(world)).toEqual(['old@else.example']);
  expect(await statusOf(world, written)).toBe('active');
  expect(await eventsOf(world, written.lead_id)).toContain('bounced soft');
});

test.each([
  ['a block list under 5.1.1', '5.1.1', '554 5.7.1 blocked using a DNSBL'],
  ['a rejected sender', '5.1.8', '550 5.1.8 Sender address rejected: Domain not found'],
  ['a full mailbox under 5.0.0', '5.0.0', '552 mailbox full'],
  ['a missing host', '5.4.4', 'Host or domain name not found. Name service error'],
  ['a receiving rate', '5.2.1', '550-5.2.1 receiving mail at a rate that prevents delivery'],
])('%s condemns no address', async (_, status, words) => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  await take(world, report(written, { status, words }));
  expect(await suppressed(world)).toEqual([]);
  expect(await statusOf(world, written)).toBe('active');
});

test.each(['550 5.1.1 <justin@sender.example> User unknown', '550 no such user here: justin@sender.example'])(
  '%s: our own address, so the lead’s stays in use',
  async (words) => {
    const world = await createWorld(db);
    const written = await writtenLead(world);
    const { id } = await take(world, report(written, { words }));
    expect(await suppressed(world)).toEqual([]);
    expect((await inboundOf(world, id)).bounce_cause).toBe('sender');
    expect(await statusOf(world, written)).toBe('active');
  },
);

test('words about an unknown user condemn the address under a general status', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  await take(world, report(written, { status: '5.7.1', words: '550 5.7.1 No such user!' }));
  expect(await suppressed(world)).toEqual([written.email]);
  expect(await statusOf(world, written)).toBe('rejected');
});

test('our own server stopping our account pauses the mailbox at once, not the lead', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const words = '550-5.4.5 Daily user sending limit exceeded.';
  await take(world, report(written, { status: '5.4.5', words }));
  expect(await world.rows('mailboxes')).toMatchObject([{ paused_by: 'server' }]);
  expect(await suppressed(world)).toEqual([]);
  expect(await statusOf(world, written)).toBe('active');
});

test('a hard bounce after a person’s reply from the address settles nothing', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const asked = await take(world, answer(written, 'What does it cost?'));
  const { id } = await take(world, report(written));
  expect(await suppressed(world)).toEqual([]);
  expect(await statusOf(world, written)).toBe('paused');
  expect(await inboundOf(world, asked.id)).toMatchObject({ handled_at: null });
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ reason: 'after_reply', bounce_severity: 'soft', handled_at: null },
  });
});

test.each([
  ['hard', 'rejected'],
  ['soft', 'active'],
  ['policy', 'active'],
] as const)('a bounce in unknown words is soft until a person judges it: %s', async (severity, status) => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, report(written, { status: '5.0.0', words: '554 error 4711' }));
  expect(await inboundOf(world, id)).toMatchObject({
    ...{ bounce_severity: 'soft', bounce_cause: 'unknown', reason: 'unknown_bounce', handled_at: null },
  });
  expect(await world.rows('flags', `kind = 'reply_waiting'`)).toMatchObject([{ subject: id }]);
  expect(await suppressed(world)).toEqual([]);
  const judged = await judge(world, id, severity);
  expect(judged).toMatchObject({ bounce_severity: severity, handled_by_user_id: expect.any(String) });
  expect(await statusOf(world, written)).toBe(status);
  expect(await suppressed(world)).toEqual(severity === 'hard' ? [written.email] : []);
  expect(await world.rows('flags', `kind = 'reply_waiting' AND resolved_at IS NULL`)).toEqual([]);
  await expect(judge(world, id, 'hard')).rejects.toMatchObject({ code: 'bounce_handled' });
});

test('two people who judge at once: one decides', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, report(written, { status: '5.0.0', words: '554 error 4711' }));
  const both = await Promise.allSettled([judge(world, id, 'hard'), judge(world, id, 'soft')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a complaint suppresses the lead’s address, and any other that it names', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const raw = complaint(written).replace(
    'x/1\r\nVersion: 1',
    'x/1\r\nVersion: 1\r\nOriginal-Rcpt-To: fwd@else.example',
  );
  await take(world, raw);
  expect(await suppressed(world)).toEqual(['fwd@else.example', written.email].sort());
  expect(await statusOf(world, written)).toBe('rejected');
});

test('a complaint of Outlook.com names its recipient in the attached message', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const raw = [
    'From: staff@hotmail.example',
    'To: justin@sender.example',
    'Subject: complaint about message from 192.0.2.10',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '--b\r\nContent-Type: message/rfc822\r\n',
    `X-HmXmrOriginalRecipient: ${written.email}\r\nMessage-ID: ${written.message_id}\r\nSubject: Hello\r\n\r\nHello\r\n--b--`,
  ].join('\r\n');
  const { id } = await take(world, raw);
  expect(await inboundOf(world, id)).toMatchObject({ kind: 'complaint', lead_id: written.lead_id });
  expect(await suppressed(world)).toEqual([written.email]);
});

test.each([
  '550 5.7.1 You have exceeded the maximum number of unknown users',
  '550 5.7.1 Excessive number of invalid recipients',
  '554 5.7.1 Temporary block of 192.0.2.4 due to excessive unknown users',
  '550 5.7.1 Unable to relay, recipient unknown to relay policy',
])('%s: about us, so the address stays in use', async (words) => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, report(written, { status: '5.7.1', words }));
  expect(await suppressed(world)).toEqual([]);
  expect((await inboundOf(world, id)).bounce_cause).toBe('sender');
});
