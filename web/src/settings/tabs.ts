import type { Me, UserRole } from '../api/schema.d.ts';

type Role = UserRole;
type Known = Pick<Me, 'roles'> | undefined;

/** A settings page. `roles` limits its viewers; without it, all users see it. */
export type SettingsTab = {
  tab: string;
  label: string;
  /** Synonyms for the search in the palette. */
  words: string;
  roles?: readonly Role[];
};

const TABS: readonly SettingsTab[] = [
  { tab: 'policy', label: 'Policy', words: 'rules touch caps business hours conflict matrix versions' },
  { tab: 'caps', label: 'Play caps', words: 'segments limits' },
  { tab: 'mailboxes', label: 'Mailboxes', words: 'senders smtp imap dkim signature warm-up' },
  {
    tab: 'people',
    label: 'People',
    words: 'users colleagues roles add a person invite',
    roles: ['admin', 'auditor'],
  },
  { tab: 'assignment', label: 'Lead assignment', words: 'owners rules round robin territories' },
  { tab: 'agents', label: 'Agents', words: 'brains' },
  { tab: 'keys', label: 'API keys', words: 'tokens access', roles: ['admin', 'auditor'] },
  {
    tab: 'webhooks',
    label: 'Webhooks',
    words: 'deliveries receivers integrations',
    roles: ['admin', 'auditor'],
  },
  { tab: 'crm', label: 'CRM', words: 'attio deals opportunities writes refused connect integrations' },
  {
    tab: 'organization',
    label: 'Organization',
    words: 'name postal address footer brands clients segments language model',
  },
  { tab: 'audit', label: 'Audit', words: 'changes record who changed', roles: ['admin', 'auditor'] },
  {
    tab: 'account',
    label: 'My account',
    words: 'password sessions profile notifications digest slack teams',
  },
];

/** The tabs that this user may see, in order. */
export function tabsFor(me: Me | undefined): readonly SettingsTab[] {
  return TABS.filter(({ roles }) => roles === undefined || hasRole(me, roles));
}

export function hasRole(me: Known, roles: readonly Role[]): boolean {
  return me?.roles.some((role) => roles.includes(role)) ?? false;
}

/** RevOps and admins. */
export function mayPlan(me: Known): boolean {
  return hasRole(me, ['revops', 'admin']);
}

export function isAdmin(me: Known): boolean {
  return hasRole(me, ['admin']);
}
