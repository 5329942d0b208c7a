import { z } from 'zod';
import { type NamesWith, namesWith } from '../../core/columns.ts';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import { AppError, type FieldError } from '../../errors.ts';

/** The fields that a file may contain. */
export type ImportField = NamesWith<typeof LEAD_COLUMNS, 'synonyms'>;

const FIELDS = namesWith(LEAD_COLUMNS, 'synonyms');

const synonymsOf = (field: ImportField): readonly string[] => LEAD_COLUMNS[field].synonyms;

/** Headers such as "Work E-Mail (main)" are the address; those that tell something about it, or whose it is, are not. */
const MAY_BE_EMAIL = /email/;
const IS_NO_EMAIL =
  /status|valid|verif|opt|sent|open|click|bounc|sourc|domain|provider|type|count|date|last|confiden|quality|consent|subscri|owner|manager|assistant|sender|refer|rep$/;

/** One column of a file that is read: its place in each row, its header, and what it says. */
export type Column = { field: ImportField; header: string; place: number };

/** Null: the field is not read, whatever the headers are. */
export type Mapping = ReadonlyMap<ImportField, string | null>;

/**
 * Reads `{"email": "Mail 1", "title": null}`: our field -> the header in the file, or that it is not read. Throws `mapping_invalid` for anything else,
 * with the path of every fault.
 */
export function readMapping(text: string | undefined): Mapping {
  if (text === undefined || text.trim() === '') return new Map();
  const parsed = z.record(z.string(), z.string().min(1).nullable()).safeParse(jsonOrNull(text));
  if (!parsed.success) {
    throw mappingInvalid([
      {
        path: 'mapping',
        message:
          'expected a JSON object of field -> column header, both text; or null for a field that is not read',
      },
    ]);
  }
  const mapping = new Map<ImportField, string | null>();
  const errors: FieldError[] = [];
  for (const [name, header] of Object.entries(parsed.data)) {
    const field = fieldNamed(name);
    if (field === undefined) {
      errors.push({ path: `mapping.${name}`, message: `no such field; known are ${FIELDS.join(', ')}` });
    } else mapping.set(field, header);
  }
  if (errors.length > 0) throw mappingInvalid(errors);
  return mapping;
}

/**
 * Which column holds what: as the mapping says, else by its header. Of several headers for one field the best
 * known one is read; where no header is known as the e-mail address, the only one that looks like it is. Throws `mapping_invalid` for a mapped column that the file does not have, and
 * `csv_no_email_column` when no column can be the e-mail address.
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

/** With two that look alike a person says which: a wrong address is worse than none. */
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
  return new AppError('mapping_invalid', 'The mapping does not fit.', {
    errors,
    hint: header === undefined ? 'Such as {"email": "Work mail"}.' : `Columns found: ${listed(header)}.`,
  });
}

/** It says what was recognised besides, so that who names the one column need not name the others. */
function noEmailColumn(header: readonly string[], columns: readonly Column[]): AppError {
  const detail = `No column holds the e-mail address. Columns found: ${listed(header)}.`;
  return new AppError('csv_no_email_column', detail, {
    errors: [{ path: 'mapping.email', message: 'which column is it?' }],
    hint: 'Name the column: mapping={"email": "<its header>"}.',
    extra: {
      columns_found: header.slice(0, 100),
      columns: columnsByField(columns),
    },
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
