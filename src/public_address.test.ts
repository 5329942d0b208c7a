import { describe, expect, it } from 'vitest';
import type { AppError } from './errors.ts';
import { readOauthUrl } from './mail/providers.ts';
import { hostOf, isPublicAddress, readWebhookUrl } from './public_address.ts';

/* Forbidden targets, in every notation that a URL or a resolver accepts. */

const FORBIDDEN = [
  ...[
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0x7f000001/',
  ],
  ...['https://0177.0.0.1/', 'https://017700000001/', 'https://127.0.0.1./', 'https://１２７.0.0.1/'],
  ...[
    'https://0/',
    'https://0.0.0.0/',
    'https://10.1.2.3/',
    'https://0xa.0x1.0x2.0x3/',
    'https://167838211/',
  ],
  ...['https://172.16.0.1/', 'https://172.31.255.255/', 'https://192.168.0.1/', 'https://192.168.257/'],
  ...[
    'https://169.254.169.254/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
  ],
  ...['https://168.63.129.16/', 'https://100.64.0.1/', 'https://100.127.255.254/', 'https://192.0.0.192/'],
  ...['https://198.18.0.1/', 'https://192.0.2.1/', 'https://198.51.100.1/', 'https://203.0.113.9/'],
  ...['https://224.0.0.1/', 'https://239.255.255.250/', 'https://240.0.0.1/', 'https://255.255.255.255/'],
  ...['https://[::]/', 'https://[::1]/', 'https://[0:0:0:0:0:0:0:1]/', 'https://[::ffff:127.0.0.1]/'],
  ...[
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:0:8.8.8.8]/',
  ],
  ...[
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[64:ff9b:1::1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001::1]/',
  ],
  ...[
    'https://[2001:db8::1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
  ],
  ...['https://[ff02::1]/', 'https://[100::1]/', 'https://[5f00::1]/', 'https://[3fff::1]/'],
];

describe('a URL', () => {
  it.each(FORBIDDEN)('%s is refused', (url) => {
    expect(() => readWebhookUrl(url, { allow_local: false })).toThrow(/not on the public internet/);
    expect(isPublicAddress(hostOf(new URL(url)))).toBe(false);
  });

  it.each([
    ...[
      'http://hooks.example/',
      'ftp://hooks.example/',
      'file:///etc/passwd',
      'gopher://hooks.example/',
      'javascript:1',
    ],
    ...[
      'https://user@hooks.example/',
      'https://user:word@hooks.example/',
      'hooks.example',
      '',
      'https://',
      'https://256.1.1.1/',
    ],
    ...[
      'http://127.0.0.1/',
      'http://8.8.8.8/',
      `https://hooks.example/${'x'.repeat(2_000)}`,
      'https://[fe80::1%25eth0]/',
    ],
    ...['https://localhost/x', 'https://localhost./', 'https://LOCALHOST:8443/', 'https://hooks.localhost/'],
    ...['https://8.8.8.8:0/', 'https://hooks.example:0/'],
  ])('%s is not a webhook URL', (url) => {
    expect(() => readWebhookUrl(url, { allow_local: false })).toThrow(
      expect.objectContaining({
        code: 'webhook_url_refused',
        errors: [expect.objectContaining({ path: 'url' })],
      }),
    );
  });

  it.each([
    'https://hooks.example/a?b=c',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]:8443/x',
    'https://172.32.0.1/',
  ])('%s is a webhook URL', (url) => {
    expect(readWebhookUrl(url, { allow_local: false }).href).toBe(url);
  });

  it('of this machine is refused with the setting that allows it, other addresses without', () => {
    const hintOf = (url: string) => {
      try {
        readWebhookUrl(url, { allow_local: false });
      } catch (error) {
        return (error as AppError).hint;
      }
    };
    for (const url of ['http://localhost:9/', 'http://127.0.0.1:9/', 'https://[::1]/'])
      expect(hintOf(url)).toContain('TOUCHLINE_LOCAL_WEBHOOKS=1');
    expect(hintOf('http://10.0.0.1/')).not.toContain('TOUCHLINE');
  });

  it('of this machine is accepted where allowed, and only there over http', () => {
    const local = { allow_local: true };
    for (const url of [
      'http://127.0.0.1:9/',
      'http://localhost:9/',
      'http://a.localhost:9/',
      'https://[::1]/',
    ])
      expect(readWebhookUrl(url, local).href).toBe(url);
    for (const url of [
      'http://hooks.example/',
      'http://10.0.0.1/',
      'https://192.168.0.1/',
      'http://0.0.0.0/',
      'http://127.0.0.1:0/',
    ])
      expect(() => readWebhookUrl(url, local)).toThrow();
  });
});

describe('the URL of an OAuth provider', () => {
  it.each([
    ['https://hooks.example/a?b=c', true],
    ['https://hooks.example/a#b', false],
    ['https://a.localhost/', false],
    ['https://localhost./', false],
    ['http://a.localhost:9/', false],
    ['https://hooks.example:0/', false],
    ['https://10.0.0.1/', false],
  ])('%s follows the rule of webhook URLs: %s', (url, is_accepted) => {
    const asked = { allow_local: false, is_asked_by_us: true };
    const reads = [() => readWebhookUrl(url, asked), () => readOauthUrl(url, 'token_url', asked)];
    for (const read of reads) {
      if (is_accepted) read();
      else expect(read).toThrow(/^The .*(fragment|https|public internet|port 0)/);
    }
  });

  it('may be on any host if the browser alone asks it', () => {
    const browser = { allow_local: false, is_asked_by_us: false };
    for (const url of ['https://10.0.0.1/', 'http://a.localhost:9/'])
      expect(readOauthUrl(url, 'authorize_url', browser)).toBe(url);
    expect(() => readOauthUrl('http://10.0.0.1/', 'authorize_url', browser)).toThrow(/https/);
  });
});

describe('resolver results', () => {
  it.each(['', 'localhost', '8.8.8', '8.8.8.8 ', '08.8.8.8', '0x8.8.8.8', 'fe80::1%eth0', '::ffff:8.8.8.8'])(
    '“%s” is not a public address',
    (address) => {
      expect(isPublicAddress(address)).toBe(false);
    },
  );
});
