import './choice.css';
import { useId } from 'react';

export type ChoiceProps<Value extends string> = {
  label: string;
  value: Value | null;
  /** The first option, for null; without it: Any. */
  otherwise?: string;
  options: readonly (readonly [Value, string])[];
  onChoose(value: Value | null): void;
};

/** A filter: a select whose first option is "any". */
export function Choice<Value extends string>({
  label,
  value,
  otherwise = 'Any',
  options,
  onChoose,
}: ChoiceProps<Value>) {
  const id = useId();
  return (
    <div className="select_choice" data-set={value !== null}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => onChoose((event.target.value || null) as Value | null)}
      >
        <option value="">{otherwise}</option>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
