import type { Me } from '../sessions/me.ts';

/** Who may do what about leads, so that nothing is offered in vain. The server has the last word. */
type Known = Me | undefined;

export function mayImport(me: Known): boolean {
  return hasOne(me, ['rep', 'revops', 'admin']);
}

/** Whoever works here: everyone but those who only look on. */
export function mayWork(me: Known): boolean {
  return hasOne(me, ['revops', 'slm', 'rep', 'exec', 'admin']);
}

/** Giving someone another mailbox, handing out what is kept of them, forgetting them. */
export function mayKeepRecords(me: Known): boolean {
  return hasOne(me, ['revops', 'admin']);
}

function hasOne(me: Known, roles: readonly string[]): boolean {
  return me?.roles.some((role) => roles.includes(role)) ?? false;
}
