import { usePeople } from '../sessions/people.ts';
import { Field } from '../ui/field.tsx';
import { type RuleDraft, TIERS } from './assignment_draft.ts';

type RuleFieldsProps = {
  place: number;
  rule: RuleDraft;
  may_change: boolean;
  fault: string | undefined;
  /** Null removes the rule. */
  onChange(rule: RuleDraft | null): void;
  /** Null: it is the first rule. */
  onRaise: (() => void) | null;
};

/** One rule: conditions, and the people who take turns in the order of their choice. */
export function RuleFields({ place, rule, may_change, fault, onChange, onRaise }: RuleFieldsProps) {
  const people = usePeople();
  const named = [
    ...rule.assignees,
    ...people.filter(({ id }) => !rule.assignees.some((one) => one.id === id)),
  ];
  return (
    <fieldset className="policy_section form_group" disabled={!may_change}>
      <legend>Rule {place}</legend>
      <fieldset className="settings_choices">
        <legend>Tiers</legend>
        {TIERS.map((tier) => (
          <label className="check" key={tier}>
            <input
              type="checkbox"
              checked={rule.icp_tiers.includes(tier)}
              onChange={({ target }) =>
                onChange({ ...rule, icp_tiers: toggled(rule.icp_tiers, tier, target.checked) })
              }
            />
            {tier}
          </label>
        ))}
      </fieldset>
      <div className="form_grid">
        <Field label="Segments" hint="Separated by commas. Blank matches all.">
          <input
            value={rule.segments}
            onChange={({ target }) => onChange({ ...rule, segments: target.value })}
          />
        </Field>
        <Field label="Countries" hint="As stored on leads. Blank matches all.">
          <input
            value={rule.countries}
            onChange={({ target }) => onChange({ ...rule, countries: target.value })}
          />
        </Field>
      </div>
      <fieldset className="settings_choices">
        <legend>Assign to, in turn (at least one person)</legend>
        {named.map((user) => (
          <label className="check" key={user.id}>
            <input
              type="checkbox"
              checked={rule.assignees.some(({ id }) => id === user.id)}
              onChange={({ target }) => {
                const others = rule.assignees.filter(({ id }) => id !== user.id);
                onChange({ ...rule, assignees: target.checked ? [...others, user] : others });
              }}
            />
            {user.name}
          </label>
        ))}
      </fieldset>
      {fault === undefined ? null : <p className="field_fault">{fault}</p>}
      {may_change ? (
        <div className="actions">
          {onRaise === null ? null : (
            <button type="button" className="quiet" onClick={onRaise}>
              Move up
            </button>
          )}
          <button type="button" className="quiet" onClick={() => onChange(null)}>
            Remove rule {place}
          </button>
        </div>
      ) : null}
    </fieldset>
  );
}

function toggled<Value>(values: readonly Value[], value: Value, is_in: boolean): Value[] {
  const others = values.filter((one) => one !== value);
  return is_in ? [...others, value] : others;
}
