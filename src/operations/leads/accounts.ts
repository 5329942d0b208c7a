import { z } from 'zod';
import { ACCOUNT_COLUMNS } from '../../core/account_columns.ts';
import * as accounts from '../../db/queries/accounts.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { leadIdsOfAccount } from '../../db/queries/leads.gen.ts';
import { ICP_TIER_VALUES } from '../../schema.gen.ts';
import { existing, id, noun } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { ownedIn, scope } from '../ownership.ts';
import { BY_ID, pagedList } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import { assignAccountsOperation } from './assign_accounts.ts';
import { answerOf, patchOf, searchRange, searchText } from './fields.ts';

const account = noun('Account', {
  ...answerOf(ACCOUNT_COLUMNS),
  owner_name: z.string().nullable(),
  lead_count: z.number(),
});

const list = pagedList({
  name: 'list_accounts',
  summary: 'List or search accounts.',
  path: '/accounts',
  cli: { command: 'accounts' },
  filters: {
    q: searchText.describe('start of the name or domain'),
    abm_active: z.stringbool().optional(),
    icp_tier: z.enum(ICP_TIER_VALUES).optional(),
    scope: scope.describe('mine: only accounts that the caller owns; team: that the caller’s team owns'),
  },
  item: account,
  order: BY_ID,
  rows: async ({ page: { q, scope, ...filter }, principal, db }) => {
    const owned = await ownedIn(db, principal, scope);
    const page = { ...filter, owner_user_ids: owned?.owner_user_ids ?? null };
    if (q) return accounts.searchAccounts.run({ ...page, ...searchRange(q) }, db);
    return accounts.listAccounts.run(page, db);
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
  run: async ({ context, principal: { org_id }, input }) =>
    existing(await accounts.getAccount.one({ org_id, id: input.id }, context.db), 'account'),
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
  errors: 'not_found conflict unknown_reference person_inactive version_changed',
  run: async ({ context, principal, expected, input: { id: account_id, ...changes } }) => {
    const answer = await transact({ context, principal }, async ({ tx, org_id, now }) => {
      if (changes.abm_active === false) {
        // Ending ABM releases enrollments of these leads, and a lead's lock comes before locks on what belongs to it.
        const leads = await leadIdsOfAccount.run({ org_id, account_id }, tx);
        await lockLeads.run({ org_id, lead_ids: leads.map((lead) => lead.id) }, tx);
      }
      await accounts.lockAccount.run({ org_id, id: account_id }, tx);
      const found = existing(await accounts.getAccount.one({ org_id, id: account_id }, tx), 'account');
      refuseIfStale(expected, account, found);
      if (Object.values(changes).every((value) => value === undefined)) return found;
      await accounts.patchAccount.run({ org_id, id: account_id, patch: changes, now }, tx);
      return accounts.getAccount.one({ org_id, id: account_id }, tx);
    });
    if (changes.abm_active === false) context.nudge();
    return answer!;
  },
});

export const accountOperations = [list, get, patch, assignAccountsOperation] as const;
