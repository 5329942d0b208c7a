import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { DAY_MS } from '../ui/durations.ts';
import { fetchCampaign, fetchCampaigns } from './campaign.ts';

const REFRESH_MS = 60_000;
const CHOICE_REFRESH_MS = 5_000;
/** A month of the log takes a moment to count, and a minute changes little of it. */
const FUNNEL_KEPT_MS = 60_000;

/** The campaigns that a map or a choice shows: as many as one can look at. */
export function useCampaigns() {
  return useQuery({
    queryKey: ['campaigns', 'all'],
    queryFn: () => fetchCampaigns(undefined),
    refetchInterval: REFRESH_MS,
  });
}

/** A campaign, and the version that a change of it is compared with. */
export function useCampaign(slug: string) {
  return useQuery({
    queryKey: ['campaigns', 'one', slug],
    queryFn: () => fetchCampaign(slug),
    refetchInterval: REFRESH_MS,
  });
}

/** Those that people may be put into, for a choice that stays open while others make campaigns. */
export function useActiveCampaigns() {
  const campaigns = useQuery({
    queryKey: ['campaigns', 'choice'],
    queryFn: () => read(api.GET('/campaigns', { params: { query: { limit: 200 } } })),
    // The stream tells of what happens to leads, and of no campaign that was made.
    refetchInterval: CHOICE_REFRESH_MS,
  });
  return {
    active: campaigns.data?.items.filter(({ status }) => status === 'active'),
    error: campaigns.error,
  };
}

/** How far sequences came within so many days until now; of one campaign, or of all. */
export function useFunnel(campaign: string | undefined, days: number, now_ms: number | undefined) {
  return useQuery({
    // Not among the campaigns: counted anew while touches go on, but not with every one (shell/live.ts).
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

/** What a campaign is called. */
export function useCampaignName(): (slug: string) => string {
  const campaigns = useCampaigns();
  return (slug) =>
    campaigns.data?.items.find((known) => known.slug === slug)?.name ?? slug.replaceAll('_', ' ');
}
