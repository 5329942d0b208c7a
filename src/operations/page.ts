import { z } from 'zod';
import { AppError } from '../errors.ts';

/** Before every id: where a page in the order of ids begins. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** What every list takes: how many, and where the page before ended. */
export const pageInput = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('how many, 1 to 200'),
  cursor: z.string().max(500).optional().describe('next_cursor of the page before'),
};

/** What every list answers. Items called Lead or ListedLead come in a LeadPage. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  const page = z.object({ items: z.array(item), next_cursor: z.string().nullable() });
  const name = item.meta()?.id?.replace(/^Listed/, '');
  return name === undefined ? page : page.meta({ id: `${name}Page` });
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

const idKey = z.tuple([z.uuid()]);
const nameKey = z.tuple([z.string()]);
const numberKey = z.tuple([z.string().regex(/^\d{1,9}$/)]);
const timeKey = z.tuple([z.iso.datetime(), z.uuid()]);

/** Where a list that runs by id goes on; null at its beginning. Throws `cursor_invalid`, like the others here. */
export function readIdCursor(cursor: string | undefined): string | null {
  return readCursor(cursor, idKey)?.[0] ?? null;
}

/** Where a list that runs by name goes on. */
export function readNameCursor(cursor: string | undefined): string | null {
  return readCursor(cursor, nameKey)?.[0] ?? null;
}

/** Where a list that runs by a whole number goes on. */
export function readNumberCursor(cursor: string | undefined): number | null {
  const key = readCursor(cursor, numberKey);
  return key === null ? null : Number(key[0]);
}

/** Where a list that runs by time, then id, goes on. */
export function readTimeCursor(cursor: string | undefined): { time: Date | null; id: string | null } {
  const key = readCursor(cursor, timeKey);
  return key === null ? { time: null, id: null } : { time: new Date(key[0]), id: key[1] };
}

function readCursor<Key>(cursor: string | undefined, shape: z.ZodType<Key>): Key | null {
  if (cursor === undefined) return null;
  const key = shape.safeParse(decodeCursor(cursor));
  if (key.success) return key.data;
  throw new AppError('cursor_invalid', 'This cursor is not one that a list answered.', {
    errors: [{ path: 'cursor', message: 'expected the next_cursor of an earlier answer' }],
  });
}

function decodeCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}
