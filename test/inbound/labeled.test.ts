import { expect, test } from 'vitest';
import { cases, isHuman, LABELS, LANGUAGES } from './labeled/cases.ts';
import { figuresOf, measured, rate } from './labeled/figures.ts';
import { PROGRAMS } from './labeled/programs.ts';

/* Messages with a person's labels, rendered as mail programs send them. Rules are written on half a; the floors hold on
   half b. `node test/inbound/labeled/print_main.ts` prints all figures. */

const figures = figuresOf(measured('b'));

test('the set has 1,500 messages in nine languages from every mail program, a third of them adversarial', () => {
  expect(cases.length).toBeGreaterThanOrEqual(1_500);
  expect(cases.filter(({ is_adversarial }) => is_adversarial).length * 3).toBeGreaterThanOrEqual(
    cases.length,
  );
  expect(cases.filter((one) => isHuman(one) && one.label !== 'opt_out').length).toBeGreaterThan(1_000);
  expect(new Set(cases.map(({ language, own }) => `${language} ${own}`)).size).toBe(cases.length);
  for (const half of ['a', 'b'] as const) {
    const all = measured(half);
    expect(new Set(all.map(({ message }) => message.program)).size).toBe(PROGRAMS.length);
    expect(new Set(all.map(({ of }) => of.language)).size).toBe(LANGUAGES.length);
    expect(new Set(all.map(({ of }) => of.label)).size).toBe(LABELS.length);
  }
});

/* The share that must at least be right on half b. */
test.each([
  ['opt_outs_at_once', 0.94],
  ['opt_outs_seen', 0.95],
  ['certain_right', 0.99],
  ['intents_right', 0.95],
  ['return_dates', 1],
  ['contacts', 1],
  ['own_kept', 0.99],
  ['quote_removed', 0.99],
] as const)('%s on half b', (name, floor) => {
  expect(rate(figures[name])).toBeGreaterThanOrEqual(floor);
});

/* The share that may at most be wrong on half b. */
test.each([
  ['wrong_opt_outs', 0],
  ['human_as_machine', 0],
  ['machine_as_human', 0],
] as const)('%s on half b', (name, ceiling) => {
  expect(rate(figures[name])).toBeLessThanOrEqual(ceiling);
});
