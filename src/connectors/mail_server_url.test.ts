import { expect, test } from 'vitest';
import { mailTarget } from './mail_server_url.ts';

test.each([
  ['smtp://mail.x.test', { host: 'mail.x.test', port: 587, tls: 'prefer', auth: null }],
  [
    'smtp://ada:p%40ss%2Fword@mail.x.test:2525',
    { host: 'mail.x.test', port: 2525, tls: 'require', auth: { user: 'ada', pass: 'p@ss/word' } },
  ],
  [
    'smtp://ada%40x.test:pw@mail.x.test?tls=off',
    { host: 'mail.x.test', port: 587, tls: 'off', auth: { user: 'ada@x.test', pass: 'pw' } },
  ],
  [
    'smtps://ada:pw@mail.x.test',
    { host: 'mail.x.test', port: 465, tls: 'implicit', auth: { user: 'ada', pass: 'pw' } },
  ],
  ['smtp://127.0.0.1:1025', { host: '127.0.0.1', port: 1025, tls: 'off', auth: null }],
  [
    'smtp://ada:pw@localhost:1025',
    { host: 'localhost', port: 1025, tls: 'off', auth: { user: 'ada', pass: 'pw' } },
  ],
  [
    'smtp://[::1]:1025?tls=require&name=out.x.test',
    { host: '::1', port: 1025, tls: 'require', auth: null, name: 'out.x.test' },
  ],
  // A public host must not pass as this machine by its name.
  [
    'smtp://ada:pw@127.0.0.1.evil.test',
    { host: '127.0.0.1.evil.test', port: 587, tls: 'require', auth: { user: 'ada', pass: 'pw' } },
  ],
])('%s', (url, target) => {
  expect(mailTarget('smtp', url)).toEqual(target);
});

test.each([
  'mail.x.test',
  'http://mail.x.test',
  'smtp://',
  'smtp://mail.x.test/path',
  'smtp://ada@mail.x.test',
  'smtp://ada:%zz@mail.x.test',
  'smtp://mail.x.test?tls=maybe',
  'smtp://mail.x.test?verify=no',
  'smtps://mail.x.test?tls=off',
  'smtp://mail.x.test?name=a%0d%0ab',
])('refused: %s', (url) => {
  expect(() => mailTarget('smtp', url)).toThrow(expect.objectContaining({ code: 'smtp_url_invalid' }));
});

test('a refusal never repeats the password', () => {
  expect(() => mailTarget('smtp', 'smtp://ada:geheim@mail.x.test/path')).toThrow(/^(?!.*geheim)/s);
});

test.each([
  ['imap://mail.x.test', { host: 'mail.x.test', port: 143, tls: 'require', auth: null }],
  [
    'imap://ada:p%40ss%2Fword@mail.x.test:1143',
    { host: 'mail.x.test', port: 1143, tls: 'require', auth: { user: 'ada', pass: 'p@ss/word' } },
  ],
  [
    'imap://ada%40x.test:pw@mail.x.test?tls=off',
    { host: 'mail.x.test', port: 143, tls: 'off', auth: { user: 'ada@x.test', pass: 'pw' } },
  ],
  [
    'imap://ada:pw@mail.x.test?tls=prefer',
    { host: 'mail.x.test', port: 143, tls: 'prefer', auth: { user: 'ada', pass: 'pw' } },
  ],
  [
    'imaps://ada:pw@mail.x.test',
    { host: 'mail.x.test', port: 993, tls: 'implicit', auth: { user: 'ada', pass: 'pw' } },
  ],
  [
    'imap://ada:pw@127.0.0.1:1143',
    { host: '127.0.0.1', port: 1143, tls: 'off', auth: { user: 'ada', pass: 'pw' } },
  ],
  ['imap://[::1]:1143?tls=require', { host: '::1', port: 1143, tls: 'require', auth: null }],
  // A public host must not pass as this machine by its name.
  [
    'imap://ada:pw@127.0.0.1.evil.test',
    { host: '127.0.0.1.evil.test', port: 143, tls: 'require', auth: { user: 'ada', pass: 'pw' } },
  ],
])('%s', (url, target) => {
  expect(mailTarget('imap', url)).toEqual(target);
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
  expect(() => mailTarget('imap', url)).toThrow(expect.objectContaining({ code: 'imap_url_invalid' }));
});

test('a refusal of an IMAP URL never repeats the password', () => {
  expect(() => mailTarget('imap', 'imap://ada:geheim@mail.x.test/path')).toThrow(/^(?!.*geheim)/s);
});
