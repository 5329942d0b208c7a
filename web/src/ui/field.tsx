import { cloneElement, type ReactElement, useId } from 'react';

type FieldProps = {
  label: string;
  /** A short instruction. */
  hint?: string | undefined;
  /** The error of the current value. */
  fault?: string | undefined;
  /** Marks the field as required where others of the form are optional. */
  is_required?: boolean;
  /** One input, select, or textarea. */
  children: ReactElement<{
    id?: string;
    'aria-describedby'?: string | undefined;
    'aria-invalid'?: boolean | undefined;
  }>;
};

/** A form field with its label, hint, and error, associated for screen readers. */
export function Field({ label, hint, fault, is_required = false, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? '' : `${id}-hint`, fault === undefined ? '' : `${id}-fault`];
  const control = cloneElement(children, {
    id,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': fault === undefined ? undefined : true,
  });
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {is_required ? <span className="muted"> (required)</span> : null}
      </label>
      {control}
      {hint === undefined ? null : (
        <p className="field_hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault === undefined ? null : (
        <p className="field_fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
