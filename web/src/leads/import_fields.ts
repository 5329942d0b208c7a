import type { ImportReport } from '../api/schema.d.ts';
import { IMPORT_FIELDS } from './lead_fields.gen.ts';

export type ImportField = (typeof IMPORT_FIELDS)[number]['name'];

/** A column of further addresses, of which a file may have several. */
export const ADDRESSES = 'addresses';

/** The source column of each field; fields without a column are not imported. Without `addresses`, headers decide. */
export type Columns = Readonly<Partial<Record<ImportField, string>>> & {
  readonly [ADDRESSES]?: readonly string[] | undefined;
};

export function columnsOf({
  columns,
  address_columns,
}: Pick<ImportReport, 'columns' | 'address_columns'>): Columns {
  return { ...(columns as Columns), [ADDRESSES]: address_columns };
}

/** Names every field, also skipped ones, because the server maps known headers automatically. */
export function mappingOf(columns: Columns): string {
  const fields = Object.fromEntries(IMPORT_FIELDS.map(({ name }) => [name, columns[name] ?? null]));
  return JSON.stringify({ ...fields, [ADDRESSES]: columns[ADDRESSES] });
}

/** Maps a column to one field only, and unmaps the field's previous column. */
export function withColumn(
  { [ADDRESSES]: addresses, ...columns }: Columns,
  header: string,
  field: ImportField | typeof ADDRESSES | null,
): Columns {
  const others = Object.entries(columns).filter(([known, from]) => from !== header && known !== field);
  const fields = Object.fromEntries(
    field === null || field === ADDRESSES ? others : [...others, [field, header]],
  );
  const further = addresses?.filter((one) => one !== header);
  return { ...fields, [ADDRESSES]: field === ADDRESSES ? [...(further ?? []), header] : further };
}
