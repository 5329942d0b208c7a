import { z } from 'zod';
import { listAgents } from '../db/queries/principals.gen.ts';
import { AGENT_KIND_VALUES } from '../schema.gen.ts';
import { operation } from './operation.ts';

const agents = operation({
  name: 'list_agents',
  summary: 'Lists the agents and roles that act here.',
  http: { method: 'GET', path: '/agents' },
  cli: { command: 'agents' },
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(AGENT_KIND_VALUES),
        display_name: z.string(),
        topic: z.string().nullable(),
      }),
    ),
  }),
  errors: [],
  run: async ({ context, principal: { org_id } }) => ({
    items: await listAgents.run({ org_id, limit: 200 }, context.db),
  }),
});

export const agentOperations = [agents] as const;
