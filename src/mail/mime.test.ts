import { generateKeyPairSync } from 'node:crypto';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { verifyDkim } from '../../test/connectors/dkim_verify.ts';
import { mail } from '../../test/connectors/mail.ts';
import type { OutboundMail } from './messages.ts';
import { buildMime } from './mime.ts';

const parsed = async (changes: Partial<OutboundMail> = {}) =>
  PostalMime.parse(await buildMime(mail(changes)));

test('headers and both parts', async () => {
  const email = await parsed({
    subject: 'Grüße, "Ada" <x@y.test>',
    to: { name: 'Lovelace, "Ada" <evil@z.test>', address: 'ada@lead.test' },
    in_reply_to: '<r2@lead.test>',
    references: ['<r1@b2bea.test>', '<r2@lead.test>'],
    headers: { 'X-Touchline-Item': '42' },
  });
  expect(email).toMatchObject({
    from: { name: 'Tara', address: 'tara@b2bea.test' },
    to: [{ name: 'Lovelace, "Ada" <evil@z.test>', address: 'ada@lead.test' }],
    subject: 'Grüße, "Ada" <x@y.test>',
    messageId: '<touch-1.1@b2bea.test>',
    inReplyTo: '<r2@lead.test>',
    references: '<r1@b2bea.test> <r2@lead.test>',
    date: '2026-03-02T10:00:00.000Z',
  });
  const header = (name: string) => email.headers.filter(({ key }) => key === name).map(({ value }) => value);
  expect(header('list-unsubscribe')).toEqual(['<https://touchline.test/u/token>']);
  expect(header('list-unsubscribe-post')).toEqual(['List-Unsubscribe=One-Click']);
  expect(header('x-touchline-item')).toEqual(['42']);
  expect(email.attachments).toEqual([]);
});

test('both parts show the text as text, with the footer', async () => {
  const hostile =
    'Hi <b>Ada</b> & "co"\n\n<script>alert(1)</script>\u0000\u001b\r\nNew line\n\n--_NmP-x\nFrom me\n.';
  const email = await parsed({ text: hostile });
  const text = 'Hi <b>Ada</b> & "co"\n\n<script>alert(1)</script>\nNew line\n\n--_NmP-x\nFrom me\n.';
  const footer = '\n\n---\nB2BEA\n1 Main Street\nSpringfield\nUnsubscribe: https://touchline.test/u/token\n';
  expect(email.text).toBe(text + footer);
  expect(email.html).toContain('<p>Hi &lt;b&gt;Ada&lt;/b&gt; &amp; &quot;co&quot;</p>');
  expect(email.html).toContain('<p>&lt;script&gt;alert(1)&lt;/script&gt;<br>\nNew line</p>');
  expect(email.html).toContain('1 Main Street<br>\nSpringfield<br>');
  expect(email.html).toContain('<a href="https://touchline.test/u/token">Unsubscribe</a>');
  expect(
    email.html
      ?.match(/<[a-z/!][^>]*>/gi)
      ?.every((tag) =>
        /^<\/?(!doctype html|html|head|meta charset="utf-8"|body|p|br|hr|small|a( href="https:[^"]*")?)>$/.test(
          tag,
        ),
      ),
  ).toBe(true);
});

test('the footer is left out only on request', async () => {
  const email = await parsed({ footer: null });
  expect(email.text).not.toContain('---');
  expect(email.html).not.toContain('<hr>');
});

test('bytes: ASCII, CRLF, lines of at most 998 characters, and the same each time', async () => {
  const message = mail({ text: `${'ä'.repeat(3_000)} ${'x'.repeat(3_000)}`, subject: `${'ü'.repeat(400)}` });
  const mime = await buildMime(message);
  const lines = mime.toString('latin1').split('\r\n');
  expect(lines.every((line) => /^[\t\x20-\x7e]{0,998}$/.test(line))).toBe(true);
  expect(mime.equals(await buildMime(message))).toBe(true);
  expect((await PostalMime.parse(mime)).subject).toBe(message.subject);
});

test('a long unsubscribe address stays in one piece', async () => {
  const list_unsubscribe_url = `https://touchline.test/u/${'k'.repeat(600)}`;
  const email = await parsed({ list_unsubscribe_url });
  expect(email.headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe(
    `<${list_unsubscribe_url}>`,
  );
});

describe('refused', () => {
  const bad: [string, Partial<OutboundMail>][] = [
    ['subject', { subject: 'Hi\r\nBcc: evil@z.test' }],
    ['subject', { subject: 'Hi\nBcc: evil@z.test' }],
    ['subject', { subject: 'Hi\rX' }],
    ['subject', { subject: 'Hi\0' }],
    ['subject', { subject: 'Hi\u2028Bcc: evil@z.test' }],
    ['subject', { subject: 'x'.repeat(1_000) }],
    ['from', { from: { name: 'Tara\r\nBcc: evil@z.test', address: 'tara@b2bea.test' } }],
    ['to', { to: { name: 'Ada\r\n\r\nbody', address: 'ada@lead.test' } }],
    ['message_id', { message_id: 'no-brackets@b2bea.test' }],
    ['message_id', { message_id: '<a@b>\r\nBcc: evil@z.test' }],
    ['message_id', { message_id: '<a@b> <c@d>' }],
    ['in_reply_to', { in_reply_to: '<a@b>\r\nX: y' }],
    ['references', { references: ['<a@b>', '<c@d>\nBcc: evil@z.test'] }],
    ['list_unsubscribe_url', { list_unsubscribe_url: 'mailto:x@y.test' }],
    ['list_unsubscribe_url', { list_unsubscribe_url: 'javascript:alert(1)' }],
    ['list_unsubscribe_url', { list_unsubscribe_url: 'https://u:p@x.test/' }],
    ['list_unsubscribe_url', { list_unsubscribe_url: 'https://x.test/>,<https://evil.test/' }],
    ['list_unsubscribe_url', { list_unsubscribe_url: 'https://x.test/\r\nBcc: evil@z.test' }],
    ['list_unsubscribe_url', { list_unsubscribe_url: 'not a url' }],
    ['headers.Bcc', { headers: { Bcc: 'evil@z.test' } }],
    ['headers.bcc', { headers: { bcc: 'evil@z.test' } }],
    ['headers.Content-Type', { headers: { 'Content-Type': 'text/html' } }],
    ['headers.List-Unsubscribe-Post', { headers: { 'List-Unsubscribe-Post': 'no' } }],
    ['headers', { headers: { 'X-A\r\nBcc': 'evil@z.test' } }],
    ['headers', { headers: { 'X A': '1' } }],
    ['headers.X-A', { headers: { 'X-A': '1\r\nBcc: evil@z.test' } }],
    [
      'footer.sender_name',
      { footer: { sender_name: ' ', postal_address: 'x', unsubscribe_url: 'https://x.test' } },
    ],
    [
      'footer.postal_address',
      { footer: { sender_name: 'x', postal_address: '\n', unsubscribe_url: 'https://x.test' } },
    ],
    ['footer.unsubscribe_url', { footer: { sender_name: 'x', postal_address: 'x', unsubscribe_url: 'x' } }],
  ];
  test.each(bad)('%s (%#)', async (path, changes) => {
    await expect(buildMime(mail(changes))).rejects.toMatchObject({
      code: 'mail_header_invalid',
      errors: [{ path }],
    });
  });

  test.each(['b@y.test\r\nBcc: evil@z.test', 'a@x.test, b@y.test', 'Ada <b@y.test>'])(
    'address %j',
    async (address) => {
      await expect(buildMime(mail({ to: { address } }))).rejects.toMatchObject({
        code: 'mail_address_invalid',
      });
      await expect(buildMime(mail({ from: { name: '', address } }))).rejects.toMatchObject({
        code: 'mail_address_invalid',
      });
    },
  );
});

describe('DKIM', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const dkim = {
    domain: 'b2bea.test',
    selector: 's1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const public_key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const reply = mail({
    dkim,
    in_reply_to: '<r@lead.test>',
    references: ['<r@lead.test>'],
    text: 'Hi  Ada \n\n\n',
  });
  const signed = async (message: OutboundMail) => (await buildMime(message)).toString('latin1');
  const holds = (source: string) => {
    const { body_holds, signature_holds } = verifyDkim(source, public_key);
    return body_holds && signature_holds;
  };

  test('the signature covers everything that readers and mail programs rely on', async () => {
    const source = await signed(reply);
    const { tags, signed_names } = verifyDkim(source, public_key);
    expect(holds(source)).toBe(true);
    expect(tags).toMatchObject({ v: '1', d: 'b2bea.test', s: 's1', a: 'rsa-sha256', c: 'relaxed/relaxed' });
    expect(signed_names).toEqual(
      expect.arrayContaining([
        ...['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'],
        ...['in-reply-to', 'references', 'list-unsubscribe', 'list-unsubscribe-post'],
      ]),
    );
    expect(source.split('\r\n').every((line) => line.length <= 998)).toBe(true);
  });

  test.each([
    ['the subject', /^Subject: .*$/m, 'Subject: Other'],
    ['the unsubscribe address', 'https://touchline.test/u/token>', 'https://evil.test/u/token>'],
    ['the one-click header', 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n', ''],
    ['a second From', 'From: ', 'From: evil@z.test\r\nFrom: '],
    ['an added Reply-To', 'From: ', 'Reply-To: evil@z.test\r\nFrom: '],
    ['a second Subject', 'From: ', 'Subject: Win\r\nFrom: '],
    ['the text', 'Hi ', 'Ho '],
  ])('a change in transit breaks the signature: %s', async (_name, from, to) => {
    const source = await signed(reply);
    const changed = source.replace(from, to);
    expect(changed).not.toBe(source);
    expect(holds(changed)).toBe(false);
  });

  test('white space and folding in transit keep the signature valid', async () => {
    const source = await signed(reply);
    const refolded = source.replace('Subject: A question', 'SUBJECT:  A\r\n\tquestion ');
    expect(refolded).not.toBe(source);
    expect(holds(refolded)).toBe(true);
  });

  test('without a key the message is unsigned, with one the bytes are the same each time', async () => {
    expect(await signed(mail())).not.toMatch(/^dkim-signature/im);
    expect(await signed(reply)).toBe(await signed(reply));
  });

  test('with a key that cannot sign, no message is sent', async () => {
    const broken = { ...dkim, private_key: 'not a key' };
    await expect(buildMime(mail({ dkim: broken }))).rejects.toMatchObject({ code: 'dkim_key_invalid' });
    const short = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey;
    const private_key = short.export({ type: 'pkcs8', format: 'pem' }).toString();
    await expect(buildMime(mail({ dkim: { ...dkim, private_key } }))).rejects.toThrow(/512 bits/);
  });
});
