import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { AppError } from '../../src/errors.ts';
import { diffTexts } from '../../src/operations/drafts/text_diff.ts';
import { readCsv } from '../../src/operations/leads/import_csv.ts';
import { registry } from '../../src/operations/registry.ts';
import { readInput } from '../../src/surfaces/input.ts';

/* Every input of the registry gets a large, deliberately slow text in place of each of its fields. */

const CHARS = 150_000;
/** Processor time. Linear readers take a twentieth of it; any other takes minutes. */
const READ_MS_MAX = 500;

const text = (part: string, end = '') => part.repeat((CHARS - end.length) / part.length) + end;
const COSTLY: Record<string, unknown> = {
  blanks: text(' ', 'x'),
  letters: text('a'),
  addresses: text('a@'),
  'a URL': `https://${text('a.')}`,
  'line breaks': text('\n', 'x'),
  digits: text('1'),
  marks: text('a\u0301'),
  numbers: Array(CHARS / 2).fill(1),
  objects: Array.from({ length: CHARS / 10 }, () => ({})),
  keys: Object.fromEntries(Array.from({ length: CHARS / 12 }, (_, at) => [`k${at}`, 1])),
  pit: JSON.parse('['.repeat(3_000) + ']'.repeat(3_000)),
};

/** Fields with the same schema are tested once. */
const fields = new Map<unknown, { name: string; field: string; operation: (typeof registry)[number] }>();
for (const operation of registry) {
  for (const [field, schema] of Object.entries(operation.input.shape))
    if (!fields.has(schema)) fields.set(schema, { name: operation.name, field, operation });
}

function processorMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function refusal(run: () => unknown): AppError | null {
  try {
    run();
    return null;
  } catch (error) {
    return error as AppError;
  }
}

it('no input costs much more than its size, and no response lists more errors than a person reads', {
  timeout: 240_000,
}, () => {
  const slow: string[] = [];
  for (const { name, field, operation } of fields.values()) {
    for (const [what, value] of Object.entries(COSTLY)) {
      let refused: AppError | null = null;
      const ms = processorMs(() => {
        refused = refusal(() => readInput(operation.input, { [field]: value }));
      });
      if (ms > READ_MS_MAX) slow.push(`${name}.${field} with ${what}: ${Math.round(ms)} ms`);
      const { code = 'input_invalid', errors = [] } = (refused ?? {}) as Partial<AppError>;
      expect([name, field, what, code]).toEqual([name, field, what, 'input_invalid']);
      expect(errors.length).toBeLessThanOrEqual(100);
    }
  }
  expect(slow).toEqual([]);
});

it('texts that share every other line are compared within a budget, and nothing of either is lost', () => {
  const textOf = (word: string) =>
    Array.from({ length: 60 }, (_, line) => {
      const words = Array.from({ length: 300 }, (_, at) => `${word}${(at * 7 + line) % 97}`);
      return `same ${line}\n${words.join(' ')}\n`;
    }).join('');
  const [older, newer] = [textOf('a'), textOf('b')];
  let parts: ReturnType<typeof diffTexts> = [];
  expect(
    processorMs(() => {
      parts = diffTexts(older, newer);
    }),
  ).toBeLessThan(READ_MS_MAX);
  const joined = (left_out: string) =>
    parts.flatMap(({ kind, text }) => (kind === left_out ? [] : [text])).join('');
  expect([joined('added'), joined('removed')]).toEqual([older, newer]);
});

it.each([
  ['records within quotes', `email\n${'"\n'.repeat(200_000)}`],
  ['bad rows', `email\n${'x\n'.repeat(100_000)}`],
])('four imports of %s leave time for others in every turn of the event loop', async (_, csv) => {
  const bytes = Buffer.from(csv);
  const rowsOf = async () => {
    let count = 0;
    for await (const rows of readCsv(Readable.from([bytes], { objectMode: false }))) count += rows.length;
    return count;
  };
  let is_over = false;
  let turns = 0;
  const turning = (async () => {
    for (; !is_over; turns += 1) await setImmediate();
  })();
  const counts = await Promise.all([rowsOf(), rowsOf(), rowsOf(), rowsOf()]);
  is_over = true;
  await turning;
  expect(new Set(counts)).toEqual(new Set([100_001]));
  // All of it takes about 200 ms, in slices of one: without slices there are only one or two turns.
  expect(turns).toBeGreaterThan(10);
});
