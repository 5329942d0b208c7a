import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { mail } from '../../test/connectors/mail.ts';
import { manualClock } from '../../test/manual_clock.ts';
import { startCatcher } from './catcher.ts';
import { type CaughtRecord, openJournal } from './catcher_journal.ts';
import { smtpSender } from './smtp.ts';

/* An erasure removes the person's mail from memory and from the journal, whatever else happens at the same time. */

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function directory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'catcher-'));
  open.push(() => rm(dir, { recursive: true }));
  return dir;
}

async function journalIn(dir: string, max_recent?: number) {
  const journal = await openJournal(dir, max_recent);
  open.push(() => journal.close().catch(() => undefined));
  return journal;
}

const record = (to: string, raw = `To: ${to}\r\n\r\nHello ${to}`): CaughtRecord => ({
  received_at: '2026-03-02T10:00:00.000Z',
  envelope: { from: 'tara@b2bea.test', to: [to] },
  message_id: '',
  subject: '',
  raw,
});
const isTo =
  (address: string) =>
  ({ envelope }: CaughtRecord) =>
    envelope.to.includes(address);
const fileOf = (dir: string) => readFile(join(dir, 'caught.jsonl'), 'utf8');

test('erased messages leave memory and file, old ones included, and the others keep their numbers', async () => {
  const dir = await directory();
  const journal = await journalIn(dir, 2);
  for (const to of ['ada', 'bob', 'ada', 'cy', 'ada']) await journal.append(record(`${to}@lead.test`));
  expect(await journal.erase(isTo('ada@lead.test'))).toBe(3);
  expect(await fileOf(dir)).not.toContain('ada');
  expect(journal.recent.map(({ number }) => number)).toEqual([4]);
  expect(await journal.append(record('dee@lead.test'))).toBe(6);
  expect((await stat(join(dir, 'caught.jsonl'))).mode & 0o777).toBe(0o600);
  await journal.close();
  const again = await journalIn(dir);
  expect(again.recent.map(({ number, record: { envelope } }) => [number, envelope.to[0]])).toEqual([
    [2, 'bob@lead.test'],
    [4, 'cy@lead.test'],
    [6, 'dee@lead.test'],
  ]);
  expect(again.count).toBe(6);
});

test('a file without such a message is unchanged', async () => {
  const dir = await directory();
  const journal = await journalIn(dir);
  await journal.append(record('bob@lead.test'));
  const { ino } = await stat(join(dir, 'caught.jsonl'));
  expect(await journal.erase(isTo('ada@lead.test'))).toBe(0);
  expect((await stat(join(dir, 'caught.jsonl'))).ino).toBe(ino);
  expect(await readdir(dir)).toEqual(['caught.jsonl']);
});

test('a message caught during erasure is appended before or after it, and none is lost', async () => {
  const dir = await directory();
  const journal = await journalIn(dir);
  const appending = Array.from({ length: 40 }, (_, at) =>
    journal.append(record(at % 2 === 0 ? 'ada@lead.test' : `other${at}@lead.test`)),
  );
  const erasing = journal.erase(isTo('ada@lead.test'));
  const later = journal.append(record('ada@lead.test'));
  expect(await erasing).toBe(20);
  expect(await later).toBe(41);
  await Promise.all(appending);
  await journal.close();
  const again = await journalIn(dir);
  expect(again.recent).toHaveLength(21);
});

test('after a crash the file is either the old one or the new one', async () => {
  const dir = await directory();
  const journal = await journalIn(dir);
  await journal.append(record('ada@lead.test'));
  await journal.append(record('bob@lead.test'));
  await journal.close();
  // A crash during the rewrite: the new file is partial, and the journal is whole.
  await writeFile(join(dir, 'caught.jsonl.erasing'), (await fileOf(dir)).slice(0, 50));
  const again = await journalIn(dir);
  expect(again.recent).toHaveLength(2);
  expect(await readdir(dir)).toEqual(['caught.jsonl']);
  expect(await again.erase(isTo('ada@lead.test'))).toBe(1);
  expect(again.recent.map(({ record: { envelope } }) => envelope.to)).toEqual([['bob@lead.test']]);
});

test('erasure removes a line that a crash cut off, because its author is unknown', async () => {
  const dir = await directory();
  await appendFile(
    join(dir, 'caught.jsonl'),
    `${JSON.stringify(record('ada@lead.test'))}\n{"raw":"Dear Ada La`,
  );
  const journal = await journalIn(dir);
  await journal.append(record('bob@lead.test'));
  expect(await journal.erase(isTo('ada@lead.test'))).toBe(1);
  expect(await fileOf(dir)).not.toContain('Ada');
  expect(journal.recent.map(({ number }) => number)).toEqual([3]);
});

test('a line separator inside a message does not end the line', async () => {
  const dir = await directory();
  const journal = await journalIn(dir);
  await journal.append(record('ada@lead.test', 'one\u2028two'));
  await journal.append(record('bob@lead.test', 'three\u2029four'));
  await journal.close();
  const again = await journalIn(dir);
  expect(again.recent.map(({ number, record: { raw } }) => [number, raw])).toEqual([
    [1, 'one\u2028two'],
    [2, 'three\u2029four'],
  ]);
  expect(await again.erase(isTo('ada@lead.test'))).toBe(1);
  expect(await fileOf(dir)).not.toContain('two');
});

test('the catcher lists the addresses of envelope and headers in lower case', async () => {
  const caught = await startCatcher({ clock: manualClock(0), dir: await directory() });
  open.push(() => caught.close());
  const sender = smtpSender({ url: caught.url, connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 });
  await sender.send(mail({}));
  await sender.close();
  const seen: (readonly string[])[] = [];
  expect(
    await caught.erase(({ addresses }) => {
      seen.push(addresses);
      return false;
    }),
  ).toBe(0);
  expect(seen).toEqual([expect.arrayContaining(['tara@b2bea.test', 'ada@lead.test'])]);
  expect(await caught.erase(({ addresses }) => addresses.includes('ada@lead.test'))).toBe(1);
  expect((await caught.messages()).items).toEqual([]);
});
