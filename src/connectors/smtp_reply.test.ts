import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RejectionScope, SmtpStage } from './connector.ts';
import { parseReply, printable, rejectionScope, replyReader } from './smtp_reply.ts';

describe('replyReader', () => {
  test('reads the same replies however the bytes are split', () => {
    const text = Buffer.from(
      '250-one\r\n250-zwei ä\r\n250 2.0.0 three\r\n\r\n354 go\r\n550 5.1.1 no\n421\r\n',
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (sizes) => {
        const reader = replyReader();
        const replies: unknown[] = [];
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn] ?? text.length;
          reader.push(text.subarray(at, at + size));
          at += size;
          for (let next = reader.next(); next !== null; next = reader.next()) replies.push(next);
        }
        expect(replies).toEqual([
          { code: 250, text: '250-one\n250-zwei ä\n250 2.0.0 three' },
          { code: 354, text: '354 go' },
          { code: 550, enhanced: '5.1.1', text: '550 5.1.1 no' },
          { code: 421, text: '421' },
        ]);
        expect(reader.pending()).toBe(false);
      }),
    );
  });

  test('reports an unfinished line, which is not a reply', () => {
    const reader = replyReader();
    reader.push(Buffer.from('250 ok'));
    expect(reader.next()).toBeNull();
    expect(reader.pending()).toBe(true);
  });

  test.each(['banana', '25 ok', '2500 ok', '190 x', '600 x', '250_ok', ' 250 ok', '250-a\r\n251 b'])(
    '%j is malformed',
    (text) => {
      const reader = replyReader();
      reader.push(Buffer.from(`${text}\r\n`));
      expect(reader.next()).toHaveProperty('malformed');
    },
  );

  test('bytes that are not UTF-8 are kept one by one', () => {
    const reader = replyReader();
    reader.push(Buffer.from('550 gr\xfc\xdf\r\n', 'latin1'));
    expect(reader.next()).toMatchObject({ text: '550 grüß' });
  });
});

test('an enhanced code must belong to its reply', () => {
  expect(parseReply('550 5.1.1 no')).toMatchObject({ enhanced: '5.1.1' });
  expect(parseReply('550-5.7.26 no\n550 5.7.26 dmarc')).toMatchObject({ enhanced: '5.7.26' });
  expect(parseReply('550 4.1.1 no')).not.toHaveProperty('enhanced');
  expect(parseReply('550 5.1.1.1 no')).not.toHaveProperty('enhanced');
  expect(parseReply('hello')).toBeNull();
});

test.each<[SmtpStage, string, RejectionScope]>([
  ['open', '554 no', 'sender'],
  ['open', '535 5.7.8 no', 'sender'],
  ['mail', '550 no', 'sender'],
  ['mail', '550 5.1.0 no', 'sender'],
  ['mail', '552 5.3.4 too big', 'message'],
  ['rcpt', '550 no', 'recipient'],
  ['rcpt', '550 5.1.1 no', 'recipient'],
  ['rcpt', '552 5.2.2 full', 'recipient'],
  ['rcpt', '550 5.5.0 mailbox unavailable', 'recipient'],
  ['rcpt', '550 5.1.8 sender rejected', 'sender'],
  ['rcpt', '554 5.7.1 relay denied', 'sender'],
  ['rcpt', '530 log in first', 'sender'],
  ['rcpt', '501 5.5.4 syntax', 'message'],
  ['rcpt', '503 bad sequence', 'message'],
  ['data', '554 no', 'message'],
  ['body', '550 5.7.1 spam', 'sender'],
  ['body', '550 5.1.1 no', 'recipient'],
  ['body', '554 5.6.0 bad', 'message'],
  ['body', '554 no', 'message'],
])('%s: %s concerns the %s', (stage, text, scope) => {
  const reply = parseReply(text);
  expect(reply && rejectionScope(stage, reply)).toBe(scope);
});

test('text is cut at its limit without splitting a character', () => {
  const text = printable(`550 ${'x'.repeat(995)}😀😀`);
  expect(text).toHaveLength(1_000);
  expect(text.isWellFormed()).toBe(true);
});
