import { useQuery } from '@tanstack/react-query';
import { agentWords } from '../agents/names.ts';
import { api, read } from '../api/client.ts';
import { Field } from '../ui/field.tsx';

type OwnerFieldProps = {
  value: string;
  hint: string;
  fault?: string | undefined;
  onChoose(owner_role: string): void;
};

/** Owner of a campaign: any agent that writes messages. */
export function OwnerField({ value, hint, fault, onChoose }: OwnerFieldProps) {
  const agents = useQuery({ queryKey: ['agents'], queryFn: () => read(api.GET('/agents')) });
  const owners = (agents.data?.items ?? []).filter(({ kind, id }) => kind !== 'brain' || id === value);
  return (
    <Field label="Owner" hint={hint} fault={fault}>
      <select value={value} onChange={(event) => onChoose(event.target.value)}>
        {agents.data === undefined ? <option value={value}>{value}</option> : null}
        {owners.map(({ id, display_name }) => (
          <option key={id} value={id}>
            {agentWords(id, display_name)}
          </option>
        ))}
      </select>
    </Field>
  );
}

type ChoiceProps<Value extends string> = {
  label: string;
  hint?: string;
  fault?: string | undefined;
  value: Value;
  words: Readonly<Record<Value, string>>;
  onChoose(value: Value): void;
};

export function Choice<Value extends string>({
  label,
  hint,
  fault,
  value,
  words,
  onChoose,
}: ChoiceProps<Value>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      <select value={value} onChange={(event) => onChoose(event.target.value as Value)}>
        {Object.entries<string>(words).map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}
