/** Prints the figures of the labeled reports: `node test/inbound/reports/print_main.ts [a|b|all]`, with the misses of half a. */
import { LAYOUTS } from './cases.ts';
import { readReports, reportFigures, type Share } from './figures.ts';

const half = process.argv[2] === 'a' || process.argv[2] === 'b' ? process.argv[2] : 'all';
const all = readReports(half);

print(`half ${half}: ${all.length} reports`);
for (const [name, share] of Object.entries(reportFigures(all))) print(row(name, share));
print('\nseverity right, by layout');
for (const layout of LAYOUTS) {
  const of = all.filter((one) => one.of.layout === layout);
  print(row(layout, reportFigures(of).severity_right));
}
// Half b measures: its single misses stay unread, or rules would be written on it.
if (half === 'a')
  for (const { of, severity } of all.filter((one) => one.severity !== one.of.label))
    print(`${of.layout} ${severity} for ${of.label}: ${of.words.replaceAll('\n', '⏎')}`);

function row(name: string, { hits, of }: Share): string {
  return `  ${name.padEnd(20)} ${String(hits).padStart(5)} of ${String(of).padStart(5)}  ${(of === 0 ? 100 : (hits / of) * 100).toFixed(1)}%`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
