import { expect, test } from 'vitest';
import type { InboundMail } from './messages.ts';
import { readMail } from './read_mail.ts';

function read(source: string): InboundMail {
  const mail = readMail(Buffer.from(source.replaceAll('\n', '\r\n')));
  if ('fault' in mail) throw new Error(mail.fault);
  return mail;
}

test('a plain reply yields ids, people, the sender’s own day, text and links', () => {
  const mail = read(`Delivered-To: sales@ours.example
Received: by mx.ours.example; Mon, 27 Jul 2026 08:00:00 +0000
Message-ID: <a1@buyer.example>
In-Reply-To: <0b6f@mail.ours.example>
References: <first@mail.ours.example> not-an-id <0b6f@mail.ours.example>
From: =?utf-8?Q?Eink=C3=A4ufe?= <Purchasing@Buyer.example>
To: Sales <sales@ours.example>, Team: office@ours.example;
Date: Mon, 27 Jul 2026 23:30:00 -0400 (EDT)
Subject: =?iso-8859-1?Q?R=FCckfrage?=
 =?utf-8?B?IHp1bSBBbmdlYm90?=
Content-Type: text/plain; charset=utf-8; format=flowed

See https://ours.example/u/abc123. Thanks`);
  expect(mail).toMatchObject({
    message_id: '<a1@buyer.example>',
    in_reply_to: '<0b6f@mail.ours.example>',
    references: ['<first@mail.ours.example>', '<0b6f@mail.ours.example>'],
    from: { name: 'Einkäufe', address: 'purchasing@buyer.example' },
    to: ['sales@ours.example', 'office@ours.example'],
    delivered_to: ['sales@ours.example'],
    date: '2026-07-27T23:30:00-04:00',
    subject: 'Rückfrage zum Angebot',
    text: 'See https://ours.example/u/abc123. Thanks',
    links: ['https://ours.example/u/abc123'],
    delivery_status: null,
    feedback: null,
    returned: null,
    attachments: [],
  });
});

test('only the newest hundred references are kept, and only well-formed ones', () => {
  const ids = Array.from({ length: 150 }, (_, index) => `<id${index}@x.example>`);
  const mail = read(`References: ${ids.join('\n ')} <a b@x.example> <@> <x@y\nMessage-ID: nonsense\n\nhello`);
  expect(mail.references).toEqual(ids.slice(50));
  expect(mail.message_id).toBeNull();
});

test('a report yields recipients and the headers of the returned message', () => {
  const mail = read(`Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Original-Recipient: rfc822;Purchasing@buyer.example
Final-Recipient: rfc822; <archive@buyer.example>
Action: Failed (bad destination)
Status: 5.1.1 (unknown)
Diagnostic-Code: smtp; 550
 user unknown
--r
Content-Type: message/rfc822

Message-ID: <0b6f@mail.ours.example>
To: purchasing@buyer.example
Subject: Hello
List-Unsubscribe: <https://ours.example/u/abc123>
X-Touchline-Attempt: 0b6f

Message-ID: <another@mail.ours.example>
--r--
`);
  expect(mail.delivery_status).toEqual([
    {
      action: 'failed',
      status: '5.1.1',
      diagnostic_code: '550 user unknown',
      final_recipient: 'archive@buyer.example',
      original_recipient: 'purchasing@buyer.example',
    },
  ]);
  expect(mail.returned).toEqual({
    message_id: '<0b6f@mail.ours.example>',
    to: ['purchasing@buyer.example'],
    subject: 'Hello',
    list_unsubscribe: '<https://ours.example/u/abc123>',
    x_headers: { 'x-touchline-attempt': '0b6f' },
  });
});

test('a return without MIME is recognized by its words', () => {
  const mail = read(`From: MAILER-DAEMON@relay.example

Delivery failed.

--- Below this line is a copy of the message.

Received: from x
Message-ID: <0b6f@mail.ours.example>
To: purchasing@buyer.example

Hello`);
  expect(mail.returned?.message_id).toBe('<0b6f@mail.ours.example>');
  expect(mail.returned?.to).toEqual(['purchasing@buyer.example']);
});

test('HTML becomes the text that it shows, with marked quotes and kept links', () => {
  const mail = read(`Content-Type: text/html

<head><title>t</title><style>a{}</style></head><p>One &amp; <b>two</b></p><ul><li>three<li>four</ul><script>bad()</script>
<span style="DISPLAY : none">hidden</span><a href="https://ours.example/u/abc?a=1&amp;b=2">Unsubscribe</a><blockquote>old<blockquote>older</blockquote></blockquote>`);
  expect(mail.text).toBe('One & two\n\n- three\n- four\nUnsubscribe\n> old\n> > older');
  expect(mail.links).toEqual(['https://ours.example/u/abc?a=1&b=2']);
});

test('HTML entities of every name are read, padding is removed, and link parameters are kept', () => {
  const mail = read(`Content-Type: text/html

<p>Caf&eacute; &rarr; 5&nbsp;&euro; &hellip; &#x80; &#0; &unknown;&zwnj;&shy;</p>
<a href="https://ours.example/?a=1&copy=2&amp;b=3">link</a>`);
  expect(mail.text).toBe('Café → 5 € … € \ufffd &unknown;\n\nlink');
  expect(mail.links).toEqual(['https://ours.example/?a=1&copy=2&b=3']);
});

test('attachments are named but not read; controls and direction marks are removed', () => {
  const mail = read(`Subject: a\u0007b\u202ec
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: text/plain

hello
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=utf-8''Angebot%20; filename*1="2026.pdf"

%PDF
--m
Content-Type: application/octet-stream

x
--m--`);
  expect(mail.attachments).toEqual(['Angebot 2026.pdf', 'unnamed']);
  expect(mail.text).toBe('hello');
  expect(mail.subject).toBe('abc');
});

test.each([
  ['Mon, 27 Jul 2026 09:00 GMT', '2026-07-27T09:00:00+00:00'],
  ['27 Jul 26 09:00:00 PDT', '2026-07-27T09:00:00-07:00'],
  ['Mon, 31 Feb 2026 09:00:00 +0000', null],
  ['Mon, 27 Jul 2026 25:00:00 +0000', null],
  ['27.07.2026', null],
  ['Mon, 27 Jul 1926 09:00:00 +0000', null],
])('the date %s is %s', (written, date) => {
  expect(read(`Date: ${written}\n\nx`).date).toBe(date);
});
