import { z } from 'zod';
import type { ActingDb } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import { type Call, type Declared, operation } from './operation.ts';

export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export const pageInput = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('how many, 1 to 200'),
  cursor: z.string().max(500).optional().describe('next_cursor of the previous page'),
};

/** The answer of a list. Items named Lead or ListedLead come in a LeadPage. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  const page = z.object({ items: z.array(item), next_cursor: z.string().nullable() });
  const name = item.meta()?.id?.replace(/^Listed/, '');
  return name === undefined ? page : page.meta({ id: `${name}Page` });
}

/**
 * One page of rows read with `limit + 1`: the extra row shows that there are more. `keyOf` gives a row's place in the
 * order.
 */
export function toPage<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => readonly string[]) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: [...items], next_cursor: more ? encodeCursor(keyOf(last)) : null };
}

/** Order of a list: parameters that continue after a cursor, and the key of each row. */
type Order<Place, Row> = {
  placeOf(cursor: string | undefined): Place;
  keyOf(row: Row): readonly string[];
};

export const BY_ID = {
  placeOf: (cursor: string | undefined) => ({ after_id: readFirst(cursor, idKey) }),
  keyOf: (row: { id: string }) => [row.id],
};

/** Newest first: ids grow with time. */
export const NEWEST_FIRST = {
  placeOf: (cursor: string | undefined) => ({ before_id: readFirst(cursor, idKey) }),
  keyOf: BY_ID.keyOf,
};

export function byName<Field extends string>(field: Field) {
  type Place = { [Key in `after_${Field}`]: string | null };
  return {
    placeOf: (cursor: string | undefined) => ({ [`after_${field}`]: readFirst(cursor, nameKey) }) as Place,
    keyOf: (row: Record<Field, string>) => [row[field]],
  };
}

/** Newest first; rows of the same time by id. */
export function byTime<Time extends string, Id extends string>(time_field: Time, id_field: Id) {
  return {
    placeOf(cursor: string | undefined) {
      const { time: before_time, id: before_id } = readTimeCursor(cursor);
      return { before_time, before_id };
    },
    keyOf: (row: Record<Time, Date> & Record<Id, string>) => [row[time_field].toISOString(), row[id_field]],
  };
}

/** In the order of a time that `rows` adds to each row as `place`; the answer leaves it out. */
export const BY_PLACE = {
  placeOf(cursor: string | undefined) {
    const { time: after_time, id: after_id } = readTimeCursor(cursor);
    return { after_time, after_id };
  },
  keyOf: byTime('place', 'place_id').keyOf,
};

/** The inputs of a list besides `limit` and `cursor`; null where the caller gives none. */
type Filters<Fields extends z.ZodRawShape> = {
  [Key in keyof Fields]: undefined extends z.output<Fields[Key]>
    ? Exclude<z.output<Fields[Key]>, undefined> | null
    : z.output<Fields[Key]>;
};

type Paged<Place, Fields extends z.ZodRawShape> = Pick<Call<unknown>, 'context' | 'principal'> & {
  db: ActingDb;
  /** Parameters of the statement: the organization, the filters, the place in the order, and one row more than asked for. */
  page: Place & Filters<Fields> & { org_id: string; limit: number };
};

/** Declares an operation that lists rows in pages. `rows` reads them, one more than asked for. */
export function pagedList<
  const Name extends string,
  Item extends z.ZodType,
  Place,
  Key,
  Fields extends z.ZodRawShape = Record<never, z.ZodType>,
>({
  path,
  filters,
  item,
  order,
  rows,
  errors = '',
  ...rest
}: Omit<Declared<z.ZodObject, z.ZodType, Name>, 'http' | 'input' | 'output' | 'run' | 'text'> & {
  text?(page: { items: z.output<Item>[]; next_cursor: string | null }): string;
  path: `/${string}`;
  filters?: Fields;
  item: Item;
  order: Order<Place, Key>;
  rows(call: Paged<Place, Fields>): Promise<readonly (z.input<Item> & Key)[]>;
}) {
  return operation({
    ...rest,
    http: { method: 'GET', path },
    input: z.object({ ...filters, ...pageInput }),
    output: pageOf(item),
    errors: `cursor_invalid ${errors}`,
    run: async ({ context, principal, input: { limit, cursor, ...input } }) => {
      const given = input as Record<string, unknown>;
      const asked = Object.keys(filters ?? {}).map((name) => [name, given[name] ?? null]);
      const place = { ...order.placeOf(cursor), org_id: principal.org_id, limit: limit + 1 };
      const page = { ...Object.fromEntries(asked), ...place } as Paged<Place, Fields>['page'];
      const found = await rows({ context, principal, db: context.db, page });
      return toPage(found, limit, order.keyOf);
    },
  });
}

const idKey = z.tuple([z.uuid()]);
const nameKey = z.tuple([z.string()]);
const numberKey = z.tuple([z.string().regex(/^\d{1,9}$/)]);
const timeKey = z.tuple([z.iso.datetime(), z.uuid()]);

/** Null at the beginning. Throws `cursor_invalid`, like those below. */
function readFirst(cursor: string | undefined, shape: z.ZodType<[string]>): string | null {
  return readCursor(cursor, shape)?.[0] ?? null;
}

export function readNumberCursor(cursor: string | undefined): number | null {
  const key = readCursor(cursor, numberKey);
  return key === null ? null : Number(key[0]);
}

function readTimeCursor(cursor: string | undefined): { time: Date | null; id: string | null } {
  const key = readCursor(cursor, timeKey);
  return key === null ? { time: null, id: null } : { time: new Date(key[0]), id: key[1] };
}

function readCursor<Key>(cursor: string | undefined, shape: z.ZodType<Key>): Key | null {
  if (cursor === undefined) return null;
  const key = shape.safeParse(decodeCursor(cursor));
  if (key.success) return key.data;
  throw new AppError('cursor_invalid', 'This cursor is not valid.', {
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
