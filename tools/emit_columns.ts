import { ACCOUNT_COLUMNS } from '../src/core/account_columns.ts';
import type { Column, Columns } from '../src/core/columns.ts';
import { LEAD_COLUMNS } from '../src/core/lead_columns.ts';
import { MARK, SQL_MARK } from './mark.ts';
import type { ColumnSets } from './sql_file.ts';

/* Generates from the declared columns: parts of statements, a table for the routines, and fields for the web. */

const TABLES: Readonly<Record<string, Columns>> = { leads: LEAD_COLUMNS, accounts: ACCOUNT_COLUMNS };

/** The sets that statements of db/queries name after `@each`. */
export const COLUMN_SETS: ColumnSets = {
  'leads.shown': names('leads', (column) => !column.hidden && !('elsewhere' in column)),
  'leads.patched': names('leads', isPatched),
  'leads.imported': names('leads', isImported),
  'leads.search_keys': names('leads', (column) => 'generated' in column && column.generated === 'search_key'),
  'accounts.patched': names('accounts', isPatched),
  'accounts.filled': names('accounts', (column) => column.filled === true),
};

/** Columns that null clears. Lists are never null, so their statements name them. */
function isPatched({ patched, kind }: Column): boolean {
  return patched === true && kind !== 'words';
}

/** Columns that a file sets as a patch does. Addresses, flags, and signals follow other rules. */
function isImported(column: Column): boolean {
  return column.synonyms !== undefined && isPatched(column);
}

function names(table: string, test: (column: Column) => boolean): string[] {
  return columnsOf(table).flatMap(([name, column]) => (test(column) ? [name] : []));
}

function columnsOf(table: string): [string, Column][] {
  return Object.entries(TABLES[table]!);
}

/** `db/routines/account_and_lead_columns.sql`: the declarations as a table for the routines. */
export function emitDeclaredColumns(): string {
  const rows = Object.keys(TABLES).flatMap((table) =>
    columnsOf(table).flatMap(([name, column]) =>
      'elsewhere' in column || 'generated' in column ? [] : [rowOf(table, name, column)],
    ),
  );
  return `${SQL_MARK}
-- The columns of leads and accounts, declared in src/core/lead_columns.ts and account_columns.ts. Other routines generate erasure,
-- audit, imports, and the permissions of agents from this table. \`erased\` and \`at_erasure\` are SQL; $3 is the time of the erasure.
DROP FUNCTION IF EXISTS declared_columns();
CREATE FUNCTION declared_columns() RETURNS TABLE (
  of_table text, of_column text, agents text[], erased text, at_erasure text, moves boolean, is_audited boolean, is_imported boolean
) LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT * FROM (VALUES
    ${rows.join(',\n    ')}
  ) v (of_table, of_column, agents, erased, at_erasure, moves, is_audited, is_imported);
END;
`;
}

function rowOf(table: string, name: string, column: Column): string {
  const { agents, patched, moves = false, unaudited } = column;
  const open = agents === undefined && !patched ? 'NULL::text[]' : `'{${(agents ?? []).join(',')}}'`;
  const erased = 'erased' in column ? quoted(column.erased) : 'NULL';
  const at_erasure = 'at_erasure' in column ? quoted(column.at_erasure) : 'NULL';
  const is_imported = table === 'leads' && isImported(column);
  const values = [
    `'${table}'`,
    `'${name}'`,
    open,
    erased,
    at_erasure,
    moves,
    unaudited === undefined,
    is_imported,
  ];
  return `(${values.join(', ')})`;
}

function quoted(sql: string): string {
  return `'${sql.replaceAll("'", "''")}'`;
}

type WebField = { name: string; kind: string; label: string; hint?: string };

/** `web/src/leads/lead_fields.gen.ts`: the fields of a lead's form, import, and details. */
export function emitLeadFields(): string {
  const fields = (test: (column: Column) => boolean) =>
    columnsOf('leads').flatMap(([name, column]) => (test(column) ? [webField(name, column)] : []));
  return [
    MARK,
    '',
    '// Source: src/core/lead_columns.ts',
    list(
      'EDITED_FIELDS',
      'Fields of the form.',
      fields((column) => isPatched(column) && column.kind !== 'reference'),
    ),
    list(
      'IMPORT_FIELDS',
      'Fields that a file may contain.',
      fields(({ synonyms }) => synonyms !== undefined),
    ),
    list(
      'DETAIL_FIELDS',
      'Fields of the details.',
      fields(({ in_details }) => in_details === true),
    ),
    '',
  ].join('\n');
}

function webField(name: string, { kind, label = name, hint }: Column): WebField {
  return { name, kind, label, ...(hint === undefined ? {} : { hint }) };
}

function list(name: string, doc: string, fields: readonly WebField[]): string {
  const lines = fields.map((field) => `  ${JSON.stringify(field)},\n`).join('');
  return `/** ${doc} */\nexport const ${name} = [\n${lines}] as const;`;
}
