import { parse } from 'yaml';
import { z } from 'zod';
import type { Catalog } from './catalog.ts';
import { MARKDOWN_MARK } from './mark.ts';

const Line = z.strictObject({
  never: z.string().regex(/\.$/),
  kept_by: z.array(z.string()).min(1),
  codes: z.array(z.string().regex(/^(TL\d{3}|23\d{3}|42501)$/)).default([]),
  tests: z.array(z.string()).min(1),
});
const Source = z.record(z.string(), z.array(Line).min(1));

/** The names that lines may use, and the codes that they must name. */
export type Known = {
  catalog: Catalog;
  /** SQLSTATE -> API code. */
  errors: Readonly<Record<string, { code: string }>>;
  /** Codes that some routine raises. */
  raised: ReadonlySet<string>;
  /** The text of a test file; undefined without one. */
  read: (path: string) => string | undefined;
};

/** docs/invariants.md from db/invariants.yaml. Throws with every unknown name and every code without a line. */
export function emitInvariants(source: string, known: Known): string {
  const sections = Source.parse(parse(source));
  const lines = Object.values(sections).flat();
  const faults = [...lines.flatMap((line) => faultsOf(line, known)), ...unnamed(lines, known)];
  if (faults.length > 0) throw new Error(faults.map((fault) => `db/invariants.yaml: ${fault}`).join('\n'));
  return [
    MARKDOWN_MARK,
    '',
    '# Invariants',
    '',
    `${lines.length} things that never happen, whether the product, an agent, or a hand-written statement tries. The database refuses`,
    'each one. Made from `db/invariants.yaml`; `npm run verify` proves that each constraint, trigger, code and test exists, and that',
    'each SQLSTATE of `src/db/errors.ts` is on a line.',
    '',
    ...Object.entries(sections).flatMap(([title, own]) => [
      `## ${title}`,
      '',
      '| never | kept by | error | test |',
      '| --- | --- | --- | --- |',
      ...own.map((line) => row(line, known)),
      '',
    ]),
  ].join('\n');
}

type Line = z.infer<typeof Line>;

function row({ never, kept_by, codes, tests }: Line, { errors }: Known): string {
  const error = codes.map((code) => `${code} \`${errors[code]?.code}\``).join(', ');
  return `| ${[never, list(kept_by), error, list(tests)].join(' | ')} |`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function faultsOf({ never, kept_by, codes, tests }: Line, known: Known): string[] {
  const names = namesOf(known.catalog);
  // Many constraints share 23505, so a test of a unique index must name it.
  const own = codes.filter((code) => code !== '23505');
  const words = [...own, ...own.map((code) => `'${known.errors[code]?.code}'`), ...kept_by];
  return [
    ...kept_by.filter((name) => !names.has(name)).map((name) => `the schema has no ${name}`),
    ...codes
      .filter((code) => known.errors[code] === undefined)
      .map((code) => `src/db/errors.ts has no ${code}`),
    ...tests.flatMap((path) => {
      const text = known.read(path);
      if (text === undefined) return [`there is no ${path}`];
      return words.some((word) => text.includes(word)) ? [] : [`${path} names nothing of "${never}"`];
    }),
  ];
}

function unnamed(lines: readonly Line[], { errors, raised }: Known): string[] {
  const named = new Set(lines.flatMap(({ codes }) => codes));
  const own = Object.keys(errors).filter((code) => code.startsWith('TL'));
  return [
    ...own.filter((code) => !named.has(code)).map((code) => `no line names ${code}`),
    ...own.filter((code) => !raised.has(code)).map((code) => `no routine raises ${code} of src/db/errors.ts`),
  ];
}

/** Names of constraints, indexes, triggers, policies and routines. */
function namesOf({ tables, routines }: Catalog): Set<string> {
  const parts = tables.flatMap(({ constraints, indexes, triggers, policies }) => [
    ...constraints.map((text) => /^\w+/.exec(text)?.[0]),
    ...indexes.map((text) => / INDEX (\w+)/.exec(text)?.[1]),
    ...triggers.map((text) => / TRIGGER (\w+)/.exec(text)?.[1]),
    ...policies.map((text) => /^policy (\w+)/.exec(text)?.[1]),
  ]);
  return new Set(
    [...parts, ...routines.map((text) => /^\w+/.exec(text)?.[0])].filter((name) => name !== undefined),
  );
}
