import { keepScope } from '../ui/scope.tsx';

export type { ListedLead } from '../api/schema.d.ts';

const TIERS = ['T1', 'T2', 'T3'] as const;
const STATES = ['idle', 'nurture', 'prospecting', 'closing', 'onboarding', 'customer', 'paused'] as const;

/** Filters of the leads list. The address holds them, so that a filtered list can be saved and shared. */
export type LeadFilters = {
  q: string;
  icp_tier: (typeof TIERS)[number] | null;
  cadence_state: (typeof STATES)[number] | null;
  segment: string | null;
  account_id: string | null;
  owner_user_id: string | null;
  /** True: opted-out leads only; false: all others. */
  blocked: boolean | null;
};

export { STATES, TIERS };

/** Ignores unknown or invalid parameters. */
export function filtersOf(query: URLSearchParams): LeadFilters {
  const blocked = query.get('blocked');
  return {
    q: query.get('q') ?? '',
    icp_tier: TIERS.find((tier) => tier === query.get('icp_tier')) ?? null,
    cadence_state: STATES.find((state) => state === query.get('cadence_state')) ?? null,
    segment: query.get('segment'),
    account_id: query.get('account_id'),
    owner_user_id: query.get('owner_user_id'),
    blocked: blocked === 'true' ? true : blocked === 'false' ? false : null,
  };
}

/** Writes the filters, without the scope, as a query string, for both the address and the API. */
export function queryOf(filters: LeadFilters) {
  const { q, icp_tier, cadence_state, segment, account_id, owner_user_id, blocked } = filters;
  return {
    ...(q === '' ? {} : { q }),
    ...(icp_tier === null ? {} : { icp_tier }),
    ...(cadence_state === null ? {} : { cadence_state }),
    ...(segment === null ? {} : { segment }),
    ...(account_id === null ? {} : { account_id }),
    ...(owner_user_id === null ? {} : { owner_user_id }),
    ...(blocked === null ? {} : { blocked }),
  };
}

export function addressOf(filters: LeadFilters): string {
  const given = Object.entries(queryOf(filters)).map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams(given);
  return keepScope(query.size === 0 ? '/leads' : `/leads?${query}`);
}

export function isFiltered(filters: LeadFilters): boolean {
  return Object.keys(queryOf(filters)).length > 0;
}
