import { z } from 'zod';
import { listFlags } from '../db/queries/events.gen.ts';
import { FLAG_KIND_VALUES } from '../schema.gen.ts';
import { id, instant, nullableInstant } from './fields.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf, readIdCursor, toPage } from './page.ts';

const flags = operation({
  name: 'list_flags',
  summary: 'Lists proactive warnings, the newest first.',
  who: { people: 'all', agents: true },
  http: { method: 'GET', path: '/flags' },
  cli: { command: 'flags', columns: ['raised_at', 'kind', 'for_agent', 'lead_id'] },
  input: z.object({ open_only: z.stringbool().default(true), ...pageInput }),
  output: pageOf(
    z.object({
      id,
      kind: z.enum(FLAG_KIND_VALUES),
      lead_id: id.nullable(),
      queue_id: id.nullable(),
      for_agent: z.string().nullable(),
      detail: z.unknown(),
      raised_at: instant,
      resolved_at: nullableInstant,
    }),
  ),
  errors: [],
  run: async ({ context, principal: { org_id }, input }) => {
    const before_id = readIdCursor(input.cursor);
    const { open_only, limit } = input;
    const rows = await listFlags.run({ org_id, open_only, before_id, limit: limit + 1 }, context.db);
    return toPage(rows, limit, (row) => [row.id]);
  },
});

export const flagOperations = [flags] as const;
