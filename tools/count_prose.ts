import { writeFileSync } from 'node:fs';
import { COUNTS_FILE, matchProse, readCounts } from './prose.ts';

/*
 * npm run tidy:count                   writes the lower counts; a higher count stays as it was, for the test to report.
 * npm run tidy:count -- PATTERN AREA   prints the matching lines, without writing.
 */

const HEAD = `# Lines that match a turn of phrase which STYLE.md rules out: pattern, area, count. Counts only fall.
# npm run tidy:count writes lower counts; npm run tidy:count -- PATTERN AREA prints the lines.
`;

const [pattern, area] = process.argv.slice(2);
const matches = matchProse();

if (pattern === undefined) writeLower();
else
  for (const { path, line, text } of matches.get(`${pattern} ${area}`) ?? []) say(`${path}:${line}: ${text}`);

function writeLower(): void {
  const counts = readCounts();
  const lines = [...matches].map(([key, found]) => `${key} ${Math.min(found.length, counts.get(key) ?? 0)}`);
  writeFileSync(new URL(`../${COUNTS_FILE}`, import.meta.url), `${HEAD}${lines.join('\n')}\n`);
  const total = [...matches.values()].reduce((sum, found) => sum + found.length, 0);
  say(`${total} lines match; ${COUNTS_FILE} was written`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
