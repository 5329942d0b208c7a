import { z } from 'zod';
import { type NamesWith, namesWith } from '../../core/columns.ts';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import { AppError, type FieldError } from '../../errors.ts';

/** Fields that a file may contain. */
export type ImportField = NamesWith<typeof LEAD_COLUMNS, 'synonyms'>;

const FIELDS = namesWith(LEAD_COLUMNS, 'synonyms');

const synonymsOf = (field: ImportField): readonly string[] => LEAD_COLUMNS[field].synonyms;

/** Headers such as "Work E-Mail (main)" are the address; headers about an address, or about its owner, are not. */
const MAY_BE_EMAIL = /email/;
const IS_NO_EMAIL =
  /status|valid|verif|opt|sent|open|click|bounc|sourc|domain|provider|type|count|date|last|confiden|quality|consent|subscri|owner|manager|assistant|sender|refer|rep$/;

/** One column that is read: its field, its header, and its index in each row. */
export type Column = { field: ImportField; header: string; place: number };

/** Null: the field is not read. */
export type Mapping = ReadonlyMap<ImportField, string | null>;

/**
 * Reads `{"email": "Mail 1", "title": null}`: field -> header in the file; null skips the field. Throws `mapping_invalid`
 * for anything else, with the path of every fault.
 */
export function readMapping(text: string | undefined): Mapping {
  if (text === undefined || text.trim() === '') return new Map();
  const parsed = z.record(z.string(), z.string().min(1).nullable()).safeParse(jsonOrNull(text));
  if (!parsed.success) {
    const message = 'expected a JSON object of field -> column header; null skips a field';
    throw mappingInvalid([{ path: 'mapping', message }]);
  }
  const mapping = new Map<ImportField, string | null>();
  const errors: FieldError[] = [];
  for (const [name, header] of Object.entries(parsed.data)) {
    const field = fieldNamed(name);
    if (field === undefined) {
      errors.push({
        path: `mapping.${name}`,
        message: `unknown field; expected one of ${FIELDS.join(', ')}`,
      });
    } else mapping.set(field, header);
  }
  if (errors.length > 0) throw mappingInvalid(errors);
  return mapping;
}

/**
 * Matches columns to fields by the mapping, else by the header. The best known of several headers for one field wins;
 * if no header is a known email address column, the only header that resembles one wins. Throws `mapping_invalid` for a
 * mapped column that the file lacks, and `csv_no_email_column` when no column can be the email address.
 */
export function matchColumns(
  header: readonly string[],
  mapping: Mapping,
): { columns: Column[]; ignored_columns: string[] } {
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
  if (errors.length > 0) throw mappingInvalid(errors, header);
  for (const field of FIELDS) {
    if (mapping.has(field)) continue;
    const place = [field, ...synonymsOf(field)]
      .map((name) => names.findIndex((other, at) => other === name && !mapped_places.has(at)))
      .find((at) => at >= 0);
    if (place !== undefined) columns.push({ field, place, header: header[place]! });
  }
  if (!mapping.has('email') && !columns.some(({ field }) => field === 'email')) {
    const place = likelyEmail(names, new Set(columns.map((column) => column.place)));
    if (place !== null) columns.unshift({ field: 'email', place, header: header[place]! });
  }
  if (!columns.some(({ field }) => field === 'email')) throw noEmailColumn(header, columns);
  const read = new Set(columns.map(({ place }) => place));
  return { columns, ignored_columns: header.filter((_, place) => !read.has(place)) };
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
