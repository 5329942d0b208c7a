import { expect, test } from 'vitest';
import { LAYOUTS, reports } from './reports/cases.ts';
import { readReports, reportFigures } from './reports/figures.ts';

/* Delivery reports in the words and layouts of real servers, with a person's labels. Rules are written on half a; the floors
   hold on half b. `node test/inbound/reports/print_main.ts` prints all figures. */

const figures = reportFigures(readReports('b'));
const rate = ({ hits, of }: { hits: number; of: number }) => (of === 0 ? 1 : hits / of);

test('the set has 300 different reports in every layout and of every severity', () => {
  expect(reports.length).toBeGreaterThanOrEqual(300);
  expect(new Set(reports.map(({ layout, words }) => `${layout} ${words}`)).size).toBe(reports.length);
  expect(new Set(reports.map(({ layout }) => layout)).size).toBe(LAYOUTS.length);
  for (const half of ['a', 'b'] as const)
    for (const label of ['hard', 'soft', 'policy'] as const)
      expect(reports.filter((of) => of.half === half && of.label === label).length).toBeGreaterThan(40);
});

test('reports about us condemn no address, and dead addresses are found, on half a', () => {
  const missed = readReports('a').filter(
    ({ of, severity }) => (of.label === 'hard') !== (severity === 'hard'),
  );
  expect(missed.map(({ of, severity }) => `${severity}: ${of.words}`)).toEqual([]);
});

test.each([
  ['precision', 0.995],
  ['recall', 0.95],
  ['severity_right', 0.97],
] as const)('%s of bounces on half b', (name, floor) => {
  expect(rate(figures[name])).toBeGreaterThanOrEqual(floor);
});

test('no report is read as anything else', () => {
  expect(reportFigures(readReports('all')).lost.hits).toBe(0);
});
