import type { OperationContext } from '../../context.ts';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import { erasedAddressHmac } from '../../coordinator/sending/erased_addresses.ts';
import { insertImportRows } from '../../db/queries/imports.gen.ts';
import { newId } from '../../ids.ts';
import type { LeadImportRowsRow } from '../../schema.gen.ts';
import type { AddressColumn } from './import_address_columns.ts';
import { type FurtherAddress, readAddresses } from './import_addresses.ts';
import { type Known, type Owners, readCell } from './import_cells.ts';
import { type Column, type ImportField, type Mapping, matchColumns } from './import_columns.ts';
import { readOwners } from './import_owners.ts';
import { emptyFile, type SourceRow } from './import_source.ts';
import { importTurns } from './import_turns.ts';

const BATCH = 1_000;
/** Read at once: a millisecond at worst. */
const ROWS_AT_ONCE = 50;
const VALUE_SHOWN = 80;
/** Further errors are only counted. */
export const ERRORS_SHOWN = 1_000;

export type RowError = {
  line: number;
  /** The header of the column as the file spells it; null for the whole row. */
  column: string | null;
  code: string;
  message: string;
  value: string | null;
};

export type Received = {
  rows_read: number;
  /** Rows that were left out. */
  skipped_count: number;
  error_count: number;
  errors: RowError[];
  columns: Column[];
  address_columns: AddressColumn[];
  ignored_columns: string[];
};

type Target = { context: OperationContext; org_id: string; import_id: string };
/** Compiles only if the staging table has a column for every field of a file. */
type StagedRow = Partial<Pick<LeadImportRowsRow, StagedKey | ImportField>>;
type StagedKey =
  | ('org_id' | 'import_id' | 'line' | 'lead_id' | 'account_id' | 'address_hmac' | 'further_hmacs')
  | 'further_addresses';

/**
 * Reads a file's rows and stages the valid ones in `lead_import_rows`, each batch in its own transaction, so that none is
 * open during a slow upload. Invalid cells are collected, and their rows left out.
 */
export async function receiveRows(
  target: Target,
  source: AsyncIterable<readonly SourceRow[]>,
  mapping: Mapping,
): Promise<Received> {
  const owners = await readOwners(target.context.db, target.org_id);
  let received: Received | null = null;
  let batch: StagedRow[] = [];
  const read = (row: SourceRow) => {
    if (received === null) received = beginning((row.cells ?? []).map(String), mapping);
    else take({ ...target, owners }, received, row, batch);
  };
  for await (const rows of source) {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      await importTurns.run(() => rows.slice(from, from + ROWS_AT_ONCE).forEach(read));
      if (batch.length < BATCH) continue;
      await stage(target, batch);
      batch = [];
    }
  }
  if (received === null) throw emptyFile();
  if (batch.length > 0) await stage(target, batch);
  return received;
}

async function stage({ context }: Target, batch: readonly StagedRow[]): Promise<void> {
  const rows = await importTurns.run(() => rowsJson<LeadImportRowsRow>(batch));
  await insertImportRows.run({ rows }, context.db);
}

type Reading = Target & { owners: Owners };

function take(target: Reading, received: Received, row: SourceRow, batch: StagedRow[]): void {
  received.rows_read += 1;
  const { context, owners } = target;
  const read = readRow(row, received, { now_ms: context.clock.now_ms(), owners });
  if (Array.isArray(read)) refuse(received, read);
  else batch.push(staged(target, row.line, read));
}

function beginning(header: readonly string[], mapping: Mapping): Received {
  const matched = matchColumns(header, mapping);
  return { rows_read: 0, skipped_count: 0, error_count: 0, errors: [], ...matched };
}

function readRow(
  { line, cells }: SourceRow,
  { columns, address_columns }: Received,
  known: Known,
): StagedRow | RowError[] {
  if (cells === null) {
    return [{ line, column: null, code: 'not_an_object', message: 'expected an object', value: null }];
  }
  const row: Record<string, unknown> = {};
  const errors: RowError[] = [];
  for (const { field, header, place } of columns) {
    const cell = readCell(field, cells[place], known);
    if ('code' in cell) errors.push({ line, column: header, ...cell, value: shown(cells[place]) });
    else if (cell.value !== null) row[field] = cell.value;
    else if (field === 'email') {
      errors.push({ line, column: header, code: 'email_missing', message: 'is empty', value: null });
    }
  }
  const further: FurtherAddress[] = [];
  for (const column of address_columns) {
    const { addresses, faults } = readAddresses(column, cells[column.place], known);
    further.push(...addresses);
    errors.push(
      ...faults.map(({ path, value, ...fault }) => ({ line, column: path, ...fault, value: shown(value) })),
    );
  }
  if (further.length > 0) row.further_addresses = further;
  return errors.length > 0 ? errors : (row as StagedRow);
}

/** Fields that a row does not name are null in the database. */
function staged({ context, org_id, import_id }: Target, line: number, row: StagedRow): StagedRow {
  const lead_id = newId(context.clock);
  const account_id = newId(context.clock);
  // The JSON form of a bytea.
  const hmacOf = (address: string) =>
    `\\x${erasedAddressHmac(context.secret, org_id, address).toString('hex')}` as unknown as Buffer;
  const address_hmac = hmacOf(row.email!);
  const further = ((row.further_addresses ?? []) as FurtherAddress[])
    .flatMap(({ kind, value }) => (kind === 'linkedin' ? [] : [value]))
    .concat(row.phone ?? []);
  const further_hmacs = further.length > 0 && further.map(hmacOf);
  return {
    org_id,
    import_id,
    line,
    lead_id,
    account_id,
    address_hmac,
    ...row,
    ...(further_hmacs && { further_hmacs }),
  };
}

function refuse(received: Received, errors: readonly RowError[]): void {
  received.skipped_count += 1;
  received.error_count += errors.length;
  for (const error of errors) {
    if (received.errors.length < ERRORS_SHOWN) received.errors.push(error);
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN)}…` : text;
}
