import { cloneElement, type ReactElement, useId } from 'react';

type FieldProps = {
  label: string;
  /** What to put here, in a few words. */
  hint?: string | undefined;
  /** What is wrong with what stands there. */
  fault?: string | undefined;
  /** One input, select or textarea. */
  children: ReactElement<{
    id?: string;
    'aria-describedby'?: string | undefined;
    'aria-invalid'?: boolean | undefined;
  }>;
};

/** A field of a form with its label, its hint and its fault, tied together for those who only hear them. */
export function Field({ label, hint, fault, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? '' : `${id}-hint`, fault === undefined ? '' : `${id}-fault`];
  const control = cloneElement(children, {
    id,
    'aria-describedby': described.filter(Boolean).join(' ') || undefined,
    'aria-invalid': fault === undefined ? undefined : true,
  });
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
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
