import type { Catalog, Column, Domain, Table, View } from './catalog.ts';
import { MARK, SQL_MARK } from './mark.ts';
import { pascalCase, type TypeNames, typeOf } from './types.ts';

/** `src/schema.gen.ts`: the labels and the union of each enum, the row of each table. It imports nothing. */
export function emitSchemaTypes(catalog: Catalog): string {
  const types = typeNames(catalog);
  const enums = catalog.enums.map(({ name, labels }) => {
    const values = `${name.toUpperCase()}_VALUES`;
    const list = labels.map((label) => `'${label}'`).join(', ');
    return `export const ${values} = [${list}] as const;\nexport type ${pascalCase(name)} = (typeof ${values})[number];\n`;
  });
  const rows = catalog.tables.map((table) => {
    const fields = table.columns.map((column) => emitField(table, column, types)).join('');
    return `${docComment(table.comment, '')}export type ${pascalCase(table.name)}Row = {\n${fields}};\n`;
  });
  return [`${MARK}\n`, JSON_TYPE, ...enums, ...rows].join('\n');
}

const JSON_TYPE = `/** The value of a json or jsonb column. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
`;

/** The schema's own types, for `typeOf`. */
export function typeNames(catalog: Catalog): TypeNames {
  return {
    enums: new Set(catalog.enums.map(({ name }) => name)),
    domains: new Map(catalog.domains.map(({ name, base_name }) => [name, base_name])),
  };
}

function emitField(table: Table, { name, type_name, not_null, comment }: Column, types: TypeNames): string {
  try {
    const type = typeOf(type_name, types);
    return `${docComment(comment, '  ')}  ${name}: ${type}${not_null ? '' : ' | null'};\n`;
  } catch (error) {
    throw new Error(`${table.name}.${name}: ${(error as Error).message}`);
  }
}

function docComment(text: string | null, indent: string): string {
  return text === null
    ? ''
    : `${indent}/** ${text.replaceAll('*/', '* /').replaceAll('\n', `\n${indent} * `)} */\n`;
}

/** `src/db/references.gen.ts`: with row-level security, an error names the constraint of a missing reference, and no column. */
export function emitReferences({ tables }: Catalog): string {
  const lines = tables.flatMap(({ constraints }) =>
    constraints.flatMap((text) => {
      const [, name, columns = ''] = /^(\S+) FOREIGN KEY \(([^)]*)\)/.exec(text) ?? [];
      const own = columns.split(', ').filter((column) => column !== 'org_id');
      return name === undefined || own.length === 0 ? [] : `  ${name}: ['${own.join("', '")}'],\n`;
    }),
  );
  const type = 'Readonly<Record<string, readonly string[]>>';
  return `${MARK}\n\n/** The columns of each foreign key. */\nexport const REFERENCES: ${type} = {\n${lines.join('')}};\n`;
}

/** `db/schema.sql`: the schema after all migrations, for reviews. It is not meant to be run. */
export function emitSchemaDump({ enums, domains, tables, views, routines }: Catalog): string {
  return [
    `${SQL_MARK}\n-- The schema after all migrations, for reading: routines by signature, no partitions.\n`,
    ...enums.map(
      ({ name, labels }) => `create type ${name} as enum (${labels.map((it) => `'${it}'`).join(', ')});\n`,
    ),
    ...domains.map(dumpDomain),
    ...tables.map(dumpTable),
    ...views.map(dumpView),
    ...(routines.length === 0 ? [] : [`${routines.map((text) => `-- function ${text}`).join('\n')}\n`]),
  ].join('\n');
}

function dumpDomain({ name, base, constraints }: Domain): string {
  return `create domain ${name} as ${base}${constraints.map((text) => `\n  constraint ${text}`).join('')};\n`;
}

function dumpTable(table: Table): string {
  const columns = table.columns.map(({ name, type, not_null, default_value }) =>
    [name, type, ...(not_null ? ['not null'] : []), ...(default_value === null ? [] : [default_value])].join(
      ' ',
    ),
  );
  const inside = [...columns, ...table.constraints.map((text) => `constraint ${text}`)];
  const partition = table.partition_key === null ? '' : ` partition by ${table.partition_key}`;
  const options = table.options === null ? '' : ` with (${table.options})`;
  const comment = table.comment === null ? '' : `${table.comment.replaceAll(/^/gm, '-- ')}\n`;
  const after = [...table.indexes, ...table.triggers, ...table.policies, ...table.grants];
  if (table.row_security !== 'none') after.unshift(`row level security ${table.row_security}`);
  const rest = after.map((text) => `${text.replaceAll('public.', '')};\n`).join('');
  return `${comment}create table ${table.name} (\n  ${inside.join(',\n  ')}\n)${partition}${options};\n${rest}`;
}

function dumpView({ name, options, definition }: View): string {
  return `create view ${name}${options === '' ? '' : ` with (${options})`} as\n${definition}\n`;
}
