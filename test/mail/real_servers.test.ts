import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { imapReceiver } from '../../src/connectors/imap.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { mail } from '../connectors/mail.ts';
import { type Dovecot, dovecotMissing, startDovecot } from './dovecot.ts';
import { type MailStore, newStore, receiveInto, smallMail } from './mail_store.ts';
import { type Postfix, postfixMissing, startPostfix } from './postfix.ts';

/* The server in the process behaves as its author expects of servers. These are real ones, if the machine has them. */

const LONG = { timeout: 20_000, interval: 10 };
const missing = dovecotMissing() ?? postfixMissing();
const TARA = 'tara@b2bea.test';
const ADA = 'ada@lead.test';

describe(`Dovecot and Postfix${missing === null ? '' : ` (left out: ${missing})`}`, () => {
  let dovecot: Dovecot;
  let postfix: Postfix;
  const open: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    if (missing !== null) return;
    dovecot = await startDovecot();
    postfix = await startPostfix(dovecot.maildirs, [TARA, ADA]);
  });
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''));
  afterAll(async () => {
    for (const close of open.splice(0).reverse()) await close();
    await postfix?.close();
    await dovecot?.close();
  });

  function receiver(address: string, changes: Partial<Parameters<typeof imapReceiver>[0]> = {}) {
    const backoff_ms = { least: 10, longest: 100 };
    return imapReceiver({ url: dovecot.url(address), ca: dovecot.ca, backoff_ms, ...changes });
  }

  function watch(address: string, ...options: Parameters<typeof receiveInto>[2][]): MailStore {
    const store = newStore();
    open.push(receiveInto(store, receiver(address), ...options).stop);
    return store;
  }

  async function watching(store: MailStore): Promise<void> {
    await expect.poll(() => store.states.at(-1)?.kind, LONG).toBe('watching');
  }

  test('existing and new messages arrive byte by byte, within a second, and stay unread', async () => {
    const address = 'bytes@b2bea.test';
    const raw = Buffer.from(`${smallMail('a')}\r\nlatin1 \xe9, utf8 \u{1f600}, a dot\r\n.\r\n`);
    await dovecot.deliver(address, '1.a', raw);
    const store = watch(address);
    await watching(store);
    expect(store.mails[0]).toMatchObject({ uid: 1, size_bytes: raw.length, raw, fault: null });
    expect(store.mails[0]?.internal_date).toBeInstanceOf(Date);
    const began_ms = performance.now();
    await dovecot.deliver(address, '2.b', smallMail('b'));
    await expect.poll(() => store.bodies()[1], LONG).toBe('b');
    expect(performance.now() - began_ms).toBeLessThan(3_000);
    // Only opening a folder for writing moves mail out of `new`.
    const again = watch(address);
    await watching(again);
    expect(again.mails.map(({ raw }) => raw)).toEqual(store.mails.map(({ raw }) => raw));
    expect(await dovecot.flags(address)).toEqual(['', '']);
  });

  test('the junk folder is read', async () => {
    const address = 'junk@b2bea.test';
    await dovecot.deliver(address, '1.a', smallMail('spam?'), 'Junk');
    const store = watch(address, { folder: 'junk' });
    await expect.poll(() => store.bodies(), LONG).toEqual(['spam?']);
  });

  test('ended sessions and a restart neither lose nor duplicate a message', async () => {
    const address = 'restarts@b2bea.test';
    const store = watch(address);
    const names: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 10; n++) {
        names.push(`${round}${n}`);
        await dovecot.deliver(address, `${names.length}.m`, smallMail(`${round}${n}`));
      }
      if (round === 2) await dovecot.restart();
      else await expect.poll(() => dovecot.kick(address), LONG).toBe(true);
    }
    await expect.poll(() => store.mails.length, LONG).toBe(names.length);
    expect(store.bodies().toSorted()).toEqual(names);
    const uids = store.mails.map(({ uid }) => uid);
    expect(uids).toEqual(uids.toSorted((a, b) => a - b));
    expect(store.again).toEqual([]);
    expect(store.states.filter(({ kind }) => kind === 'lost').length).toBeGreaterThanOrEqual(4);
  });

  test('an oversized message is reported', async () => {
    const address = 'big@b2bea.test';
    await dovecot.deliver(address, '1.a', `${smallMail('a')}${'x'.repeat(100_000)}`);
    const store = newStore();
    open.push(receiveInto(store, receiver(address, { max_bytes: 50_000 })).stop);
    await expect.poll(() => store.mails[0]?.fault, LONG).toBe('too_big');
    expect(store.mails[0]?.raw.toString()).toMatch(/^Message-ID: <a@lead\.test>.*\r\n\r\n$/s);
  });

  test('a refused login is reported', async () => {
    const url = dovecot.url(TARA).replace(/:[^:@]+@/, ':wrong@');
    const receiving = receiveInto(newStore(), receiver(TARA, { url }));
    expect(await receiving.ended).toMatchObject({ kind: 'refused' });
    await expect(receiver(TARA, { url }).verify()).rejects.toMatchObject({ code: 'mailbox_refused' });
    await receiver(TARA).verify();
    await receiver(TARA).verify('junk');
  });

  test('an outgoing message reaches its recipient through Postfix', async () => {
    const store = watch(ADA);
    await sendsOne(ADA, '<to-ada@b2bea.test>');
    await expect.poll(() => store.mails.length, LONG).toBe(1);
    const source = store.mails[0]?.raw.toString() ?? '';
    expect(source).toMatch(/^Return-Path: <tara@b2bea\.test>/m);
    expect(source).toMatch(/^Message-ID: <to-ada@b2bea\.test>/m);
  });

  test('a message to an unknown address returns as a report that names the address', async () => {
    const store = watch(TARA);
    await sendsOne('nobody@lead.test', '<to-nobody@b2bea.test>');
    await expect.poll(() => store.mails.length, LONG).toBe(1);
    const source = store.mails[0]?.raw.toString() ?? '';
    expect(source).toMatch(/^Content-Type: multipart\/report; report-type=delivery-status/m);
    expect(source).toMatch(/^Action: failed/m);
    expect(source).toMatch(/^Status: 5\.1\.1/m);
    expect(source).toMatch(/^Final-Recipient: rfc822; nobody@lead\.test/m);
    expect(source).toMatch(/^Message-ID: <to-nobody@b2bea\.test>/m);
  });

  async function sendsOne(address: string, message_id: string): Promise<void> {
    const timeouts = { connection_timeout_ms: 10_000, socket_timeout_ms: 10_000 };
    const sender = smtpSender({ url: postfix.url, ...timeouts });
    open.push(sender.close);
    const outcome = await sender.send(mail({ message_id, to: { address } }));
    expect(outcome, postfix.log()).toMatchObject({ kind: 'sent' });
  }
});
