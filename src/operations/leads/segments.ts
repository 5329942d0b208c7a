/** The segments that plays target. RevOps names them with put_segment_config. */
import { z } from 'zod';
import { getPlayConfig, listSegments } from '../../db/queries/plays.gen.ts';
import { noun } from '../fields.ts';
import { byName, pagedList } from '../page.ts';

const list = pagedList({
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
    const rows = await listSegments.run(page, db);
    const { max_active_plays } = (await getPlayConfig.one({ org_id: page.org_id }, db))!;
    return rows.map(({ cap_override, ...row }) => ({
      ...row,
      max_active_plays: cap_override ?? max_active_plays,
    }));
  },
});

export const segmentOperations = [list] as const;
