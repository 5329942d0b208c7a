import type { Queryable } from '../../db/pool.ts';
import { nameableUsers } from '../../db/queries/users.gen.ts';
import { type Cell, type Owners, ownerKey } from './import_cells.ts';

/** The largest organizations have a few thousand users. */
const USERS_MAX = 20_000;

const DEACTIVATED: Cell = {
  code: 'owner_inactive',
  message: 'is deactivated; name an active user, or reactivate this one',
};
const AMBIGUOUS: Cell = {
  code: 'owner_ambiguous',
  message: 'several users have this name; use the email address',
};

/** Active users come before deactivated ones of the same name, and addresses before names. */
export async function readOwners(db: Queryable, org_id: string): Promise<Owners> {
  const users = await nameableUsers.run({ org_id, limit: USERS_MAX }, db);
  const owners = new Map<string, Cell>();
  for (const { id, name, is_active } of users) {
    const key = ownerKey(name);
    const known = owners.get(key);
    if (!is_active) owners.set(key, known ?? DEACTIVATED);
    else owners.set(key, known === undefined || known === DEACTIVATED ? { value: id } : AMBIGUOUS);
  }
  for (const { id, email, is_active } of users) {
    const cell = is_active ? { value: id } : DEACTIVATED;
    owners.set(ownerKey(email), cell);
    owners.set(id, cell);
  }
  return owners;
}
