import { expect, test } from 'vitest';
import { matchProse, newLines, PATTERNS, readCounts } from '../tools/prose.ts';

/* The language of STYLE.md, as far as patterns can tell: no count of test/prose_counts.txt may rise. */

const matches = matchProse();
const counts = readCounts();

for (const { name, rather } of PATTERNS) {
  test(`no new line matches ${name}`, () => {
    const pairs = [...matches].filter(([key]) => key.startsWith(`${name} `));
    const risen = pairs.filter(([key, found]) => found.length > (counts.get(key) ?? 0));
    expect(pairs.length).toBeGreaterThan(5);
    expect(risen.map(([key, found]) => advice(key, rather, found))).toEqual([]);
  });
}

function advice(key: string, rather: string, found: ReturnType<typeof newLines>): string {
  const lines = newLines(found).map(({ path, line, text }) => `  ${path}:${line}: ${text}`);
  return [
    `${key}: ${found.length} lines match, ${counts.get(key) ?? 0} may. Rather: ${rather}. New:`,
    ...lines,
    `  npm run tidy:count -- ${key} prints all of them.`,
  ].join('\n');
}
