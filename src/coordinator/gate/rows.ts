import type { Json } from '../../schema.gen.ts';

/**
 * Rows on their way into one set-based statement: `json_populate_recordset(NULL::table, :rows!)` reads them by
 * column name. Columns that are not named are null, so every default is written out by the caller. Text that the
 * database could not keep is mended: what a mail server said must never cost the record of what it did.
 */
export function rowsJson<Row>(rows: readonly Partial<Row>[]): Json {
  return storable(rows) as unknown as Json;
}

/** The same value, with U+FFFD in place of what PostgreSQL keeps in no text: NUL and halves of surrogate pairs. */
export function storable<T>(value: T): T {
  return isStorable(value) ? value : (mended(value) as T);
}

/** Nearly always true, so nothing is copied to find out. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStorable);
  for (const key in value) if (!isStorable((value as Record<string, unknown>)[key])) return false;
  return true;
}

function mended(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(mended);
  if (typeof value !== 'object' || value === null || isStorable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mended(inner)]));
}
