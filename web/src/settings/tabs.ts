import type { Me } from '../sessions/me.ts';

type Role = Me['roles'][number];

/** A page of the settings. `roles`: who sees it; without them everyone does. */
export type SettingsTab = { tab: string; label: string; roles?: readonly Role[] };

const TABS: readonly SettingsTab[] = [
  { tab: 'policy', label: 'Policy' },
  { tab: 'caps', label: 'Play caps' },
  { tab: 'mailboxes', label: 'Mailboxes' },
  { tab: 'people', label: 'People', roles: ['admin', 'auditor'] },
  { tab: 'agents', label: 'Agents' },
  { tab: 'keys', label: 'API keys', roles: ['admin', 'auditor'] },
  { tab: 'webhooks', label: 'Webhooks', roles: ['admin', 'auditor'] },
  { tab: 'organization', label: 'Organization' },
  { tab: 'audit', label: 'Audit', roles: ['admin', 'auditor'] },
  { tab: 'account', label: 'My account' },
];

/** What this person may see, in order. */
export function tabsFor(me: Me | undefined): readonly SettingsTab[] {
  return TABS.filter(({ roles }) => roles === undefined || hasRole(me, roles));
}

export function hasRole(me: Me | undefined, roles: readonly Role[]): boolean {
  return me?.roles.some((role) => roles.includes(role)) ?? false;
}

/** RevOps and admins: whoever sets the rules. */
export function mayPlan(me: Me | undefined): boolean {
  return hasRole(me, ['revops', 'admin']);
}

export function isAdmin(me: Me | undefined): boolean {
  return hasRole(me, ['admin']);
}
