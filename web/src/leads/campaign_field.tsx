import { useActiveCampaigns } from '../campaigns/use_campaigns.ts';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';

type CampaignFieldProps = { campaign: string; is_fixed?: boolean; onChange(slug: string): void };

/** Offers the active campaigns. */
export function CampaignField({ campaign, is_fixed = false, onChange }: CampaignFieldProps) {
  const { active, error } = useActiveCampaigns();
  return (
    <>
      <Field
        label="Campaign"
        hint={
          active?.length === 0
            ? 'No active campaigns. RevOps activates campaigns under Campaigns.'
            : undefined
        }
      >
        <select
          required
          disabled={is_fixed}
          value={campaign}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">Choose one</option>
          {active?.map(({ slug, name }) => (
            <option key={slug} value={slug}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Failure error={error} />
    </>
  );
}
