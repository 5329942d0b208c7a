import { z } from 'zod';
import { type NamesWith, namesWith } from '../../core/columns.ts';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { ADDRESS_FIELDS, ADDRESSES, type AddressColumn, addressKindOf } from './import_address_columns.ts';

/** Fields that a file may contain. */
export type ImportField = NamesWith<typeof LEAD_COLUMNS, 'synonyms'>;

const FIELDS = namesWith(LEAD_COLUMNS, 'synonyms');

const synonymsOf = (field: ImportField): readonly string[] => LEAD_COLUMNS[field].synonyms;

/** Headers such as "Work E-Mail (main)" are the address; headers about an address, or about its owner, are not. */
const MAY_BE_EMAIL = /email/;
const MAY_BE_ADDRESS = /email|phone|mobile|linkedin/;
const IS_NO_EMAIL =
  /status|valid|verif|opt|sent|open|click|bounc|sourc|domain|provider|type|count|date|last|confiden|quality|consent|subscri|owner|manager|assistant|sender|refer|rep$/;

/** One column that is read: its field, its header, and its index in each row. */
export type Column = { field: ImportField; header: string; place: number };

/** Null: the field is not read. `addresses` are the columns of further addresses; undefined: by their headers. */
export type Mapping = {
  fields: ReadonlyMap<ImportField, string | null>;
  addresses?: readonly string[];
};

const header_name = z.string().min(1);
const mapped = z
  .object({ [ADDRESSES]: z.union([header_name.transform((one) => [one]), z.array(header_name)]).nullish() })
  .catchall(header_name.nullable());

/**
 * Reads `{"email": "Mail 1", "title": null, "addresses": ["Mail 2", "Mobile"]}`: field -> header in the file, for further
 * addresses several; null skips the field. Throws `mapping_invalid` for anything else, with the path of every fault.
 */
export function readMapping(text: string | undefined): Mapping {
  if (text === undefined || text.trim() === '') return { fields: new Map() };
  const parsed = mapped.safeParse(jsonOrNull(text));
  if (!parsed.success) {
    const message = 'expected a JSON object of field -> column header; null skips a field';
    throw mappingInvalid([{ path: 'mapping', message }]);
  }
  const fields = new Map<ImportField, string | null>();
  const errors: FieldError[] = [];
  const { [ADDRESSES]: addresses, ...named } = parsed.data;
  for (const [name, header] of Object.entries(named) as [string, string | null][]) {
    const field = fieldNamed(name);
    if (field === undefined) {
      errors.push({
        path: `mapping.${name}`,
        message: `unknown field; expected one of ${FIELDS.join(', ')}, ${ADDRESSES}`,
      });
    } else fields.set(field, header);
  }
  if (errors.length > 0) throw mappingInvalid(errors);
  return addresses === undefined ? { fields } : { fields, addresses: addresses ?? [] };
}

/**
 * Matches columns to fields by the mapping, else by the header. The best known of several headers for one field wins;
 * if no header is a known email address column, the only header that resembles one wins. The other columns of addresses hold
 * further ones. Throws `mapping_invalid` for a mapped column that the file lacks, and `csv_no_email_column` when no column can
 * be the email address.
 */
export function matchColumns(
  header: readonly string[],
  { fields: mapping, addresses }: Mapping,
): { columns: Column[]; address_columns: AddressColumn[]; ignored_columns: string[] } {
  const names = header.map(normalizeHeader);
  const columns: Column[] = [];
  const errors: FieldError[] = [];
  const mapped_places = new Set<number>();
  for (const [field, wanted] of mapping) {
    if (wanted === null) continue;
    const place = placeOf(header, names, wanted);
    if (place < 0) errors.push({ path: `mapping.${field}`, message: `the file has no column "${wanted}"` });
    else {
      columns.push({ field, place, header: header[place]! });
      mapped_places.add(place);
    }
  }
  for (const [at, wanted] of (addresses ?? []).entries()) {
    const place = placeOf(header, names, wanted);
    if (place >= 0) mapped_places.add(place);
    else errors.push({ path: `mapping.${ADDRESSES}[${at}]`, message: `the file has no column "${wanted}"` });
  }
  if (errors.length > 0) throw mappingInvalid(errors, header);
  for (const field of FIELDS) {
    if (mapping.has(field)) continue;
    const place = [field, ...synonymsOf(field)]
      .map((name) => names.findIndex((other, at) => other === name && !mapped_places.has(at)))
      .find((at) => at >= 0);
    if (place !== undefined) columns.push({ field, place, header: header[place]! });
  }
  if (!mapping.has('email') && !columns.some(({ field }) => field === 'email')) {
    const place = likelyEmail(names, new Set([...mapped_places, ...columns.map((column) => column.place)]));
    if (place !== null) columns.unshift({ field: 'email', place, header: header[place]! });
  }
  if (!columns.some(({ field }) => field === 'email')) throw noEmailColumn(header, columns);
  const fielded = new Set(columns.map(({ place }) => place));
  const chosen = addresses && new Set(addresses.map((wanted) => placeOf(header, names, wanted)));
  const address_columns = header.flatMap((name, place) => {
    const kind = addressKindOf(names[place]!);
    const is_known = kind !== undefined && !isSkipped(mapping, kind) && header.indexOf(name) === place;
    const is_read = !fielded.has(place) && (chosen ? chosen.has(place) : is_known);
    return is_read ? [{ kind: kind ?? null, header: name, place }] : [];
  });
  const read = new Set([...fielded, ...address_columns.map(({ place }) => place)]);
  return { columns, address_columns, ignored_columns: header.filter((_, place) => !read.has(place)) };
}

/** Whether the mapping skips the field of these addresses. */
function isSkipped(mapping: Mapping['fields'], kind: AddressColumn['kind']): boolean {
  return kind !== null && mapping.get(ADDRESS_FIELDS[kind]) === null;
}

/** The field that a header of no field resembles: further addresses, unless it only tells about them. */
export function likelyField(header: string): string {
  const name = normalizeHeader(header).replaceAll(/[^\p{L}]/gu, '');
  return MAY_BE_ADDRESS.test(name) && !IS_NO_EMAIL.test(name) ? ADDRESSES : 'FIELD';
}

/** With two candidates a person decides: a wrong address is worse than none. */
function likelyEmail(names: readonly string[], taken: ReadonlySet<number>): number | null {
  const likely = names.flatMap((name, place) => {
    const letters = name.replaceAll(/[^\p{L}]/gu, '');
    return !taken.has(place) && MAY_BE_EMAIL.test(letters) && !IS_NO_EMAIL.test(letters) ? [place] : [];
  });
  return likely.length === 1 ? likely[0]! : null;
}

function placeOf(header: readonly string[], names: readonly string[], wanted: string): number {
  const exact = header.indexOf(wanted);
  return exact >= 0 ? exact : names.indexOf(normalizeHeader(wanted));
}

function fieldNamed(name: string): ImportField | undefined {
  const normal = normalizeHeader(name);
  return FIELDS.find((field) => field === normal || synonymsOf(field).includes(normal));
}

/** "E-Mail Address" -> "e_mail_address". */
function normalizeHeader(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replaceAll(/[\s\-./]+/g, '_')
    .replaceAll(/[?:*]+$/g, '');
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function mappingInvalid(errors: readonly FieldError[], header?: readonly string[]): AppError {
  return new AppError('mapping_invalid', 'The mapping does not match the file.', {
    errors,
    hint: header === undefined ? 'Example: {"email": "Work mail"}.' : `Columns found: ${listed(header)}.`,
  });
}

/** Names the other recognized columns too, so that the caller need only map the missing one. */
function noEmailColumn(header: readonly string[], columns: readonly Column[]): AppError {
  const detail = `No column for the email address. Columns found: ${listed(header)}.`;
  return new AppError('csv_no_email_column', detail, {
    errors: [{ path: 'mapping.email', message: 'choose a column' }],
    hint: 'Choose the column: mapping={"email": "<its header>"}.',
    extra: { columns_found: header.slice(0, 100), columns: columnsByField(columns) },
  });
}

/** Field -> the header that it is read from. */
export function columnsByField(columns: readonly Column[]): Record<string, string> {
  return Object.fromEntries(columns.map(({ field, header }) => [field, header]));
}

function listed(header: readonly string[]): string {
  const shown = header.slice(0, 30).map((name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name));
  return shown.join(', ') + (header.length > shown.length ? ', …' : '');
}
