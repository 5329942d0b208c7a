/** The brands that an org sells for: who its messages come from. */
import { z } from 'zod';
import { listClients } from '../db/queries/clients.gen.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf, readNameCursor, toPage } from './page.ts';

const list = operation({
  name: 'list_clients',
  summary: 'Lists the brands that messages come from, which campaigns and plays name as `client_id`.',
  http: { method: 'GET', path: '/clients' },
  cli: { command: 'clients', columns: ['client_id', 'name'] },
  mcp: { tool: 'list_clients', title: 'List brands' },
  input: z.object(pageInput),
  output: pageOf(z.object({ client_id: z.string(), name: z.string() })),
  errors: ['cursor_invalid'],
  run: async ({ context, principal: { org_id }, input: { limit, cursor } }) => {
    const asked = { org_id, after_client_id: readNameCursor(cursor), limit: limit + 1 };
    return toPage(await listClients.run(asked, context.db), limit, (row) => [row.client_id]);
  },
});

export const clientOperations = [list] as const;
