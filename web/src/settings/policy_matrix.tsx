import type { Chosen, Document } from './policy_form.ts';
import { valueAt } from './policy_form.ts';
import { RECENCY_WORDS, SIDES } from './policy_words.ts';

const TIERS = ['T1', 'T2', 'T3'] as const;

type PolicyMatrixProps = {
  document: Document;
  chosen: Chosen;
  faults: ReadonlyMap<string, string>;
  may_change: boolean;
  onChange(path: string, value: unknown): void;
};

/** The conflict rules by tier and latest interest: the side with priority, and the hours the other side waits. */
export function PolicyMatrix(props: PolicyMatrixProps) {
  return (
    <table className="matrix_table">
      <thead>
        <tr>
          <th scope="col">Tier</th>
          {RECENCY_WORDS.map(([recency, words]) => (
            <th scope="col" key={recency}>
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {TIERS.map((tier) => (
          <tr key={tier}>
            <th scope="row">{tier}</th>
            {RECENCY_WORDS.map(([recency, words]) => (
              <td key={recency}>
                <Cell {...props} path={`conflict_matrix.${tier}.${recency}`} label={`${tier}, ${words}`} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({
  document,
  chosen,
  faults,
  may_change,
  onChange,
  path,
  label,
}: PolicyMatrixProps & { path: string; label: string }) {
  const hours_path = `${path}.loser_queued_hours`;
  const hours = valueAt(document, hours_path);
  const fault = faults.get(hours_path);
  return (
    <div className="matrix_cell" data-changed={chosen.has(`${path}.winner`) || chosen.has(hours_path)}>
      <select
        aria-label={`${label}: priority`}
        value={String(valueAt(document, `${path}.winner`))}
        disabled={!may_change}
        onChange={(event) => onChange(`${path}.winner`, event.target.value)}
      >
        {SIDES.map(([side, words]) => (
          <option key={side} value={side}>
            {words} has priority
          </option>
        ))}
      </select>
      <label>
        other side waits
        <input
          aria-label={`${label}: hours the other side waits; blank: until the end`}
          aria-invalid={fault === undefined ? undefined : true}
          inputMode="numeric"
          placeholder="to the end"
          disabled={!may_change}
          value={hours === null || hours === undefined ? '' : String(hours)}
          onChange={(event) => onChange(hours_path, numberOrText(event.target.value))}
        />
        {hours === null ? '' : 'hours'}
      </label>
      {fault === undefined ? null : <p className="field_fault">{fault}</p>}
    </div>
  );
}

function numberOrText(text: string): number | string | null {
  if (text.trim() === '') return null;
  return Number.isNaN(Number(text)) ? text : Number(text);
}
