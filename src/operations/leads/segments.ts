/** The segments that plays target. RevOps names them with put_segment_config. */
import { z } from 'zod';
import { getPlayConfig, listSegments } from '../../db/queries/plays.gen.ts';
import { noun } from '../fields.ts';
import { operation } from '../operation.ts';
import { pageInput, pageOf, readNameCursor, toPage } from '../page.ts';

const list = operation({
  name: 'list_segments',
  summary: 'List the segments that plays can target, with active plays and caps.',
  http: { method: 'GET', path: '/segments' },
  cli: {
    command: 'segments',
    columns: 'segment name active_plays max_active_plays',
    below: ['description'],
    empty: 'No segments. RevOps adds one: touchline plays config segment SEGMENT',
  },
  mcp: { tool: 'list_segments', title: 'List segments' },
  input: z.object(pageInput),
  output: pageOf(
    noun('Segment', {
      segment: z.string().describe('as in plays and leads'),
      name: z.string(),
      description: z.string().nullable(),
      active_plays: z.int(),
      max_active_plays: z.int(),
    }),
  ),
  errors: 'cursor_invalid',
  run: async ({ context, principal: { org_id }, input: { limit, cursor } }) => {
    const asked = { org_id, after_segment: readNameCursor(cursor), limit: limit + 1 };
    const rows = await listSegments.run(asked, context.db);
    const own = await getPlayConfig.one({ org_id }, context.db);
    const shown = rows.map(({ cap_override, ...row }) => ({
      ...row,
      max_active_plays: cap_override ?? own!.max_active_plays,
    }));
    return toPage(shown, limit, (row) => [row.segment]);
  },
});

export const segmentOperations = [list] as const;
