import { expect, test } from 'vitest';
import { imapTarget } from './imap_url.ts';

test.each([
  ['imap://mail.x.test', { host: 'mail.x.test', port: 143, tls: 'require', auth: null }],
  [
    'imap://ada:p%40ss%2Fword@mail.x.test:1143',
    { host: 'mail.x.test', port: 1143, tls: 'require', auth: { user: 'ada', password: 'p@ss/word' } },
  ],
  [
    'imap://ada%40x.test:pw@mail.x.test?tls=off',
    { host: 'mail.x.test', port: 143, tls: 'off', auth: { user: 'ada@x.test', password: 'pw' } },
  ],
  [
    'imap://ada:pw@mail.x.test?tls=prefer',
    { host: 'mail.x.test', port: 143, tls: 'prefer', auth: { user: 'ada', password: 'pw' } },
  ],
  [
    'imaps://ada:pw@mail.x.test',
    { host: 'mail.x.test', port: 993, tls: 'implicit', auth: { user: 'ada', password: 'pw' } },
  ],
  [
    'imap://ada:pw@127.0.0.1:1143',
    { host: '127.0.0.1', port: 1143, tls: 'off', auth: { user: 'ada', password: 'pw' } },
  ],
  ['imap://[::1]:1143?tls=require', { host: '::1', port: 1143, tls: 'require', auth: null }],
  // A public host must not pass as this machine by its name.
  [
    'imap://ada:pw@127.0.0.1.evil.test',
    { host: '127.0.0.1.evil.test', port: 143, tls: 'require', auth: { user: 'ada', password: 'pw' } },
  ],
])('%s', (url, target) => {
  expect(imapTarget(url)).toEqual(target);
});

test.each([
  'mail.x.test',
  'smtp://mail.x.test',
  'imap://',
  'imap://mail.x.test/INBOX',
  'imap://ada@mail.x.test',
  'imap://ada:%zz@mail.x.test',
  'imap://mail.x.test?tls=maybe',
  'imap://mail.x.test?verify=no',
  'imaps://mail.x.test?tls=off',
])('refused: %s', (url) => {
  expect(() => imapTarget(url)).toThrow(expect.objectContaining({ code: 'imap_url_invalid' }));
});

test('a refusal never repeats the password', () => {
  expect(() => imapTarget('imap://ada:geheim@mail.x.test/path')).toThrow(/^(?!.*geheim)/s);
});
