import type { Json } from '../schema.gen.ts';

/**
 * Rows on their way into one set-based statement: `json_populate_recordset(NULL::table, :rows!)` reads them by
 * column name. Columns that are not named are null, so every default is written out by the caller.
 */
export function rowsJson<Row>(rows: readonly Partial<Row>[]): Json {
  return rows as unknown as Json;
}
