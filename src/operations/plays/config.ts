/** Segments, and the caps on active plays in the organization and in each segment. */
import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import * as plays from '../../db/queries/plays.gen.ts';
import { noun, nullableInstant, requirePerson } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { byName, pagedList } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import { playText } from './documents.ts';
import { segmentName } from './plays.ts';

const SEGMENTS_MAX = 1_000;

const cap = z.int().min(3).max(8);

const config = noun('PlayConfig', {
  max_active_plays: z.int().describe('cap of a segment without its own'),
  auto_sunset: z.boolean().describe('retire active plays automatically after their period'),
  updated_at: nullableInstant,
  active_plays: z.int().describe('all active plays'),
  segments: z.array(
    noun('SegmentCap', {
      segment: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      max_active_plays: z.int(),
      is_override: z.boolean().describe('whether the segment has a cap of its own'),
      active_plays: z.int(),
    }),
  ),
});

const get = operation({
  name: 'get_play_config',
  summary: 'Show the cap on active plays of each segment, and the number of active plays.',
  http: { method: 'GET', path: '/plays/config' },
  version: 'shown',
  cli: { command: 'plays config' },
  output: config,
  run: ({ context, principal }) => readConfig(context.db, principal.org_id),
});

const put = operation({
  name: 'put_play_config',
  summary: 'Set the default cap on active plays of a segment, and whether plays retire automatically.',
  http: { method: 'PUT', path: '/plays/config' },
  version: 'checked',
  cli: { command: 'plays config set' },
  input: z.object({ max_active_plays: cap.optional(), auto_sunset: z.boolean().optional() }),
  output: config,
  errors: 'role_required version_changed',
  run: async ({ context, principal, input, expected }) => {
    const user_id = requirePerson(principal);
    const { org_id } = principal;
    await transact({ context, principal }, async ({ tx, now }) => {
      const before = await readConfig(tx, org_id);
      refuseIfStale(expected, config, before);
      const { max_active_plays = before.max_active_plays, auto_sunset = before.auto_sunset } = input;
      await plays.putPlayConfig.run({ org_id, max_active_plays, auto_sunset, user_id, now }, tx);
    });
    return readConfig(context.db, org_id);
  },
});

const putForSegment = operation({
  name: 'put_segment_config',
  summary: 'Add or rename a segment of the taxonomy, or set its own cap on active plays.',
  http: { method: 'PUT', path: '/plays/config/{segment}' },
  cli: { command: 'plays config segment', args: ['segment'] },
  input: z.object({
    segment: segmentName,
    name: playText(200).optional().describe('default: the label itself'),
    description: playText(2_000).optional(),
    max_active_plays: cap.nullable().optional().describe('3 to 8; null: use the organization’s cap'),
  }),
  output: config,
  errors: 'role_required',
  run: async ({ context, principal, input }) => {
    const { segment, name = null, description = null, max_active_plays } = input;
    const user_id = requirePerson(principal);
    const { org_id } = principal;
    await transact({ context, principal }, async ({ tx, now }) => {
      await plays.putSegment.run({ org_id, segment, name, description, now }, tx);
      if (max_active_plays === null) await plays.deleteSegmentCap.run({ org_id, segment }, tx);
      else if (max_active_plays !== undefined)
        await plays.putSegmentCap.run({ org_id, segment, max_active_plays, user_id, now }, tx);
    });
    return readConfig(context.db, org_id);
  },
});

const listSegments = pagedList({
  name: 'list_segments',
  summary: 'List the segments that plays can target, with active plays and caps.',
  path: '/segments',
  cli: {
    command: 'segments',
    columns: 'segment name active_plays max_active_plays',
    below: ['description'],
    empty: 'No segments. RevOps adds one: touchline plays config segment SEGMENT',
  },
  mcp: { tool: 'list_segments', title: 'List segments' },
  item: noun('Segment', {
    segment: z.string().describe('as in plays and leads'),
    name: z.string(),
    description: z.string().nullable(),
    active_plays: z.int(),
    max_active_plays: z.int(),
  }),
  order: byName('segment'),
  rows: async ({ page, db }) => {
    const rows = await plays.listSegments.run(page, db);
    const { max_active_plays } = (await plays.getPlayConfig.one({ org_id: page.org_id }, db))!;
    return withCaps(rows, max_active_plays);
  },
});

export const playConfigOperations = [get, put, putForSegment, listSegments] as const;

async function readConfig(db: Queryable, org_id: string): Promise<z.input<typeof config>> {
  const own = await plays.getPlayConfig.one({ org_id }, db);
  if (own === undefined) throw new Error(`org ${org_id} has no library config`);
  const [counted] = await plays.countActivePlays.run({ org_id }, db);
  const rows = await plays.listSegments.run({ org_id, after_segment: null, limit: SEGMENTS_MAX }, db);
  const { max_active_plays, auto_sunset, updated_at } = own;
  return {
    max_active_plays,
    auto_sunset,
    updated_at,
    active_plays: counted!.active,
    segments: withCaps(rows, max_active_plays),
  };
}

function withCaps(rows: readonly plays.ListSegmentsResult[], max_active_plays: number) {
  return rows.map(({ cap_override, ...row }) => ({
    ...row,
    max_active_plays: cap_override ?? max_active_plays,
    is_override: cap_override !== null,
  }));
}
