import type { Me } from '../sessions/me.ts';

/** Decides which actions on leads the pages offer. The server still checks every request. */
type Known = Me | undefined;

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
