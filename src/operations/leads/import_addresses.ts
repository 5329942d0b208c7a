/** Cells of a file that hold further addresses of a person. None of them becomes the primary one. */
import { isRecord } from '../../core/json.ts';
import { ADDRESS_KIND_VALUES, type AddressKind } from '../../schema.gen.ts';
import { addressOf } from './addresses.ts';
import { ADDRESS_FIELDS, type AddressColumn } from './import_address_columns.ts';
import { type CellFault, type Known, readCell } from './import_cells.ts';

/** A further address of a row. */
export type FurtherAddress = { kind: AddressKind; value: string };

/** More are a spreadsheet mistake. */
const ADDRESSES_MAX = 20;

/**
 * The addresses of one cell: words with commas or semicolons between them, or in JSON a list of texts, or of objects with a
 * `value` and perhaps a `kind`. Each fault names its place.
 */
export function readAddresses(
  column: AddressColumn,
  cell: unknown,
  known: Known,
): { addresses: FurtherAddress[]; faults: (CellFault & { path: string; value: unknown })[] } {
  const parts = partsOf(cell);
  const addresses: FurtherAddress[] = [];
  const faults: (CellFault & { path: string; value: unknown })[] = [];
  for (const [at, part] of parts.entries()) {
    const path = parts.length === 1 && !Array.isArray(cell) ? column.header : `${column.header}[${at}]`;
    const read =
      at < ADDRESSES_MAX
        ? readAddress(column.kind, part, known)
        : { code: 'too_many_addresses', message: `more than ${ADDRESSES_MAX} addresses` };
    if (read === null) continue;
    if ('code' in read) faults.push({ ...read, path, value: part });
    else addresses.push(read);
    if (at === ADDRESSES_MAX) break;
  }
  return { addresses, faults };
}

function partsOf(cell: unknown): unknown[] {
  if (cell === null || cell === undefined) return [];
  if (Array.isArray(cell)) return cell;
  return typeof cell === 'string' ? cell.split(/[;,\n]/).filter((part) => part.trim() !== '') : [cell];
}

/** Null for an empty text. */
function readAddress(
  of_column: AddressKind | null,
  part: unknown,
  known: Known,
): FurtherAddress | CellFault | null {
  const given = isRecord(part) ? part : { kind: of_column, value: part };
  const kind = given.kind === undefined || given.kind === null ? kindOf(String(given.value)) : given.kind;
  if (!ADDRESS_KIND_VALUES.some((one) => one === kind)) {
    return { code: 'address_invalid', message: `expected the kind ${ADDRESS_KIND_VALUES.join(', ')}` };
  }
  const is = kind as AddressKind;
  const cell = readCell(ADDRESS_FIELDS[is], given.value, known);
  if ('code' in cell) return cell;
  if (cell.value === null) return null;
  const value = addressOf(is, String(cell.value));
  return typeof value === 'string' ? { kind: is, value } : { code: 'url_invalid', message: value.error };
}

function kindOf(text: string): AddressKind {
  if (/linkedin\./i.test(text)) return 'linkedin';
  return text.includes('@') ? 'email' : 'phone';
}
