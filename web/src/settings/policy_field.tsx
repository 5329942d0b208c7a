import { useAgentName } from '../agents/names.ts';
import { Field } from '../ui/field.tsx';
import { ANY, fieldWords, reasonWords, valueWords } from './policy_words.ts';
import { useAgents } from './use_settings.ts';

export type Shipped = { path: string; value: unknown; reason: string | null };

type PolicyFieldProps = {
  shipped: Shipped;
  value: unknown;
  is_changed: boolean;
  fault: string | undefined;
  may_change: boolean;
  onChange(value: unknown): void;
};

/** One policy value: its label, the reason for its default, and whether this organization changed it. */
export function PolicyField(props: PolicyFieldProps) {
  const { shipped, value, is_changed, fault } = props;
  const is_own = JSON.stringify(value) !== JSON.stringify(shipped.value);
  const is_check = typeof shipped.value === 'boolean';
  const why =
    fieldWords(shipped.path).why ?? (shipped.reason === null ? undefined : reasonWords(shipped.reason));
  return (
    <div className="policy_field" data-changed={is_changed}>
      {is_check ? <Check {...props} /> : <Control {...props} />}
      {is_check && fault !== undefined ? <p className="field_fault">{fault}</p> : null}
      <div className="policy_why">
        {is_own ? (
          <p>
            <span className="badge badge_strong">Customized</span> Default:{' '}
            {valueWords(shipped.path, shipped.value)}
          </p>
        ) : null}
        {why === undefined ? null : <p className="field_hint">{why}</p>}
      </div>
    </div>
  );
}

function Check({ shipped: { path }, value, may_change, onChange }: PolicyFieldProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={value === true}
        disabled={!may_change}
        onChange={(event) => onChange(event.target.checked)}
      />
      {fieldWords(path).label}
    </label>
  );
}

function Control(props: PolicyFieldProps) {
  const { shipped, value, fault, may_change, onChange } = props;
  const { path } = shipped;
  const { label, unit, options, choices, none } = fieldWords(path);
  if (path === 'routing_error_agent') return <AgentField {...props} />;
  if (choices !== undefined) return <ChoicesField {...props} />;
  if (options !== undefined) {
    return (
      <Field label={label} fault={fault}>
        <select
          value={String(value)}
          disabled={!may_change}
          onChange={(event) => onChange(event.target.value)}
        >
          {options.map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
      </Field>
    );
  }
  if (Array.isArray(shipped.value)) {
    return (
      <Field label={label} fault={fault}>
        <textarea
          rows={3}
          disabled={!may_change}
          value={(value as readonly string[]).join('\n')}
          onChange={(event) => onChange(linesOf(event.target.value))}
        />
      </Field>
    );
  }
  const is_number = unit !== undefined;
  return (
    <Field
      label={unit === undefined ? label : `${label} (${unit})`}
      hint={none && `Leave blank for ${none.toLowerCase()}.`}
      fault={fault}
    >
      <input
        inputMode={is_number ? 'decimal' : undefined}
        autoComplete="off"
        maxLength={64}
        disabled={!may_change}
        value={value === null || value === undefined ? '' : String(value)}
        onChange={(event) => onChange(typed(event.target.value, is_number, none !== undefined))}
      />
    </Field>
  );
}

function AgentField({ shipped: { path }, value, fault, may_change, onChange }: PolicyFieldProps) {
  const agents = useAgents();
  const nameOf = useAgentName();
  const ids = [...new Set([String(value), ...(agents.data?.items.map(({ id }) => id) ?? [])])];
  return (
    <Field label={fieldWords(path).label} fault={fault}>
      <select value={String(value)} disabled={!may_change} onChange={(event) => onChange(event.target.value)}>
        {ids.map((id) => (
          <option key={id} value={id}>
            {nameOf(id)}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** A list of checkboxes. If `any` is allowed, checking all of them stores `any`. */
function ChoicesField({ shipped: { path }, value, fault, may_change, onChange }: PolicyFieldProps) {
  const { label, choices = [], any } = fieldWords(path);
  const all = choices.map(([one]) => one);
  const picked = Array.isArray(value) ? (value as (string | number)[]) : all;
  const pick = (one: string | number, is_picked: boolean) => {
    const next = all.filter((known) => (known === one ? is_picked : picked.includes(known)));
    onChange(any !== undefined && next.length === all.length ? ANY : next);
  };
  return (
    <fieldset className="settings_choices" disabled={!may_change}>
      <legend>
        {label}
        {any !== undefined && picked.length === all.length ? <span className="muted"> {any}</span> : null}
      </legend>
      {choices.map(([one, words]) => (
        <label className="check" key={one}>
          <input
            type="checkbox"
            checked={picked.includes(one)}
            disabled={one === 'unsubscribe'}
            onChange={(event) => pick(one, event.target.checked)}
          />
          {words}
        </label>
      ))}
      {fault === undefined ? null : <p className="field_fault">{fault}</p>}
    </fieldset>
  );
}

/** Keeps invalid numbers as typed, so that the server reports them at the field. */
function typed(text: string, is_number: boolean, may_be_none: boolean): unknown {
  if (text.trim() === '') return may_be_none ? null : text;
  const number = Number(text);
  return is_number && !Number.isNaN(number) && !text.endsWith('.') ? number : text;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => line.trim());
}
