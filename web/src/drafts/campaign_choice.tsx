import { useCampaignName, useCampaigns } from '../campaigns/use_campaigns.ts';
import { Choice } from '../ui/choice.tsx';
import { go } from '../ui/route.ts';
import { keepScope } from '../ui/scope.tsx';

/** Narrows pending drafts to one campaign, named in the address. */
export function CampaignChoice({ campaign }: { campaign: string | null }) {
  const campaigns = useCampaigns();
  const nameOf = useCampaignName();
  const known = (campaigns.data?.items ?? [])
    .filter(({ status, slug }) => status !== 'archived' || slug === campaign)
    .map(({ slug, name }) => [slug, name] as const);
  const is_listed = campaign === null || known.some(([slug]) => slug === campaign);
  const options = is_listed ? known : [...known, [campaign, nameOf(campaign)] as const];
  if (options.length < 2 && campaign === null) return null;
  return (
    <Choice
      label="Campaign"
      value={campaign}
      options={options}
      onChoose={(slug) =>
        go(keepScope(slug === null ? '/drafts' : `/drafts?${new URLSearchParams({ campaign: slug })}`), {
          replace: true,
        })
      }
    />
  );
}
