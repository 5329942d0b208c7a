import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DiffPart, diffTexts } from './text_diff.ts';

const shown = (parts: readonly DiffPart[]) =>
  parts
    .map(({ kind, text }) => ({ same: text, added: `{+${text}+}`, removed: `[-${text}-]` })[kind])
    .join('');
const without = (kind: DiffPart['kind'], parts: readonly DiffPart[]) =>
  parts
    .filter((part) => part.kind !== kind)
    .map(({ text }) => text)
    .join('');

test.each([
  ['', '', ''],
  ['one', 'one', 'one'],
  ['', 'new', '{+new+}'],
  ['old', '', '[-old-]'],
  [
    'Hi Ann,\n\nShall we talk?\n',
    'Hi Ann,\n\nShall we talk on Tuesday?\n',
    'Hi Ann,\n\nShall we talk{+ on Tuesday+}?\n',
  ],
  ['a b c', 'a x c', 'a [-b-]{+x+} c'],
  ['first\nsecond\nthird\n', 'first\nthird\n', 'first\n[-second\n-]third\n'],
  ['Zoë', 'Zoe', '[-Zoë-]{+Zoe+}'],
])('%j -> %j', (older, newer, parts) => {
  expect(shown(diffTexts(older, newer))).toBe(parts);
});

test('both texts can be reconstructed from the diff', () => {
  const word = fc.constantFrom('a', 'b', 'c', ' ', '\n', '.', '😀', 'é');
  const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));
  fc.assert(
    fc.property(text, text, (older, newer) => {
      const parts = diffTexts(older, newer);
      expect(without('added', parts)).toBe(older);
      expect(without('removed', parts)).toBe(newer);
      for (const [at, part] of parts.entries()) {
        expect(part.text).not.toBe('');
        expect(part.kind).not.toBe(parts[at + 1]?.kind);
      }
    }),
  );
});

test('two long texts with nothing in common are compared quickly', () => {
  const words = (letter: string) => Array.from({ length: 10_000 }, (_, at) => `${letter}${at}`).join(' ');
  const began_ms = performance.now();
  const parts = diffTexts(words('a'), words('b'));
  expect(without('removed', parts)).toBe(words('b'));
  expect(performance.now() - began_ms).toBeLessThan(3_000);
});
