import { z } from 'zod';
import { listAgents, setWorkedBy } from '../../db/queries/principals.gen.ts';
import { AGENT_KIND_VALUES, SIDE_VALUES, TASK_WORKER_VALUES } from '../../schema.gen.ts';
import { existing, noun, nullableInstant } from '../fields.ts';
import { operation } from '../operation.ts';

const agent = noun('Agent', {
  id: z.string(),
  kind: z.enum(AGENT_KIND_VALUES),
  display_name: z.string(),
  topic: z.string().nullable().describe('null: not created yet'),
  side: z.enum(SIDE_VALUES).nullable().describe('side whose signals the role reports; null: none'),
  worked_by: z.enum(TASK_WORKER_VALUES).describe('outside: Touchline does not work its tasks'),
  last_seen_at: nullableInstant.describe('last use of one of its keys, to the minute; null: never'),
});

const agents = operation({
  name: 'list_agents',
  summary: 'List agents and roles.',
  http: { method: 'GET', path: '/agents' },
  cli: { command: 'agents' },
  output: z.object({ items: z.array(agent) }),
  run: async ({ context, principal: { org_id } }) => ({
    items: await listAgents.run({ org_id, limit: 200 }, context.db),
  }),
});

const patch = operation({
  name: 'patch_agent',
  summary: 'Set who works the tasks of an agent or role: the product, or an agent outside.',
  http: { method: 'PATCH', path: '/agents/{id}' },
  cli: { command: 'agents set', args: ['id', 'worked_by'] },
  input: z.object({
    id: z
      .string()
      .min(1)
      .max(64)
      .meta({ examples: ['roles.sales'] }),
    worked_by: z.enum(TASK_WORKER_VALUES),
  }),
  output: agent,
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input: { id, worked_by } }) => {
    const changed = await setWorkedBy.one({ org_id, id, worked_by }, context.db);
    context.nudge();
    return existing(changed, 'agent', 'touchline agents, or GET /agents, lists them.');
  },
});

export const agentOperations = [agents, patch] as const;
