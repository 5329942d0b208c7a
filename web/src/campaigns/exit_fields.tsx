import { Field } from '../ui/field.tsx';
import { EXIT_REASONS, type ExitReason, type ExitTarget } from './campaign.ts';
import { type ExitChoices, exitChoice, exitTarget } from './campaign_form.ts';
import { useCampaignName, useCampaigns } from './use_campaigns.ts';
import { EXIT_WORDS, targetWords } from './words.ts';

type ExitFieldsProps = {
  /** An existing campaign’s slug: a campaign cannot follow itself. */
  own_slug?: string;
  on_exit: ExitChoices;
  faults: ReadonlyMap<string, string>;
  onChoose(on_exit: ExitChoices): void;
};

/** Exit rules: for each exit no campaign, an automatic one, or a person’s decision with or without a suggestion. */
export function ExitFields({ own_slug, on_exit, faults, onChoose }: ExitFieldsProps) {
  return (
    <fieldset className="group">
      <legend>Exit rules</legend>
      <div className="group_grid">
        {EXIT_REASONS.map((reason) => (
          <ExitField
            key={reason}
            reason={reason}
            own_slug={own_slug}
            choice={on_exit[reason]}
            fault={faults.get(`on_exit.${reason}`)}
            onChoose={(choice) => onChoose({ ...on_exit, [reason]: choice })}
          />
        ))}
      </div>
    </fieldset>
  );
}

type ExitFieldProps = {
  reason: ExitReason;
  own_slug: string | undefined;
  choice: string;
  fault: string | undefined;
  onChoose(choice: string): void;
};

function ExitField({ reason, own_slug, choice, fault, onChoose }: ExitFieldProps) {
  const campaigns = useCampaigns();
  const nameOf = useCampaignName();
  const others = (campaigns.data?.items ?? []).filter(
    ({ slug, play_id, status }) => play_id === null && status !== 'archived' && slug !== own_slug,
  );
  const offered: ExitTarget[] = [
    null,
    { gate: 'exec', suggest: null },
    ...others.flatMap(({ slug }): ExitTarget[] => [slug, { gate: 'exec', suggest: slug }]),
  ];
  const is_offered = offered.some((target) => exitChoice(target) === choice);
  return (
    <Field label={EXIT_WORDS[reason]} fault={fault}>
      <select value={choice} onChange={(event) => onChoose(event.target.value)}>
        {is_offered ? null : (
          // A target that cannot be chosen, for example an archived campaign, stays until someone changes it.
          <option value={choice}>{targetWords(exitTarget(choice), nameOf)}</option>
        )}
        <option value={exitChoice(null)}>No next campaign</option>
        <option value={exitChoice({ gate: 'exec', suggest: null })}>A person decides</option>
        <optgroup label="Automatically">
          {others.map(({ slug, name }) => (
            <option key={slug} value={exitChoice(slug)}>
              {name}
            </option>
          ))}
        </optgroup>
        <optgroup label="A person decides; suggested:">
          {others.map(({ slug, name }) => (
            <option key={slug} value={exitChoice({ gate: 'exec', suggest: slug })}>
              {name}, if a person agrees
            </option>
          ))}
        </optgroup>
      </select>
    </Field>
  );
}
