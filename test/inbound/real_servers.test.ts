import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { imapReceiver } from '../../src/connectors/imap.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import type { SalesSendQueueRow } from '../../src/schema.gen.ts';
import { startMailboxReceivers } from '../../src/worker/receive_mailboxes.ts';
import { testDatabase } from '../database.ts';
import { type Dovecot, dovecotMissing, startDovecot } from '../mail/dovecot.ts';
import { newStore, receiveInto } from '../mail/mail_store.ts';
import { type Postfix, postfixMissing, startPostfix } from '../mail/postfix.ts';
import { type ServedProduct, serveProduct } from '../surfaces/product.ts';
import { DAY_MS } from '../world.ts';
import { absence, answer, CAMPAIGN, enrollmentsOf, lastMessage, leadOf, received } from './inbound_world.ts';

/* A campaign over a real Postfix and a real Dovecot, and the unsubscribe link over HTTP, as a recipient uses them. */

const { db } = await testDatabase();
const missing = dovecotMissing() ?? postfixMissing();
const BROOKE = 'brooke@b2bea.test';
const REPLYING = 'replying@lead.test';
const AWAY = 'away@lead.test';
const LEAVING = 'leaving@lead.test';
/** An address unknown to Postfix. */
const GONE = 'gone@lead.test';

describe(`a campaign over Dovecot and Postfix${missing === null ? '' : ` (left out: ${missing})`}`, () => {
  let dovecot: Dovecot;
  let postfix: Postfix;
  let product: ServedProduct;
  const open: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    if (missing !== null) return;
    dovecot = await startDovecot();
    postfix = await startPostfix(dovecot.maildirs, [BROOKE, REPLYING, AWAY, LEAVING]);
    const mail = smtpSender({ url: postfix.url, connection_timeout_ms: 10_000, socket_timeout_ms: 10_000 });
    product = await serveProduct(db, {}, { mail, sender_address: BROOKE });
    open.push(mail.close, product.close);
  });
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''));
  afterAll(async () => {
    for (const close of open.splice(0).reverse()) await close();
    await postfix?.close();
    await dovecot?.close();
  });

  function reader(address: string) {
    const backoff_ms = { least: 10, longest: 100 };
    return imapReceiver({ url: dovecot.url(address), ca: dovecot.ca, backoff_ms });
  }

  /** A lead's inbox, as its own mail program reads it. */
  function inboxOf(address: string) {
    const store = newStore();
    open.push(receiveInto(store, reader(address)).stop);
    return store;
  }

  async function sendsBack(from: string, raw: string): Promise<void> {
    const transport = createTransport({ host: '127.0.0.1', port: postfix.port, ignoreTLS: true });
    await transport.sendMail({ envelope: { from, to: BROOKE }, raw });
    transport.close();
  }

  test('replies and bounces stop, suppress, postpone and release touches', {
    timeout: 120_000,
  }, async () => {
    const { world } = product;
    const inboxes = new Map([REPLYING, AWAY, LEAVING].map((address) => [address, inboxOf(address)]));
    const arrived = (address: string) => inboxes.get(address)!.mails.length;
    const leads = new Map<string, string>();
    for (const email of [REPLYING, AWAY, LEAVING, GONE]) {
      const lead_id = await world.addLead({ email });
      leads.set(email, lead_id);
      await world.request(lead_id, CAMPAIGN);
      await world.work();
      await world.approve(lead_id);
    }
    // Another enrollment of the same lead, whose first touch is due later.
    await world.request(leads.get(REPLYING)!, 'b2bea_membership_cs');
    for (const address of inboxes.keys())
      await expect.poll(() => arrived(address), { timeout: 20_000 }).toBe(1);

    const receiver = reader(BROOKE);
    const readers = startMailboxReceivers(world.worker_context, {
      shared: { receiver, user: BROOKE },
      open: () => receiver,
      settings: { lease_ms: 5_000, rest_ms: 50, refused_ms: 50 },
    });
    open.push(() => readers.stop());
    const written = (email: string) => lastMessage(world, leads.get(email)!);
    await sendsBack(REPLYING, answer(await written(REPLYING), 'Who gave you my address?'));
    await sendsBack(AWAY, absence(await written(AWAY), 'I am out of the office until 14 December 2026.'));
    const kinds = (await received(world, 3)).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['bounce', 'out_of_office', 'reply']);
    expect(await world.rows('suppressions')).toMatchObject([{ value: GONE, reason: 'bounced' }]);

    const source = inboxes.get(LEAVING)!.mails[0]!.raw.toString();
    expect(source).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const link = `/u/${/\/u\/([\w-]+)>/.exec(source.replaceAll(/\r\n[ \t]+/g, ''))![1]}`;
    expect(await product.call('GET', link, { key: null })).toMatchObject({ status: 200 });
    expect(await leadOf(world, leads.get(LEAVING)!)).toMatchObject({ unsubscribe_flag: false });
    const one_click = await fetch(product.server.url + link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    expect(one_click.status).toBe(200);
    expect(await leadOf(world, leads.get(LEAVING)!)).toMatchObject({ unsubscribe_flag: true });

    for (let day = 1; day <= 30; day += 1) {
      world.clock.advance(DAY_MS);
      await world.work();
      const drafted = await world.rows<SalesSendQueueRow>('sales_send_queue', `status = 'drafted'`);
      for (const { lead_id } of drafted) await world.approve(lead_id);
    }
    const touches = await world.rows<{ lead_id: string; touched_at: Date }>(
      'touches',
      'true ORDER BY touched_at',
    );
    const of = (email: string) => touches.filter(({ lead_id }) => lead_id === leads.get(email));
    expect([REPLYING, LEAVING, GONE].map((email) => of(email).length)).toEqual([1, 1, 1]);
    expect(of(AWAY).length).toBeGreaterThan(1);
    expect(of(AWAY)[1]!.touched_at.toISOString() > '2026-12-15').toBe(true);
    const mails = (await world.rows('send_attempts', `stage = 'accepted'`)).length - 3;
    await expect.poll(() => arrived(AWAY), { timeout: 20_000 }).toBe(mails);
    expect([REPLYING, LEAVING].map(arrived)).toEqual([1, 1]);
    const stopped = await enrollmentsOf(world, leads.get(REPLYING)!);
    expect(stopped.map(({ status }) => status).filter((status) => status === 'active')).toEqual([]);
  });
});
