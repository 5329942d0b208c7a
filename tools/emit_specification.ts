import { parse } from 'yaml';
import { z } from 'zod';
import type { Catalog, Column, Table } from './catalog.ts';
import { MARKDOWN_MARK } from './mark.ts';

const Titles = z.union([z.string(), z.array(z.string()).min(1)]);
const Row = z.strictObject({
  row: z.string().regex(/[.:]$/),
  /** Tables, `table.column`, constraints, indexes, triggers, routines, `enum.label`, and files that keep the row. */
  ours: z.array(z.string()).default([]),
  /** The declaration of the first of `ours`, which the migrated schema must have. */
  sql: z.string().optional(),
  /** Numbers of the shipped policy, by path. */
  policy: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  /** Test file -> titles, each with its describe: `the cap › is configured by RevOps`. */
  tests: z.record(z.string(), Titles).default({}),
  differs: z.string().regex(/\.$/).optional(),
  open: z.string().regex(/\.$/).optional(),
});
const Source = z.strictObject({
  specification: z.string(),
  about: z.string(),
  sections: z.record(z.string(), z.array(Row).min(1)),
});
type Row = z.infer<typeof Row>;
type Source = z.infer<typeof Source>;

export type SpecificationFiles = {
  catalog: Catalog;
  /** policy/default.yaml, parsed. */
  policy: unknown;
  /** The text of a file; undefined without one. */
  read: (path: string) => string | undefined;
};

const DESCRIBE = ' › ';
/** Shows that a column, constraint, or index is declared as the row says. */
const DECLARED = {
  'test/database/specification.test.ts': '$name is declared as the specification names it',
};

/** docs/specification.md from docs/specification/*.yaml. Throws with every test, name, number, or declaration that is missing. */
export function emitSpecification(sources: readonly string[], files: SpecificationFiles): string {
  const specifications = sources.map((text) => Source.parse(parse(text)));
  const rows = specifications.flatMap(({ sections }) => Object.values(sections).flat());
  const faults = rows.flatMap((row) => faultsOf(row, files).map((fault) => `“${row.row}” ${fault}`));
  if (faults.length > 0) throw new Error(faults.map((fault) => `docs/specification: ${fault}`).join('\n'));
  const count = (status: string) => rows.filter((row) => statusOf(row) === status).length;
  return [
    MARKDOWN_MARK,
    '',
    '# Specification, row by row',
    '',
    `${rows.length} requirements of the three specifications, in our words: ${count('kept')} are kept, ${count('differs')} differ for a reason,`,
    `and ${count('open')} are open. Made from \`docs/specification/\`; \`npm run verify\` proves that each test, name, number of the policy, and`,
    'declaration exists. A row is kept only if the named tests show it. Every key also starts with `org_id`.',
    '',
    ...specifications.flatMap(pagesOf),
  ].join('\n');
}

/** Each declared name with its declaration in the row and in the schema. */
export function declarationsOf(sources: readonly string[], catalog: Catalog) {
  return sources
    .flatMap((text) => Object.values(Source.parse(parse(text)).sections).flat())
    .flatMap(({ ours, sql }) => {
      const [name = ''] = ours;
      return sql === undefined ? [] : [{ name, sql, declared: declarationOf(name, catalog) }];
    });
}

function pagesOf({ specification, about, sections }: Source): string[] {
  return [
    `## ${specification}`,
    '',
    about,
    '',
    ...Object.entries(sections).flatMap(([title, rows]) => [
      `### ${title}`,
      '',
      '| requirement | ours | status | shown by, or why |',
      '| --- | --- | --- | --- |',
      ...rows.map(lineOf),
      '',
    ]),
  ];
}

function lineOf(row: Row): string {
  const { ours, sql, policy, differs, open } = row;
  const names = ours.map((name, index) => (index === 0 && sql ? `\`${name}\`: \`${sql}\`` : `\`${name}\``));
  const numbers = Object.entries(policy).map(([path, value]) => `policy \`${path}\`: ${value}`);
  const tests = Object.entries(testsOf(row)).flatMap(([file, titles]) =>
    [titles].flat().map((title) => `\`${file}\`: ${title}`),
  );
  const shown = [open ?? differs ?? [], tests].flat().join('; ');
  const status = statusOf(row);
  const cells = [
    row.row,
    [...names, ...numbers].join(', '),
    status === 'kept' ? status : `**${status}**`,
    shown,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function statusOf({ differs, open }: Row): 'kept' | 'differs' | 'open' {
  if (open !== undefined) return 'open';
  return differs === undefined ? 'kept' : 'differs';
}

function testsOf({ tests, sql }: Row): Row['tests'] {
  return sql === undefined ? tests : { ...DECLARED, ...tests };
}

function faultsOf(row: Row, files: SpecificationFiles): string[] {
  const { ours, sql, policy, differs, open } = row;
  const tests = Object.entries(testsOf(row));
  const [first = ''] = ours;
  const declared = sql === undefined ? sql : declarationOf(first, files.catalog);
  const names = namesOf(files.catalog);
  return [
    ...(differs !== undefined && open !== undefined ? ['differs and is open'] : []),
    ...(open !== undefined && tests.length > 0 ? ['is open, but has tests'] : []),
    ...(statusOf(row) === 'kept' && tests.length === 0 ? ['has no test'] : []),
    ...(declared === sql ? [] : [`${first} is declared as ${declared ?? 'nothing'}`]),
    ...ours
      .filter((name) => !(name.includes('/') ? files.read(name) !== undefined : names.has(name)))
      .map((name) => `names ${name}, which does not exist`),
    ...Object.entries(policy)
      .filter(([path, value]) => at(files.policy, path) !== value)
      .map(([path, value]) => `expects ${path} to be ${value}, and it is ${at(files.policy, path)}`),
    ...tests.flatMap(([file, titles]) =>
      [titles].flat().flatMap((title) => testFaults(file, title, files.read(file))),
    ),
  ];
}

/** Finds each part of the title as the first argument of a call, in order. */
function testFaults(file: string, title: string, text: string | undefined): string[] {
  if (text === undefined) return [`names ${file}, which does not exist`];
  let from = 0;
  for (const part of title.split(DESCRIBE)) {
    const escaped = part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const found = new RegExp(`\\(\\s*(['"\`])${escaped}\\1,`).exec(text.slice(from));
    if (found === null) return [`names a test that ${file} does not have: ${title}`];
    from += found.index + found[0].length;
  }
  return [];
}

function at(policy: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], policy);
}

/** `uuid not null` of a column; the text of a constraint or an index after its name. */
function declarationOf(name: string, { tables }: Catalog): string | undefined {
  const [table, column] = name.split('.');
  if (column !== undefined) {
    const found = tables.find((one) => one.name === table)?.columns.find((one) => one.name === column);
    return found && columnSql(found);
  }
  const texts = tables.flatMap((one) => [...one.constraints, ...one.indexes]);
  const named = texts.find((text) => text.startsWith(`${name} `) || text.includes(` INDEX ${name} ON `));
  return named?.replace(/^CREATE (UNIQUE )?INDEX .* USING btree /, '$1').replace(`${name} `, '');
}

function columnSql({ type, not_null, default_value }: Column): string {
  const initial = default_value === null ? '' : ` ${default_value.replace(/::\w+$/, '')}`;
  return `${type}${not_null ? ' not null' : ''}${initial}`;
}

function namesOf({ tables, enums, routines }: Catalog): Set<string> {
  return new Set([
    ...tables.flatMap(partsOf),
    ...enums.flatMap(({ name, labels }) => [name, ...labels.map((label) => `${name}.${label}`)]),
    ...routines.flatMap((text) => /^\w+/.exec(text) ?? []),
  ]);
}

function partsOf({ name, columns, constraints, indexes, triggers }: Table): string[] {
  return [
    name,
    ...columns.map((column) => `${name}.${column.name}`),
    ...constraints.flatMap((text) => /^\w+/.exec(text) ?? []),
    ...indexes.flatMap((text) => / INDEX (\w+)/.exec(text)?.[1] ?? []),
    ...triggers.flatMap((text) => / TRIGGER (\w+)/.exec(text)?.[1] ?? []),
  ];
}
