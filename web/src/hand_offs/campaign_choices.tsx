import { useState } from 'react';
import { useAgentName } from '../agents/names.ts';
import type { ListedCampaign } from '../api/schema.d.ts';
import { GateWords } from './gate_words.tsx';
import { askerOf, type GateAnswer, type HandOff } from './hand_off.ts';

type Campaign = ListedCampaign;

/** Limit of campaigns per routing. */
const CHOSEN_MAX = 10;
/** Longer lists have a search field. */
const SHOWN_WITHOUT_SEARCH = 8;

type CampaignChoicesProps = {
  hand_off: HandOff;
  campaigns: readonly Campaign[];
  chosen: readonly string[];
  /** Gate decisions for the chosen campaigns. */
  answers: readonly GateAnswer[];
  /** Gate decision for the suggested campaign, which is shown while it is not chosen. */
  suggested_answer: GateAnswer | undefined;
  is_asking: boolean;
  onChange(chosen: readonly string[]): void;
};

/** Campaigns for a lead, the suggested one first, with a gate preview for each chosen one. */
export function CampaignChoices(props: CampaignChoicesProps) {
  const { hand_off, campaigns, chosen, answers, suggested_answer, is_asking, onChange } = props;
  const [typed, setTyped] = useState('');
  const agentName = useAgentName();
  const open = campaigns.filter(({ status, step_count }) => status === 'active' && step_count > 0);
  const wanted = typed.trim().toLowerCase();
  const shown = open
    .filter(({ slug, name }) => chosen.includes(slug) || name.toLowerCase().includes(wanted))
    .toSorted((one, other) => rank(one, hand_off) - rank(other, hand_off) || compare(one, other));
  const toggle = (slug: string) =>
    onChange(chosen.includes(slug) ? chosen.filter((other) => other !== slug) : [...chosen, slug]);
  return (
    <fieldset className="campaign_choices">
      <legend>Enroll in</legend>
      {open.length > SHOWN_WITHOUT_SEARCH ? (
        <input
          type="search"
          aria-label="Find a campaign by name"
          placeholder="Find a campaign"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      ) : null}
      {shown.map((campaign) => {
        const { slug, name, owner_role } = campaign;
        const is_chosen = chosen.includes(slug);
        return (
          <label key={slug} className="campaign_choice">
            <input
              type="checkbox"
              checked={is_chosen}
              disabled={!is_chosen && chosen.length >= CHOSEN_MAX}
              onChange={() => toggle(slug)}
            />
            <span>
              <span className="choice_head">
                <span>
                  {name}{' '}
                  {slug === hand_off.suggested?.slug ? (
                    <span className="badge badge_strong">Suggested</span>
                  ) : null}
                </span>
                <span className="choice_owner muted">{agentName(owner_role)}</span>
              </span>
              {slug === hand_off.suggested?.slug ? (
                <span className="choice_why muted">
                  {hand_off.type === 'entry_requested'
                    ? `${askerOf(hand_off)} requested this one.`
                    : `${hand_off.from_campaign?.name ?? 'The previous campaign'} suggests this one after a meeting.`}
                </span>
              ) : null}
              {is_chosen ? (
                <GateWords
                  answer={answers.find((answer) => answer.campaign === slug)}
                  is_asking={is_asking}
                />
              ) : slug === hand_off.suggested?.slug ? (
                <GateWords answer={suggested_answer} is_asking={is_asking} />
              ) : null}
            </span>
          </label>
        );
      })}
      {open.length === 0 ? (
        <p className="muted">No active campaigns. Activate a campaign to enroll leads in it.</p>
      ) : null}
    </fieldset>
  );
}

function rank({ slug }: Campaign, { suggested, from_campaign }: HandOff): number {
  if (slug === suggested?.slug) return 0;
  return slug === from_campaign?.slug ? 2 : 1;
}

function compare(one: Campaign, other: Campaign): number {
  return one.name.localeCompare(other.name);
}
