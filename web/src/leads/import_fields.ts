import { IMPORT_FIELDS } from './lead_fields.gen.ts';

export type ImportField = (typeof IMPORT_FIELDS)[number]['name'];

/** The source column of each field; fields without a column are not imported. */
export type Columns = Readonly<Partial<Record<ImportField, string>>>;

/** Names every field, also skipped ones, because the server maps known headers automatically. */
export function mappingOf(columns: Columns): string {
  return JSON.stringify(Object.fromEntries(IMPORT_FIELDS.map(({ name }) => [name, columns[name] ?? null])));
}

/** Maps a column to one field only, and unmaps the field's previous column. */
export function withColumn(columns: Columns, header: string, field: ImportField | null): Columns {
  const others = Object.entries(columns).filter(([known, from]) => from !== header && known !== field);
  return Object.fromEntries(field === null ? others : [...others, [field, header]]) as Columns;
}
