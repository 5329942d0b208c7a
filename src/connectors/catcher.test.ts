import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { mail } from '../../test/connectors/mail.ts';
import { manualClock } from '../../test/manual_clock.ts';
import type { OutboundMail } from '../mail/messages.ts';
import { startCatcher } from './catcher.ts';
import { openJournal } from './catcher_journal.ts';
import type { MailCatcher } from './connector.ts';
import { smtpSender } from './smtp.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const clock = manualClock(Date.parse('2026-03-02T10:00:00.000Z'));

async function directory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'catcher-'));
  open.push(() => rm(dir, { recursive: true }));
  return dir;
}

async function catcher(dir: string): Promise<MailCatcher> {
  const started = await startCatcher({ clock, dir });
  open.push(() => started.close().catch(() => undefined));
  return started;
}

async function send(to: MailCatcher, ...messages: Partial<OutboundMail>[]): Promise<void> {
  const sender = smtpSender({ url: to.url, connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 });
  for (const changes of messages) expect(await sender.send(mail(changes))).toMatchObject({ kind: 'sent' });
  await sender.close();
}

test('the catcher shows a message as it was received', async () => {
  const dir = await directory();
  const caught = await catcher(dir);
  await send(caught, {
    subject: 'Grüße',
    in_reply_to: '<r2@lead.test>',
    references: ['<r1@b2bea.test>', '<r2@lead.test>'],
  });
  const { items, next_cursor } = await caught.messages();
  expect(next_cursor).toBeNull();
  expect(items).toEqual([
    expect.objectContaining({
      id: '1',
      received_at: '2026-03-02T10:00:00.000Z',
      envelope: { from: 'tara@b2bea.test', to: ['ada@lead.test'] },
      message_id: '<touch-1.1@b2bea.test>',
      from: 'Tara <tara@b2bea.test>',
      to: ['Ada Lovelace <ada@lead.test>'],
      subject: 'Grüße',
      headers: expect.arrayContaining([{ name: 'Subject', value: 'Grüße' }]),
      text: expect.stringContaining('\n.one line begins with a dot\n'),
      html: expect.stringContaining('<p>Hello Ada,</p>'),
      raw: expect.stringMatching(/^List-Unsubscribe: <https:\/\/touchline\.test\/u\/token>\r$/m),
    }),
  ]);
  for (const header of [
    { name: 'List-Unsubscribe', value: '<https://touchline.test/u/token>' },
    { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
    { name: 'In-Reply-To', value: '<r2@lead.test>' },
    { name: 'References', value: '<r1@b2bea.test> <r2@lead.test>' },
    { name: 'Message-ID', value: '<touch-1.1@b2bea.test>' },
  ]) {
    expect(items[0]?.headers).toContainEqual(header);
  }
  expect(Object.keys(JSON.parse(await readFile(join(dir, 'caught.jsonl'), 'utf8')))).toEqual([
    'received_at',
    'envelope',
    'message_id',
    'subject',
    'raw',
  ]);
});

test('the catcher lists the newest messages first, and pages do not shift when mail arrives', async () => {
  const caught = await catcher(await directory());
  await send(caught, ...[1, 2, 3, 4, 5].map((n) => ({ subject: `no ${n}` })));
  const first = await caught.messages({ limit: 2 });
  await send(caught, { subject: 'no 6' });
  const second = await caught.messages({ limit: 2, cursor: first.next_cursor ?? '' });
  const third = await caught.messages({ limit: 2, cursor: second.next_cursor ?? '' });
  const subjects = [first, second, third].map(({ items }) => items.map(({ subject }) => subject));
  expect(subjects).toEqual([['no 5', 'no 4'], ['no 3', 'no 2'], ['no 1']]);
  expect(third.next_cursor).toBeNull();
  expect(caught.message_count).toBe(6);
  await expect(caught.messages({ cursor: 'x' })).rejects.toMatchObject({
    code: 'cursor_invalid',
    status: 400,
  });
});

test('the catcher finds its messages after a restart, past a line that a crash cut off', async () => {
  const dir = await directory();
  const before = await catcher(dir);
  await send(before, { subject: 'no 1' }, { subject: 'no 2' });
  const known = (await before.messages()).items;
  await before.close();
  await appendFile(join(dir, 'caught.jsonl'), '{"received_at":"2026');
  const after = await catcher(dir);
  expect((await after.messages()).items).toEqual(known);
  await send(after, { subject: 'no 3' });
  expect((await after.messages()).items.map(({ id, subject }) => [id, subject])).toEqual([
    ['4', 'no 3'],
    ['2', 'no 2'],
    ['1', 'no 1'],
  ]);
  const again = await openJournal(dir);
  expect(again.recent.map(({ number }) => number)).toEqual([1, 2, 4]);
  await again.close();
  expect((await stat(join(dir, 'caught.jsonl'))).mode & 0o777).toBe(0o600);
});

test('the catcher keeps the newest messages in memory and all of them in the file', async () => {
  const dir = await directory();
  const record = (n: number) => ({
    received_at: '',
    envelope: { from: '', to: [] },
    message_id: `${n}`,
    subject: '',
    raw: `${n}`,
  });
  const journal = await openJournal(dir, 3);
  const numbers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => journal.append(record(n))));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(journal.recent.map(({ record: { raw } }) => raw)).toEqual(['6', '7', '8']);
  await journal.close();
  const reopened = await openJournal(dir, 3);
  expect(reopened.recent.map(({ number, record: { raw } }) => [number, raw])).toEqual([
    [6, '6'],
    [7, '7'],
    [8, '8'],
  ]);
  expect(reopened.count).toBe(8);
  await reopened.close();
});

test('the catcher accepts any login, no sender, several recipients, and bytes that are not UTF-8', async () => {
  const caught = await catcher(await directory());
  const login = Buffer.from('\0ada\0whatever').toString('base64');
  const lines = [
    'EHLO x',
    `AUTH PLAIN ${login}`,
    'MAIL FROM:<>',
    'RCPT TO:<a@x.test>',
    'RCPT TO:<b@x.test>',
    'DATA',
    'Subject: plain\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xfc\xdfe\r\n.',
    'QUIT',
  ];
  await dialogue(caught.port, lines);
  const { items } = await caught.messages();
  expect(items).toMatchObject([
    {
      envelope: { from: '', to: ['a@x.test', 'b@x.test'] },
      from: '',
      to: [],
      message_id: '',
      text: 'grüße\n',
    },
  ]);
});

test('the catcher shows an unreadable message as its source, and its neighbors as usual', async () => {
  const caught = await catcher(await directory());
  const level = (at: number) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`;
  const deep = Array.from({ length: 101 }, (_, at) => level(at)).join('');
  const lines = [
    'EHLO x',
    'MAIL FROM:<a@x.test>',
    'RCPT TO:<b@x.test>',
    'DATA',
    `${deep}\r\nhello\r\n.`,
    'QUIT',
  ];
  await dialogue(caught.port, lines);
  await send(caught, { subject: 'no 2' });
  const { items } = await caught.messages();
  expect(items).toMatchObject([
    { subject: 'no 2', text: expect.stringContaining('Hello') },
    { subject: '', text: '', html: '', headers: [], raw: expect.stringContaining('boundary=b100') },
  ]);
});

test('the catcher refuses a message above the size limit and does not keep it', async () => {
  const caught = await catcher(await directory());
  const sender = smtpSender({ url: caught.url, connection_timeout_ms: 5_000, socket_timeout_ms: 20_000 });
  open.push(sender.close);
  const outcome = await sender.send(mail({ text: `${'x'.repeat(70)}\n`.repeat(80_000) }));
  expect(outcome).toMatchObject({ kind: 'rejected', smtp_code: 552, scope: 'message' });
  expect(caught.message_count).toBe(0);
});

test('the catcher reports that the port is taken', async () => {
  const caught = await catcher(await directory());
  const second = startCatcher({ clock, dir: await directory(), port: caught.port });
  await expect(second).rejects.toMatchObject({ code: 'catcher_unavailable', status: 503 });
});

/** Sends each line after the reply to the previous one; resolves when the server has closed. */
function dialogue(port: number, lines: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let turn = 0;
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      if (/^[45]/.test(text)) reject(new Error(text));
      if (/^\d{3} .*\r\n$/m.test(text) && turn < lines.length) socket.write(`${lines[turn++]}\r\n`, 'latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}
