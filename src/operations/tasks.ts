import { z } from 'zod';
import { listTasks } from '../db/queries/tasks.gen.ts';
import { TASK_STATUS_VALUES, TASK_TYPE_VALUES } from '../schema.gen.ts';
import { id, instant, nullableInstant } from './fields.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf, readIdCursor, toPage } from './page.ts';

const tasks = operation({
  name: 'list_tasks',
  summary: 'Lists work for role agents and hand-offs for people.',
  http: { method: 'GET', path: '/tasks' },
  cli: { command: 'tasks' },
  mcp: { tool: 'list_tasks', title: 'List tasks' },
  input: z.object({ status: z.enum(TASK_STATUS_VALUES).optional(), ...pageInput }),
  output: pageOf(
    z.object({
      id,
      type: z.enum(TASK_TYPE_VALUES),
      role: z.string(),
      status: z.enum(TASK_STATUS_VALUES),
      lead_id: id,
      enrollment_id: id.nullable(),
      queue_id: id.nullable(),
      payload: z.unknown(),
      attempt_count: z.number(),
      error: z.string().nullable(),
      created_at: instant,
      finished_at: nullableInstant,
    }),
  ),
  errors: [],
  run: async ({ context, principal: { org_id }, input }) => {
    const after_id = readIdCursor(input.cursor);
    const { status = null, limit } = input;
    const rows = await listTasks.run({ org_id, status, after_id, limit: limit + 1 }, context.db);
    return toPage(rows, limit, (row) => [row.id]);
  },
});

export const taskOperations = [tasks] as const;
