import { IMPORT_FIELDS } from './lead_fields.gen.ts';

export type ImportField = (typeof IMPORT_FIELDS)[number]['name'];

/** Which column each field is read from; a field that is missing is not read. */
export type Columns = Readonly<Partial<Record<ImportField, string>>>;

/** For the server, which reads known headers by itself: so every field is named, also those that are not to be read. */
export function mappingOf(columns: Columns): string {
  return JSON.stringify(Object.fromEntries(IMPORT_FIELDS.map(({ name }) => [name, columns[name] ?? null])));
}

/** Reads a column as a field, and as nothing else; whatever was read as that field before is not read any more. */
export function withColumn(columns: Columns, header: string, field: ImportField | null): Columns {
  const others = Object.entries(columns).filter(([known, from]) => from !== header && known !== field);
  return Object.fromEntries(field === null ? others : [...others, [field, header]]) as Columns;
}
