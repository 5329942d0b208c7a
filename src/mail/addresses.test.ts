import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizeEmail, parseAddress, requireAddress } from './addresses.ts';

test.each([
  ['ada@lead.test', 'ada@lead.test', 'lead.test'],
  ['Ada.Lovelace+tag@Lead.TEST', 'Ada.Lovelace+tag@lead.test', 'lead.test'],
  ["o'brien_x=1@a-b.c0.test", "o'brien_x=1@a-b.c0.test", 'a-b.c0.test'],
  ['ada@BÜCHER.test', 'ada@xn--bcher-kva.test', 'xn--bcher-kva.test'],
  ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah', 'xn--r8jz45g.xn--zckzah'],
  ['ada@xn--bcher-kva.test', 'ada@xn--bcher-kva.test', 'xn--bcher-kva.test'],
  ['a@1.2.3.test', 'a@1.2.3.test', '1.2.3.test'],
  [`${'a'.repeat(64)}@x.test`, `${'a'.repeat(64)}@x.test`, 'x.test'],
  [`a@${'b'.repeat(63)}.test`, `a@${'b'.repeat(63)}.test`, `${'b'.repeat(63)}.test`],
])('%s is an address', (text, address, domain) => {
  expect(parseAddress(text)).toEqual({ address, domain });
});

describe('refused', () => {
  test.each([
    '',
    '@',
    'ada',
    'ada@',
    '@lead.test',
    'ada@@lead.test',
    'ada@lead@evil.test',
    'b@y.test\r\nBcc: evil@z.test',
    'b@y.test\r\nRCPT TO:<evil@z.test>',
    'b@y.test\n',
    'b@y.test\r',
    'b\r@y.test',
    'b@y\r\n.test',
    '\nb@y.test',
    'b@y.test\0',
    'b\0@y.test',
    'b@y.test, evil@z.test',
    'b,evil@z.test',
    'b@y.test;evil@z.test',
    'b@y.test;',
    'group:b@y.test;',
    '"b"@y.test',
    'b"@y.test',
    '"b@y.test',
    'b@"y.test"',
    "b@y'.test",
    'b@y,z.test',
    'b@y;z.test',
    'b@y\0.test',
    ';b@y.test',
    ',b@y.test',
    '"evil@z.test> "@y.test',
    '<b@y.test>',
    'b@y.test>',
    'b@y.test> SIZE=1',
    'Ada <b@y.test>',
    'b (comment)@y.test',
    'b@y.test (comment)',
    ' b@y.test',
    'b@y.test ',
    'b @y.test',
    'b@ y.test',
    'b\t@y.test',
    '\\b@y.test',
    '@relay.test:b@y.test',
    '.b@y.test',
    'b.@y.test',
    'a..b@y.test',
    'ä@y.test',
    'b\u2028@y.test',
    'b\u00a0@y.test',
    'b@localhost',
    'b@y..test',
    'b@y.test.',
    'b@.y.test',
    'b@-y.test',
    'b@y-.test',
    'b@y_z.test',
    'b@[127.0.0.1]',
    'b@127.0.0.1',
    'b@0x7f.1',
    'b@ex%41mple.test',
    'b@a/b.test',
    'b@y.test:25',
    'b@y.test?x',
    'b@y\u00ad.\u00ad',
    'b@ü/x.test',
    'b@ü%41.test',
    'b@ü x.test',
    'b@ü\u2028.test',
    `${'a'.repeat(65)}@x.test`,
    `a@${'b'.repeat(64)}.test`,
    `a@${'b.'.repeat(126)}test`,
    `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}${'c'.repeat(8)}`,
  ])('%j', (text) => {
    expect(parseAddress(text)).toHaveProperty('error');
  });
});

test('an accepted address has no character with a meaning in envelopes or headers', () => {
  const nasty = fc.constantFrom(...'ab.@,;:<>"()[]\\ \r\n\t\0-_%/ü\u3002\uff0e\uff20\u2028', 'test', '.test');
  fc.assert(
    fc.property(fc.array(nasty, { maxLength: 14 }), fc.boolean(), (parts, whole) => {
      const parsed = parseAddress(whole ? parts.join('') : `b${parts.join('')}@y.test`);
      if ('error' in parsed) return;
      expect(parsed.address).toMatch(/^[^\s,;:<>"()[\]\\@]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/);
      expect(parsed.address.endsWith(`@${parsed.domain}`)).toBe(true);
      expect(parseAddress(parsed.address)).toEqual(parsed);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [' Ada.Lovelace@Lead.TEST ', 'ada.lovelace@lead.test'],
  ['ADA@Bücher.test', 'ada@xn--bcher-kva.test'],
  ['Not An Address', 'not an address'],
])('normalizeEmail(%j)', (text, key) => {
  expect(normalizeEmail(text)).toBe(key);
  expect(normalizeEmail(key)).toBe(key);
});

test('a text that is not an address is refused in a sentence', () => {
  expect(() => requireAddress('nobody')).toThrow('Not an email address: it must have exactly one @.');
});
