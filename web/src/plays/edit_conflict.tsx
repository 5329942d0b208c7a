import { stepsOf } from '../steps/step.ts';
import { stepWords } from '../steps/words.ts';
import type { Play } from './play.ts';
import type { Conflict, PlayForm } from './play_form.ts';
import { AS_ROLE_WORDS } from './words.ts';

const FORM_WORDS: Record<keyof PlayForm, string> = {
  name: 'Name',
  hypothesis: 'Hypothesis',
  icp_tiers: 'Tiers',
  segments: 'Segments',
  verticals: 'Verticals',
  lifecycle_stages: 'Lifecycle stages',
  titles: 'Titles',
  signals_any: 'Signals, any of',
  signals_all: 'Signals, all of',
  uses: 'Source of steps',
  steps: 'Steps',
  campaign_template: 'Campaign with the steps',
  meeting_rate: 'Meetings',
  opp_create_rate: 'Opportunities',
  acv: 'Contract value',
  active_period_start: 'First day',
  active_period_end: 'Last day',
  client_id: 'Brand',
};

type EditConflictProps = { play: Play; conflicts: readonly Conflict[]; onTake(conflict: Conflict): void };

/** Shows another user's saved values for fields that I edited too. My edits stay until I choose theirs. */
export function EditConflict({ play, conflicts, onTake }: EditConflictProps) {
  const who = play.edits.at(-1)?.user_name ?? 'Someone';
  return (
    <div className="notice notice_bad" role="alert">
      <p>
        {conflicts.length === 0
          ? `Not saved: ${who} changed this play while you were editing. The form now shows those changes. Review them, then save.`
          : `Not saved: ${who} changed the same fields while you were editing. Your edits are kept; saving again replaces theirs.`}
      </p>
      {conflicts.map((conflict) => (
        <div key={conflict.field} className="conflict">
          <h2>{FORM_WORDS[conflict.field]}</h2>
          <p className="play_text">Theirs: {theirsWords(conflict)}</p>
          <button type="button" onClick={() => onTake(conflict)}>
            Use theirs
          </button>
        </div>
      ))}
      <Approved play={play} />
    </div>
  );
}

/** Warns which approvals a save voids. */
function Approved({ play }: { play: Play }) {
  const given = [
    play.revops_approved_at === null ? '' : `${play.revops_approver_name} as ${AS_ROLE_WORDS.revops}`,
    play.slm_approved_at === null ? '' : `${play.slm_approver_name} as ${AS_ROLE_WORDS.slm}`,
  ].filter(Boolean);
  if (given.length === 0) return null;
  return (
    <p>Approved by {given.join(' and ')}. Saving voids the approval, because it covers the earlier text.</p>
  );
}

function theirsWords({ field, theirs }: Conflict): string {
  if (field === 'steps') {
    const steps = stepsOf(theirs.steps);
    return steps.map((step) => `${stepWords(step)}: ${step.template_instructions}`).join('\n');
  }
  if (field === 'icp_tiers') return theirs.icp_tiers.join(', ') || 'nothing';
  if (field === 'uses') return theirs.uses === 'steps' ? 'own steps' : 'steps of a campaign';
  const value = theirs[field] as string;
  const is_share = field === 'meeting_rate' || field === 'opp_create_rate';
  return value === '' ? 'nothing' : `${value}${is_share ? '%' : ''}`;
}
