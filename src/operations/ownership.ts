import { z } from 'zod';
import type { Queryable } from '../db/pool.ts';
import { ownedInScope, ownsLeads } from '../db/queries/owners.gen.ts';
import type { Principal } from '../principal.ts';
import type { UserRole } from '../schema.gen.ts';
import { rowsOfPerson } from './lead_keys.ts';

export const SCOPES = ['mine', 'team', 'all'] as const;

/** How an answer names a scope. */
export const shownScope = z.enum(SCOPES).meta({ id: 'LeadScope' });

/** A filter of lists by the owner of the lead. */
export const scope = z
  .enum(SCOPES)
  .optional()
  .describe('mine: only of leads that the caller owns; team: of the caller’s team; agents own no leads');

type Scope = z.output<typeof scope> | null;

/** The owners in scope, and the rows of their leads, merged ones included. */
export type Owned = { owner_user_ids: string[]; lead_ids: string[] };

/** Null for all leads. */
export async function ownedIn(db: Queryable, principal: Principal, asked: Scope): Promise<Owned | null> {
  if (asked !== 'mine' && asked !== 'team') return null;
  if (principal.kind !== 'human') return { owner_user_ids: [], lead_ids: [] };
  const { org_id, user_id } = principal;
  return (await ownedInScope.one({ org_id, user_id, is_team: asked === 'team' }, db))!;
}

type Asked = { scope: Scope; lead_id?: string | null; owner_user_id?: string | null };

/** The rows of the leads that a list shows: those in scope, of the one lead or the owner if the caller names it. Null for all. */
export async function rowsInScope(
  db: Queryable,
  principal: Principal,
  { scope, lead_id = null, owner_user_id = null }: Asked,
): Promise<string[] | null> {
  const { org_id } = principal;
  const owned = await ownedIn(db, principal, scope);
  const named = await rowsOfPerson(db, org_id, lead_id);
  const theirs =
    owner_user_id === null
      ? null
      : (await ownedInScope.one({ org_id, user_id: owner_user_id, is_team: false }, db))!.lead_ids;
  const [first, ...others] = [named, theirs, owned?.lead_ids ?? null].filter((rows) => rows !== null);
  if (first === undefined) return null;
  const known = others.map((rows) => new Set(rows));
  return first.filter((id) => known.every((rows) => rows.has(id)));
}

/** Roles whose pages begin with their own leads, and with those of their team. Executives decide about everyone's. */
const OWNING: readonly UserRole[] = ['rep'];
const LEADING: readonly UserRole[] = [...OWNING, 'slm'];

/** The scope with which a user's pages begin: all if no lead would be in it. */
export async function defaultScope(
  db: Queryable,
  { org_id, user_id, roles }: Extract<Principal, { kind: 'human' }>,
): Promise<(typeof SCOPES)[number]> {
  if (!roles.every((role) => LEADING.includes(role))) return 'all';
  const is_team = !roles.every((role) => OWNING.includes(role));
  const found = await ownsLeads.one({ org_id, user_id, is_team }, db);
  if (!found!.owns_leads) return 'all';
  return is_team ? 'team' : 'mine';
}
