import { z } from 'zod';
import type { AttioClient } from './attio_requests.ts';
import { readRecordOf, SLUG_OF } from './attio_values.ts';
import { refusedHere } from './crm_client.ts';
import type { CrmOutcome, CrmPage, CrmPlace } from './port.ts';
import type { CrmObject } from './records.ts';

/** Attio's maximum for one query. */
const QUERY_MAX = 500;
/** Records with one instant that a cursor can name; a UUID and its quotes take 39 bytes. */
const SEEN_MAX = 450;

/**
 * A place among records sorted by creation: after `seen`, the records already returned with `created_at`. An offset over all
 * records would skip one for each record that others delete in earlier pages.
 */
const cursorForm = z.strictObject({
  created_at: z.string(),
  seen: z.array(z.guid()).max(SEEN_MAX),
  /** Records of the instant before `seen`, if there are more than a cursor can name. */
  skip: z.int().min(0),
});

type Cursor = z.output<typeof cursorForm>;

export async function attioPage(
  client: AttioClient,
  object: CrmObject,
  cursor: string | null,
  limit: number,
  fields: readonly CrmPlace[],
): Promise<CrmOutcome<CrmPage>> {
  const from = cursor === null ? null : readCursor(cursor);
  if (from === undefined)
    return refusedHere('cursor_invalid', 'cursor', 'The cursor is not one of this connector.');
  // One record more than wanted shows whether there is another page.
  const seen = new Set(from?.seen);
  const wanted = Math.min(limit, QUERY_MAX - seen.size - 1);
  const got = await client.call('query_records', {
    params: { object: SLUG_OF[object] },
    body: {
      ...(from === null ? {} : { filter: { created_at: { $gte: from.created_at } } }),
      sorts: [{ direction: 'asc', attribute: 'created_at' }],
      limit: seen.size + wanted + 1,
      offset: from?.skip ?? 0,
    },
  });
  if (got.kind !== 'ok') return got;
  const fresh = got.value.data.filter(({ id }) => !seen.has(id.record_id));
  const page = fresh.slice(0, wanted);
  const records = page.map((record) => readRecordOf(object, record, fields));
  const is_last = fresh.length <= wanted;
  return { kind: 'ok', value: { records, next_cursor: is_last ? null : nextCursor(from, page) } };
}

function nextCursor(from: Cursor | null, page: { id: { record_id: string }; created_at: string }[]): string {
  const { created_at } = page.at(-1)!;
  const ids = page.filter((record) => record.created_at === created_at).map(({ id }) => id.record_id);
  const is_same = from?.created_at === created_at;
  const seen = is_same ? [...from.seen, ...ids] : ids;
  const overflow = Math.max(0, seen.length - SEEN_MAX);
  const next: Cursor = {
    created_at,
    seen: seen.slice(overflow),
    skip: (is_same ? from.skip : 0) + overflow,
  };
  return JSON.stringify(next);
}

function readCursor(text: string): Cursor | undefined {
  try {
    return cursorForm.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
