/* Tests and sources affected by a changed file although no import shows it: the product reads SQL, YAML and the built pages
   at run time, and some tests start it as a process. The first matching pattern decides. */

/** `touches` gets the path and the match of the pattern's group. */
type Link = { changed: RegExp; touches: (path: string, found: string) => readonly string[] };

/** Every test that opens a database imports this file. */
const ALL_WITH_DATABASE = ['test/database.ts'];
const ALL = ['src/**/*.test.ts', 'test/**/*.test.ts'];
const PROCESSES = ['test/{clusters,e2e,process}/**/*.test.ts'];

const LINKS: readonly Link[] = [
  { changed: /^db\/(migrations|routines)\//, touches: () => ALL_WITH_DATABASE },
  { changed: /^db\/queries\/(.+)\.sql$/, touches: (_path, name) => [`src/db/queries/${name}.gen.ts`] },
  { changed: /^db\//, touches: () => ['test/database/**/*.test.ts'] },
  {
    changed: /^(campaigns|policy|samples)\//,
    touches: () => ['src/setup/*.ts', 'src/core/gate/policy*.ts', 'test/{shipped_data,sample_leads}.test.ts'],
  },
  { changed: /^web\//, touches: () => ['test/e2e/**/*.test.ts', 'test/surfaces/pages.test.ts'] },
  { changed: /^bin\//, touches: () => ['test/surfaces/bin.test.ts', ...PROCESSES] },
  { changed: /^src\/(main\.ts$|start\/)/, touches: (path) => [path, ...PROCESSES] },
  { changed: /^openapi\.json$/, touches: () => ['test/surfaces/openapi*.test.ts'] },
  { changed: /^(package-lock|tsconfig)\.json$|^vitest\.config\.ts$/, touches: () => ALL },
  { changed: /^package\.json$/, touches: () => ['test/tidy.test.ts'] },
  { changed: /^docs\/specification\//, touches: () => ['test/database/specification.test.ts'] },
  {
    changed: /\.md$|^test\/prose_counts/,
    touches: () => ['test/clusters/documents.test.ts', 'test/prose.test.ts'],
  },
  // Tests of these rooms start files of the same room as processes.
  {
    changed: /^test\/(clusters|e2e|faults|mail)\//,
    touches: (path, room) => [path, `test/${room}/*.test.ts`],
  },
  { changed: /^(src|test|tools)\/.+\.ts$/, touches: (path) => [path] },
  // Other files of src and test are read by the code beside them, or by the test of their folder's name.
  {
    changed: /^((?:src|test)\/.+)\/[^/]+$/,
    touches: (_path, folder) => [`${folder}/*.ts`, `${folder}.test.ts`],
  },
];

/** Paths and path patterns of the tests to run; empty for files that no test reads. */
export function touchedBy(changed: string): readonly string[] {
  for (const link of LINKS) {
    const match = link.changed.exec(changed);
    if (match !== null) return link.touches(changed, match[1] ?? '');
  }
  return [];
}
