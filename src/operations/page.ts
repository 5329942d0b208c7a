import { z } from 'zod';
import { AppError } from '../errors.ts';

/** What every list takes: how many, and where the page before ended. */
export const pageInput = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('how many, 1 to 200'),
  cursor: z.string().max(500).optional().describe('next_cursor of the page before'),
};

/** What every list answers. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/**
 * One page of rows that were asked for with `limit + 1`: the extra row only tells that there are more.
 * `keyOf` names the row's place in the order.
 */
export function toPage<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => readonly string[]) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: [...items], next_cursor: more ? encodeCursor(keyOf(last)) : null };
}

/** The key that a cursor holds. Throws `cursor_invalid` for anything that this product did not make. */
export function readCursor(cursor: string | undefined, parts: number): readonly string[] | null {
  if (cursor === undefined) return null;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === parts && key.every((part) => typeof part === 'string'))
      return key;
  } catch {
    // falls through to the refusal
  }
  throw new AppError('cursor_invalid', 'This cursor is not one that a list answered.', {
    errors: [{ path: 'cursor', message: 'expected the next_cursor of an earlier answer' }],
  });
}

function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}
