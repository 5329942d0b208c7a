import { z } from 'zod';
import { assignAccounts, lockAccounts } from '../../db/queries/assignments.gen.ts';
import { id, noun } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { ASSIGNED_MAX, chosenOwners, isOneChoice, NOT_ONE_CHOICE, ownerChoice } from './assigning.ts';

const outcome = z.enum(['assigned', 'unchanged', 'unknown_account']).meta({ id: 'AccountAssignmentOutcome' });

/** The owner of an account also owns its leads that have no owner of their own. */
export const assignAccountsOperation = operation({
  name: 'assign_accounts',
  summary: 'Assign up to 200 accounts to one user, to several users in turn, or to none.',
  http: { method: 'POST', path: '/accounts/assign' },
  cli: { command: 'assign accounts' },
  input: z
    .object({
      accounts: z.array(id).min(1).max(ASSIGNED_MAX).describe('an account named twice counts once'),
      ...ownerChoice,
    })
    .refine(isOneChoice, NOT_ONE_CHOICE),
  output: z.object({
    items: z.array(noun('AssignedAccount', { account_id: id, outcome, owner_user_id: id.nullable() })),
  }),
  errors: 'unknown_reference person_inactive',
  run: ({ context, principal, input: { accounts, ...choice } }) =>
    transact({ context, principal }, async (scope) => {
      const { tx, org_id, now } = scope;
      const owner_user_ids = await chosenOwners(scope, choice);
      const ids = [...new Set(accounts)];
      const locked = await lockAccounts.run({ org_id, account_ids: ids }, tx);
      const found = new Set(locked.map((row) => row.id));
      const account_ids = ids.filter((account_id) => found.has(account_id));
      const rows = await assignAccounts.run({ org_id, account_ids, owner_user_ids, now }, tx);
      const changed = new Set(rows.map((row) => row.id));
      const items = ids.map((account_id) => {
        const place = account_ids.indexOf(account_id);
        if (place === -1) return { account_id, outcome: 'unknown_account' as const, owner_user_id: null };
        const owner_user_id = owner_user_ids[place % owner_user_ids.length] ?? null;
        const outcome = changed.has(account_id) ? ('assigned' as const) : ('unchanged' as const);
        return { account_id, outcome, owner_user_id };
      });
      return { items };
    }),
  text: ({ items }) => items.map((item) => `${item.account_id}: ${item.outcome}`).join('\n'),
});
