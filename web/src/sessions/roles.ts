import type { Me } from '../api/schema.d.ts';

/** Decides which actions the pages offer. The server still checks every request; test/access/page_roles.test.ts compares both. */
type Known = Pick<Me, 'roles'> | undefined;

/** Returns whether the user may decide on drafts and leads; true while unknown. */
export function canDecide(me: Known): boolean {
  return me === undefined || mayWork(me);
}

/** Returns whether the user may route hand-offs; true while unknown. */
export function canRoute(me: Known): boolean {
  return me === undefined || hasOne(me, ['exec', 'admin']);
}

export function mayImport(me: Known): boolean {
  return hasOne(me, ['rep', 'revops', 'admin']);
}

/** All roles except read-only ones. */
export function mayWork(me: Known): boolean {
  return hasOne(me, ['revops', 'slm', 'rep', 'exec', 'admin']);
}

/** Roles that change a lead's mailbox, export its data, or delete it. */
export function mayKeepRecords(me: Known): boolean {
  return hasOne(me, ['revops', 'admin']);
}

function hasOne(me: Known, roles: readonly string[]): boolean {
  return me?.roles.some((role) => roles.includes(role)) ?? false;
}
