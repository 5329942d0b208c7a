import { afterEach, describe, expect, test } from 'vitest';
import type { ImapServerOptions } from '../../test/mail/imap_dialogue.ts';
import { type ImapServer, startImapServer } from '../../test/mail/imap_server.ts';
import {
  type MailStore,
  newStore,
  type Receiving,
  receiveInto,
  smallMail,
} from '../../test/mail/mail_store.ts';
import { type ImapReceiverOptions, imapReceiver } from './imap.ts';
import type { MailReceiver } from './mail_receiver.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const LONG = { timeout: 10_000, interval: 5 };

async function serve(options?: ImapServerOptions): Promise<ImapServer> {
  const server = await startImapServer(options);
  open.push(server.close);
  return server;
}

function receiver(url: string, options: Partial<ImapReceiverOptions> = {}): MailReceiver {
  return imapReceiver({ url, backoff_ms: { least: 1, longest: 20 }, ...options });
}

function watch(server: ImapServer, store: MailStore, options: Partial<ImapReceiverOptions> = {}): Receiving {
  const receiving = receiveInto(store, receiver(server.url, options));
  open.push(receiving.stop);
  return receiving;
}

async function watching(store: MailStore): Promise<void> {
  await expect.poll(() => store.states.at(-1)?.kind, LONG).toBe('watching');
}

describe('messages handed to the caller', () => {
  test('existing and new messages arrive with bytes, UID and date, and none is marked as read', async () => {
    const server = await serve();
    const raw = Buffer.concat([Buffer.from(smallMail('first')), Buffer.from([0, 0xff, 0x0d, 0x0a, 0x80])]);
    server.append(raw, { internal_date: new Date('2026-03-02T10:00:00Z') });
    server.append('', { internal_date: new Date('2026-03-02T10:00:00Z') });
    const store = newStore();
    watch(server, store);
    await watching(store);
    expect(store.mails[0]).toEqual({
      folder: 'inbox',
      uid_validity: 1_000,
      uid: 1,
      internal_date: new Date('2026-03-02T10:00:00Z'),
      size_bytes: raw.length,
      raw,
      fault: null,
    });
    expect(store.mails[1]).toMatchObject({ uid: 2, size_bytes: 0, fault: null });
    expect(server.commands.filter((command) => /^(SELECT|STORE|UID STORE|EXPUNGE)/.test(command))).toEqual(
      [],
    );
  });

  test('IDLE delivers a new message within a second, without polling', async () => {
    const server = await serve();
    const store = newStore();
    watch(server, store, { poll_ms: 60_000 });
    await watching(store);
    await expect.poll(() => server.commands.at(-1), LONG).toBe('IDLE');
    const began_ms = performance.now();
    server.append(smallMail('news'));
    await expect.poll(() => store.bodies(), { timeout: 5_000, interval: 2 }).toEqual(['news']);
    expect(performance.now() - began_ms).toBeLessThan(1_000);
    expect(store.states).toEqual([{ kind: 'watching', by: 'idle' }]);
    expect(server.commands).not.toContain('NOOP');
  });

  test('without IDLE the reader polls the server', async () => {
    const server = await serve({ idle: false });
    const store = newStore();
    watch(server, store, { poll_ms: 10 });
    await watching(store);
    server.append(smallMail('news'));
    await expect.poll(() => store.bodies(), LONG).toEqual(['news']);
    expect(store.states).toEqual([{ kind: 'watching', by: 'poll' }]);
    expect(server.commands).toContain('NOOP');
    expect(server.sessions).toBe(1);
  });

  test('IDLE is renewed in time, on the same session', async () => {
    const server = await serve();
    watch(server, newStore(), { idle_ms: 10 });
    await expect
      .poll(() => server.commands.filter((command) => command === 'IDLE').length, LONG)
      .toBeGreaterThan(3);
    expect(server.sessions).toBe(1);
  });

  test('the first read covers only messages since the given day', async () => {
    const server = await serve();
    server.append(smallMail('old'), { internal_date: new Date('2025-06-01T00:00:00Z') });
    server.append(smallMail('young'), { internal_date: new Date('2026-02-01T00:00:00Z') });
    server.append(smallMail('moved here'), { internal_date: new Date('2025-06-01T00:00:00Z') });
    const store = newStore();
    watch(server, store);
    await watching(store);
    expect(store.bodies()).toEqual(['young']);
    expect(store.cursor).toEqual({ uid_validity: 1_000, last_uid: 3 });
    server.append(smallMail('old, but new here'), { internal_date: new Date('2025-06-01T00:00:00Z') });
    await expect.poll(() => store.bodies(), LONG).toEqual(['young', 'old, but new here']);
  });

  test('the junk folder is read if requested', async () => {
    const server = await serve();
    server.append(smallMail('spam?'), { folder: 'Spam' });
    const store = newStore();
    open.push(receiveInto(store, receiver(server.url), { folder: 'junk' }).stop);
    await expect.poll(() => store.bodies(), LONG).toEqual(['spam?']);
    expect(store.mails[0]).toMatchObject({ folder: 'junk', uid_validity: 2_000 });
  });

  test('a message removed before it is read is skipped', async () => {
    const server = await serve();
    for (const name of ['a', 'b', 'c']) server.append(smallMail(name));
    const store = newStore();
    let done = false;
    server.fail((point) => {
      if (point === 'fetched' && !done) {
        done = true;
        server.expunge(2);
      }
      return null;
    });
    watch(server, store);
    await watching(store);
    expect(store.bodies()).toEqual(['a', 'c']);
    expect(server.sessions).toBe(1);
  });
});

describe('a cursor that does not fit', () => {
  test('after a new UIDVALIDITY, messages since the given day are read again, then new ones', async () => {
    const server = await serve();
    for (const name of ['a', 'b']) server.append(smallMail(name));
    const store = newStore();
    watch(server, store);
    await watching(store);
    server.renumber();
    await expect.poll(() => store.bodies(), LONG).toEqual(['a', 'b', 'b', 'a']);
    server.append(smallMail('c'));
    await expect.poll(() => store.bodies().slice(4), LONG).toEqual(['c']);
    expect(store.cursor).toEqual({ uid_validity: 1_001, last_uid: 3 });
    expect(store.again).toEqual([]);
  });

  test('a restored server that reuses UIDs has no message skipped as seen', async () => {
    const server = await serve();
    for (const name of ['a', 'b', 'c']) server.append(smallMail(name));
    const store = newStore();
    watch(server, store);
    await watching(store);
    server.restore(2);
    await expect.poll(() => store.cursor?.last_uid, LONG).toBe(1);
    server.append(smallMail('d'));
    await expect.poll(() => store.bodies(), LONG).toEqual(['a', 'b', 'c', 'a', 'd']);
  });
});

describe('a message that cannot be read', () => {
  test('an oversized message yields its header and an error, and later messages follow', async () => {
    const server = await serve();
    const source = `${smallMail('big')}${'x'.repeat(5_000)}`;
    server.append(source);
    server.append(smallMail('behind'));
    const store = newStore();
    watch(server, store, { max_bytes: 1_000 });
    await watching(store);
    const [big, behind] = store.mails;
    expect(big).toMatchObject({ uid: 1, fault: 'too_big', size_bytes: source.length });
    expect(big?.raw.toString()).toBe(source.slice(0, source.indexOf('big', 20)));
    expect(behind).toMatchObject({ uid: 2, fault: null });
  });

  test.each([
    ['refuses', 'NO [SERVERBUG] it is broken'],
    ['ignores', ''],
  ])('a message that the server %s is set aside after three sessions', async (_name, text) => {
    const server = await serve({ instead: (uid) => (uid === 2 ? text : null) });
    for (const name of ['a', 'b', 'c']) server.append(smallMail(name));
    const store = newStore();
    watch(server, store);
    await watching(store);
    expect(store.mails.map(({ uid, fault }) => [uid, fault])).toEqual([
      [1, null],
      [2, 'unreadable'],
      [3, null],
    ]);
    expect(server.sessions).toBe(4);
    expect(store.again).toEqual([]);
  });
});
