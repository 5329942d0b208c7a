import { Field } from '../ui/field.tsx';

/** A whole number, as typed. */
export function PriorityField({
  value,
  fault,
  onWrite,
}: {
  value: string;
  fault: string | undefined;
  onWrite(value: string): void;
}) {
  return (
    <Field
      label="Priority"
      hint="If a side may run only one sequence per lead, the campaign with the higher number goes first."
      fault={fault}
    >
      <input
        type="number"
        min={-1000}
        max={1000}
        step={1}
        value={value}
        onChange={(event) => onWrite(event.target.value)}
      />
    </Field>
  );
}
