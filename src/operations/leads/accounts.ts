import { z } from 'zod';
import { ACCOUNT_COLUMNS } from '../../core/account_columns.ts';
import { type Tx, transaction } from '../../db/pool.ts';
import {
  getAccount,
  listAccounts,
  lockAccount,
  patchAccount,
  searchAccounts,
} from '../../db/queries/accounts.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { leadIdsOfAccount } from '../../db/queries/leads.gen.ts';
import { actorOf } from '../../principal.ts';
import { ICP_TIER_VALUES } from '../../schema.gen.ts';
import { id, notFound, noun } from '../fields.ts';
import { operation } from '../operation.ts';
import { pageInput, pageOf, readIdCursor, toPage } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import { answerOf, patchOf, searchRange, searchText } from './fields.ts';

const account = noun('Account', { ...answerOf(ACCOUNT_COLUMNS), lead_count: z.number() });

const list = operation({
  name: 'list_accounts',
  summary: 'List or search accounts.',
  http: { method: 'GET', path: '/accounts' },
  cli: { command: 'accounts' },
  input: z.object({
    q: searchText.describe('start of the name or domain'),
    abm_active: z.stringbool().optional(),
    icp_tier: z.enum(ICP_TIER_VALUES).optional(),
    ...pageInput,
  }),
  output: pageOf(account),
  run: async ({ context, principal, input }) => {
    const { q = '' } = input;
    const filter = {
      org_id: principal.org_id,
      abm_active: input.abm_active ?? null,
      icp_tier: input.icp_tier ?? null,
      after_id: readIdCursor(input.cursor),
      limit: input.limit + 1,
    };
    const rows =
      q === ''
        ? await listAccounts.run(filter, context.db)
        : await searchAccounts.run({ ...filter, ...searchRange(q) }, context.db);
    return toPage(rows, input.limit, (row) => [row.id]);
  },
});

const get = operation({
  name: 'get_account',
  summary: 'Show an account.',
  http: { method: 'GET', path: '/accounts/{id}' },
  version: 'shown',
  cli: { command: 'account', args: ['id'] },
  input: z.object({ id }),
  output: account,
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input }) => {
    const found = await getAccount.one({ org_id, id: input.id }, context.db);
    if (found === undefined) throw notFound('account');
    return found;
  },
});

const patch = operation({
  name: 'patch_account',
  summary:
    'Change the named fields of an account; null clears a field. Ending ABM releases the nurture that it blocked.',
  http: { method: 'PATCH', path: '/accounts/{id}' },
  version: 'checked',
  cli: { command: 'patch account', args: ['id'] },
  input: z.object({ id, ...patchOf(ACCOUNT_COLUMNS) }),
  output: account,
  errors: 'not_found conflict version_changed',
  run: async ({ context, principal, expected, input: { id: account_id, ...changes } }) => {
    const { org_id } = principal;
    const answer = await transaction(context.db, actorOf(principal), async (tx) => {
      if (changes.abm_active === false) await lockLeadsOf(tx, org_id, account_id);
      await lockAccount.run({ org_id, id: account_id }, tx);
      const found = await getAccount.one({ org_id, id: account_id }, tx);
      if (found === undefined) throw notFound('account');
      refuseIfStale(expected, account, found);
      if (Object.values(changes).every((value) => value === undefined)) return found;
      await patchAccount.run({ org_id, id: account_id, patch: changes, now: context.clock.now() }, tx);
      return getAccount.one({ org_id, id: account_id }, tx);
    });
    if (changes.abm_active === false) context.nudge();
    return answer!;
  },
});

export const accountOperations = [list, get, patch] as const;

/** Ending ABM releases enrollments of these leads, and a lead's lock comes before locks on anything that belongs to it. */
async function lockLeadsOf(tx: Tx, org_id: string, account_id: string): Promise<void> {
  const leads = await leadIdsOfAccount.run({ org_id, account_id }, tx);
  await lockLeads.run({ org_id, lead_ids: leads.map((lead) => lead.id) }, tx);
}
