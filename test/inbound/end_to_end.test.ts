import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { startCatcher } from '../../src/connectors/catcher.ts';
import { imapReceiver } from '../../src/connectors/imap.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { confirmUnsubscribe, showUnsubscribe } from '../../src/operations/leads/unsubscribe.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { startMailboxReceivers } from '../../src/worker/receive_mailboxes.ts';
import { testDatabase } from '../database.ts';
import { replaysEveryDecision } from '../gate/replay.ts';
import { startImapServer } from '../mail/imap_server.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';
import {
  absence,
  answer,
  CAMPAIGN,
  enrollmentsOf,
  lastMessage,
  leadOf,
  mailFrom,
  received,
  replyTasks,
  report,
  type Written,
} from './inbound_world.ts';

/* The product's own SMTP and IMAP against servers in this process: outgoing and incoming mail of a campaign. */

const { db } = await testDatabase();
const dir = await mkdtemp(join(tmpdir(), 'touchline-inbound-'));
const catcher = await startCatcher({ clock: startClock(), dir });
const imap = await startImapServer();
const mail = smtpSender({ url: catcher.url, connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 });
afterAll(async () => {
  await Promise.all([mail.close(), catcher.close(), imap.close()]);
  await rm(dir, { recursive: true, force: true });
});

const settings = { lease_ms: 5_000, rest_ms: 50, refused_ms: 50 };

function receive(world: World, context = world.worker_context) {
  const receiver = imapReceiver({ url: imap.url, poll_ms: 50, backoff_ms: { least: 20, longest: 50 } });
  return startMailboxReceivers(context, { shared: { receiver, user: '' }, open: () => receiver, settings });
}

/** The recipients of the messages on the mail server. */
async function recipients(): Promise<string[]> {
  const { items } = await catcher.messages({ limit: 200 });
  return items.flatMap(({ envelope }) => envelope.to);
}

test('in a running campaign each inbound message takes effect before the next touch', {
  timeout: 120_000,
}, async () => {
  const world = await createWorld(db, { mail });
  const written: Written[] = [];
  for (let lead = 0; lead < 4; lead += 1) {
    const lead_id = await world.addLead();
    await world.request(lead_id, CAMPAIGN);
    await world.work();
    await world.approve(lead_id);
    written.push(await lastMessage(world, lead_id));
  }
  const [replying, bouncing, away, leaving] = written as [Written, Written, Written, Written];
  expect((await recipients()).sort()).toEqual(written.map(({ email }) => email).sort());

  // An unreadable message arrives first, and delays no other.
  const { readMail } = world.worker_context;
  const context = {
    ...world.worker_context,
    readMail: (bytes: Uint8Array) => {
      if (Buffer.from(bytes).includes('BOOM')) throw new Error('a fault in the reader');
      return readMail(bytes);
    },
  };
  imap.append(mailFrom('stranger@else.example', 'BOOM'));
  imap.append(answer(replying, 'Who gave you my address?'));
  imap.append(report(bouncing));
  imap.append(absence(away, 'I am out of the office until 14 December 2026.'), { folder: 'Spam' });
  const readers = [receive(world, context), receive(world, context)];
  await received(world, 4);
  imap.append(answer(replying, 'And who are you?'));
  imap.renumber();
  const messages = await received(world, 5);
  await Promise.all(readers.map((reader) => reader.stop()));
  expect(messages.map(({ kind }) => kind).sort()).toEqual([
    'bounce',
    'other',
    'out_of_office',
    'reply',
    'reply',
  ]);
  expect(messages.find(({ kind }) => kind === 'other')).toMatchObject({
    fault: 'a fault in the reader',
    handled_at: null,
  });
  expect(await replyTasks(world, replying.lead_id)).toHaveLength(2);
  const cursors = await world.rows<{ folder: string; reader_id: null }>(
    'mailbox_cursors',
    'true ORDER BY folder',
  );
  expect(cursors).toMatchObject([
    { folder: 'inbox', reader_id: null },
    { folder: 'junk', reader_id: null },
  ]);

  const token = await unsubscribeTokenOf(leaving);
  expect(await showUnsubscribe(world.worker_context, token)).toMatchObject({ is_unsubscribed: false });
  expect(await leadOf(world, leaving.lead_id)).toMatchObject({ unsubscribe_flag: false });
  await confirmUnsubscribe(world.worker_context, token);

  const before = (await recipients()).length;
  const after_return: string[] = [];
  for (let day = 1; day <= 45; day += 1) {
    world.clock.advance(DAY_MS);
    await world.work();
    for (const { lead_id } of await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'drafted'`)) {
      await world.approve(lead_id);
    }
    await world.work();
    const now = await recipients();
    if (now.length > before) after_return.push(`${world.clock.now().toISOString().slice(0, 10)}`);
  }
  const later = (await recipients()).slice(0, -before);
  expect(new Set(later)).toEqual(new Set([away.email]));
  expect(after_return[0]! >= '2026-12-15').toBe(true);
  expect(await enrollmentsOf(world, replying.lead_id)).toMatchObject([
    { status: 'paused', paused_reason: 'reply' },
  ]);
  expect(await enrollmentsOf(world, bouncing.lead_id)).toMatchObject([{ status: 'rejected' }]);
  expect(await world.rows('suppressions', `source <> 'opt_out'`)).toMatchObject([
    { value: bouncing.email, reason: 'bounced' },
  ]);
});

async function unsubscribeTokenOf({ email }: Written): Promise<string> {
  const { items } = await catcher.messages({ limit: 200 });
  const caught = items.find(({ envelope }) => envelope.to.includes(email))!;
  const { value } = caught.headers.find(({ name }) => name.toLowerCase() === 'list-unsubscribe')!;
  return /\/u\/([\w-]+)/.exec(value)![1]!;
}

replaysEveryDecision(db, ['requested', 'dispatched']);
