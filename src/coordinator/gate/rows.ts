import type { Json } from '../../schema.gen.ts';

/**
 * Rows for one set-based statement: `json_populate_recordset(NULL::table, :rows!)` reads them by column name. Unnamed
 * columns are null, so the caller writes out every default. Text that the database cannot store is repaired: a mail
 * server's words must never cost the record of what it did.
 */
export function rowsJson<Row>(rows: readonly Partial<Row>[]): Json {
  return storable(rows) as unknown as Json;
}

/** The same value, with U+FFFD in place of text that PostgreSQL cannot store: NUL and lone surrogates. */
export function storable<T>(value: T): T {
  return isStorable(value) ? value : (mended(value) as T);
}

/** The words of an error, for a column. */
export function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return storable(message.slice(0, 1_000)) || 'an error without a message';
}

/** Nearly always true, so the check copies nothing. */
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
