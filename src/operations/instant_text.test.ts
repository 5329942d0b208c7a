import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantText } from './instant_text.ts';

test('writes every instant as the engine does', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => instantText(date) === date.toISOString()),
    { numRuns: 5_000 },
  );
});

test.each([0, -1, -62_167_219_200_001, 253_402_300_799_999, 253_402_300_800_000, 8.64e15, -8.64e15])(
  'writes %d ms as the engine does',
  (ms) => {
    expect(instantText(new Date(ms))).toBe(new Date(ms).toISOString());
  },
);

test('refuses values that are not instants', () => {
  expect(() => instantText(new Date(Number.NaN))).toThrow(RangeError);
});
