/** Brands: the senders of an organization's messages. */
import { z } from 'zod';
import { createClient, listClients, renameClient } from '../../db/queries/clients.gen.ts';
import { AppError } from '../../errors.ts';
import { existing, headerLine, noun } from '../fields.ts';
import { operation } from '../operation.ts';
import { byName, pagedList } from '../page.ts';

const client = noun('Brand', { client_id: z.string(), name: z.string() });
const clientName = headerLine(200).describe('what people call it');

const list = pagedList({
  name: 'list_clients',
  summary: 'List brands: campaigns and plays name one as `client_id`.',
  path: '/clients',
  cli: { command: 'clients', columns: 'client_id name' },
  mcp: { tool: 'list_clients', title: 'List brands' },
  item: client,
  order: byName('client_id'),
  rows: ({ page, db }) => listClients.run(page, db),
});

const create = operation({
  name: 'create_client',
  summary: 'Add a brand for campaigns, plays, and mailboxes.',
  http: { method: 'POST', path: '/clients' },
  cli: { command: 'clients create', args: ['client_id'] },
  input: z.object({
    client_id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'takes small letters, digits, _ and -, 63 at most')
      .describe('permanent id, used by campaigns'),
    name: clientName,
  }),
  output: client,
  errors: 'conflict',
  run: async ({ context: { db, clock }, principal: { org_id }, input }) => {
    const [made] = await createClient.run({ org_id, ...input, now: clock.now() }, db);
    if (made !== undefined) return made;
    throw new AppError('conflict', `Brand ${input.client_id} exists.`, {
      errors: [{ path: 'client_id', message: 'is taken' }],
      hint: 'Rename it, or choose another id.',
    });
  },
});

const patch = operation({
  name: 'patch_client',
  summary: 'Rename a brand. Its campaigns, plays, and mailboxes stay with it.',
  http: { method: 'PATCH', path: '/clients/{client_id}' },
  cli: { command: 'clients set', args: ['client_id'] },
  input: z.object({ client_id: z.string().min(1).max(64), name: clientName }),
  output: client,
  errors: 'not_found',
  run: async ({ context: { db }, principal: { org_id }, input }) => {
    const renamed = await renameClient.one({ org_id, ...input }, db);
    return existing(renamed, 'brand', 'touchline clients lists them.');
  },
});

export const clientOperations = [list, create, patch] as const;
