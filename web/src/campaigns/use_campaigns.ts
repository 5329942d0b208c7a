import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { DAY_MS } from '../ui/durations.ts';
import { fetchCampaign, fetchCampaigns } from './campaign.ts';

const REFRESH_MS = 60_000;
const CHOICE_REFRESH_MS = 5_000;
/** Counting a month of the log takes a moment, and a minute changes little. */
const FUNNEL_KEPT_MS = 60_000;

/** Campaigns for a map or a select: as many as a person can look through. */
export function useCampaigns() {
  return useQuery({
    queryKey: ['campaigns', 'all'],
    queryFn: () => fetchCampaigns(undefined),
    refetchInterval: REFRESH_MS,
  });
}

/** A campaign and its version for conditional changes. */
export function useCampaign(slug: string) {
  return useQuery({
    queryKey: ['campaigns', 'one', slug],
    queryFn: () => fetchCampaign(slug),
    refetchInterval: REFRESH_MS,
  });
}

/** Campaigns that leads can be enrolled in, kept current while a dialog with the choice stays open. */
export function useActiveCampaigns() {
  const campaigns = useQuery({
    queryKey: ['campaigns', 'choice'],
    queryFn: () => read(api.GET('/campaigns', { params: { query: { limit: 200 } } })),
    // The stream reports changes of leads, but no new campaigns.
    refetchInterval: CHOICE_REFRESH_MS,
  });
  return {
    active: campaigns.data?.items.filter(({ status }) => status === 'active'),
    error: campaigns.error,
  };
}

/** Enrollments by step reached over so many days until now, for one campaign or all. */
export function useFunnel(campaign: string | undefined, days: number, now_ms: number | undefined) {
  return useQuery({
    // Not under the campaigns’ keys: the count is renewed as touches continue, but not with every touch (shell/live.ts).
    queryKey: ['funnel', campaign ?? '', days],
    queryFn: () => {
      const since = now_ms === undefined ? {} : { since: new Date(now_ms - days * DAY_MS).toISOString() };
      const query = { ...since, ...(campaign === undefined ? {} : { campaign_slug: campaign }) };
      return read(api.GET('/analytics/funnel', { params: { query } }));
    },
    enabled: now_ms !== undefined,
    staleTime: FUNNEL_KEPT_MS,
    refetchInterval: FUNNEL_KEPT_MS,
  });
}

/** Name of a campaign. */
export function useCampaignName(): (slug: string) => string {
  const campaigns = useCampaigns();
  return (slug) =>
    campaigns.data?.items.find((known) => known.slug === slug)?.name ?? slug.replaceAll('_', ' ');
}
