/** Columns and cells of a file that hold further addresses of a person. None of them becomes the primary one. */
import { isRecord } from '../../core/json.ts';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import { ADDRESS_KIND_VALUES, type AddressKind } from '../../schema.gen.ts';
import { addressOf } from './addresses.ts';
import { type CellFault, type Known, readCell } from './import_cells.ts';

/** The name of these columns in a mapping and in JSON. */
export const ADDRESSES = 'addresses';

/** A further address of a row. */
export type FurtherAddress = { kind: AddressKind; value: string };

/** One column that is read. Without a kind, each value says what it is. */
export type AddressColumn = { kind: AddressKind | null; header: string; place: number };

/** More are a spreadsheet mistake. */
const ADDRESSES_MAX = 20;
/** The field of a lead that has the primary address of a kind. */
export const ADDRESS_FIELDS = { email: 'email', linkedin: 'linkedin_url', phone: 'phone' } as const;
const WHICH =
  'secondary|second|2nd|third|3rd|other|additional|alternate|alternative|alt|further|personal|private';
const WHERE = 'home|work|business|mobile|cell|direct';
const QUALIFIERS = new RegExp(`^((${WHICH}|${WHERE})_)+|(_?\\(?\\d\\)?|_(${WHICH}|${WHERE}))+$`, 'g');

/** The kind of address that a normalized header names, null if its values say; undefined for any other header. */
export function addressKindOf(name: string): AddressKind | null | undefined {
  const bare = name.replaceAll(QUALIFIERS, '');
  const names = [name, bare, bare.replace(/s$/, ''), bare.replace(/es$/, '')];
  if (names.includes('address') && bare !== 'address') return null;
  return ADDRESS_KIND_VALUES.find((kind) => {
    const field = ADDRESS_FIELDS[kind];
    return names.some(
      (one) => one === field || (LEAD_COLUMNS[field].synonyms as readonly string[]).includes(one),
    );
  });
}

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
