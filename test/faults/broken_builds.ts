import { readFileSync } from 'node:fs';

/** One text in one source file of the product, and what stands there instead. `file` is relative to the root. */
export type Mutation = { file: string; from: string; to: string };

/** A product that is broken on purpose, in one way: what a fault test must notice. */
export type BrokenBuild = {
  name: string;
  breaks: string;
  sources: readonly Mutation[];
  /** Run as the schema's owner on the test's database before any process starts. */
  sql?: readonly string[];
};

/** Every broken build there is. A fault suite that stays green on one of these proves nothing. */
export const BROKEN_BUILDS: readonly BrokenBuild[] = [
  {
    name: 'no_fence',
    breaks: 'several workers claim the same due step, and the unique keys behind the claim are gone',
    sources: [
      {
        file: 'src/db/queries/enrollments.gen.ts',
        from: claimEnd('e.next_send_at, e.id', 'e'),
        to: 'ORDER BY e.next_send_at, e.id\nLIMIT $3',
      },
    ],
    sql: [
      'ALTER TABLE sales_send_queue DROP CONSTRAINT sales_send_queue_step_uniq',
      'DROP INDEX sales_send_queue_open_uniq',
    ],
  },
];

function claimEnd(order: string, alias: string): string {
  return `ORDER BY ${order}\nLIMIT $3\nFOR UPDATE OF ${alias} SKIP LOCKED`;
}

/** The broken build of that name. Throws if there is none. */
export function brokenBuild(name: string): BrokenBuild {
  const found = BROKEN_BUILDS.find((build) => build.name === name);
  if (found === undefined) throw new Error(`there is no broken build ${name}`);
  return found;
}

/** The source of one file with these mutations. Throws unless each finds its text exactly once. */
export function mutate(source: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((text, { file, from, to }) => {
    const parts = text.split(from);
    if (parts.length === 2) return parts.join(to);
    throw new Error(`${file} has ${parts.length - 1} times what a broken build changes: ${from}`);
  }, source);
}

/** The mutations of a build by file, each proved to find its text. */
export function mutationsByFile(build: BrokenBuild): Map<string, Mutation[]> {
  const by_file = Map.groupBy(build.sources, ({ file }) => file);
  for (const [file, mutations] of by_file) mutate(readFileSync(sourceUrl(file), 'utf8'), mutations);
  return by_file;
}

/** Where a file of the product is, from its path relative to the root. */
export function sourceUrl(file: string): URL {
  return new URL(`../../${file}`, import.meta.url);
}
