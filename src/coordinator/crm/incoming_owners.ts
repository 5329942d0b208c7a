import { usersOfEmails } from '../../db/queries/crm_incoming.gen.ts';
import type { Scope } from '../gate/scope.ts';
import type { IncomingWorld, Owners } from './incoming.ts';

/** Active users by the CRM's ids of their accounts there: the email address is the same. */
export async function ownersOf(
  { tx, org_id }: Pick<Scope, 'tx' | 'org_id'>,
  owner_ids: readonly string[],
  { emails }: Pick<IncomingWorld, 'emails'>,
): Promise<Owners> {
  const known = [...new Set(owner_ids)].flatMap((id) => {
    const email = emails.get(id);
    return email === undefined ? [] : [{ id, email }];
  });
  if (known.length === 0) return new Map();
  const users = await usersOfEmails.run({ org_id, emails: known.map(({ email }) => email) }, tx);
  const user_of = new Map(users.map(({ email, id }) => [email, id]));
  return new Map(
    known.flatMap(({ id, email }) => {
      const user_id = user_of.get(email);
      return user_id === undefined ? [] : [[id, user_id] as const];
    }),
  );
}
