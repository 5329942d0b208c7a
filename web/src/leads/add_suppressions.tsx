import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { isRefusal, Refusal } from '../api/refusal.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { countWords } from '../ui/count.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';

/** Adds addresses, domains, and phone numbers, one per line, after counting the leads that they cover. */
export function AddSuppressions({ onAdded, onClose }: { onAdded(): void; onClose(): void }) {
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const [last_day, setLastDay] = useState('');
  // A phone number may have spaces.
  const lines = text.split(/[\n,;]/).map((line) => line.trim());
  const values = lines
    .flatMap((line) => (line.startsWith('+') && !line.includes('@') ? line : line.split(/\s+/)))
    .filter((value) => value !== '');
  const add = (dry_run: boolean) => {
    const until = last_day === '' ? {} : { until: new Date(`${last_day}T23:59:59`).toISOString() };
    return read(api.POST('/suppressions', { body: { values, reason, dry_run, ...until } }));
  };
  const counting = useMutation({ mutationFn: () => add(true) });
  const adding = useMutation({
    mutationFn: () => add(false),
    onSuccess: ({ added_count }) => {
      announce(`${countWords(added_count, 'suppression')} added.`);
      onAdded();
      onClose();
    },
  });
  const error = adding.error ?? counting.error;
  const preview = counting.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview === undefined) counting.mutate();
    else adding.mutate();
  };
  const changed = (set: (value: string) => void) => (value: string) => {
    set(value);
    counting.reset();
    adding.reset();
  };
  return (
    <Dialog title="Add to do not contact" onClose={onClose}>
      <form onSubmit={submit}>
        <Field
          label="Addresses, domains, or phone numbers"
          hint="One per line. A domain covers its subdomains."
          fault={valueFaults(error, values)}
          is_required
        >
          <textarea
            rows={5}
            required
            value={text}
            placeholder={'pat@competitor.example\ncompetitor.example\n+1 202 555 0123'}
            onChange={(event) => changed(setText)(event.target.value)}
          />
        </Field>
        <Field label="Reason" fault={faultsOf(error).get('reason')} is_required>
          <input
            required
            maxLength={2_000}
            value={reason}
            onChange={(event) => changed(setReason)(event.target.value)}
          />
        </Field>
        <Field
          label="Last day (optional)"
          hint="Without one, the suppression never ends."
          fault={faultsOf(error).get('until')}
        >
          <input type="date" value={last_day} onChange={(event) => changed(setLastDay)(event.target.value)} />
        </Field>
        {preview === undefined ? null : (
          <p className="notice" role="status">
            {countWords(preview.added_count, 'suppression')} to add
            {preview.already_count === 0 ? '' : `, ${preview.already_count} already on the list`}.{' '}
            {preview.lead_count === 0
              ? 'No current lead is affected.'
              : `${countWords(preview.lead_count, 'lead')} affected. Open enrollments end; a number stops only calls and text messages.`}
          </p>
        )}
        <Failure error={isAtFields(error) ? null : error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={values.length === 0 || reason.trim() === ''}
            is_busy={counting.isPending || adding.isPending}
          >
            {preview === undefined ? 'Check' : 'Add'}
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const FAULTS_SHOWN = 5;

/** Whether each fault appears at its field. */
function isAtFields(error: Error | null): boolean {
  return isRefusal(error, 'suppression_invalid') || isRefusal(error, 'until_past');
}

/** The invalid values with their faults, as one text. */
function valueFaults(error: Error | null, values: readonly string[]): string | undefined {
  if (!(error instanceof Refusal) || !isRefusal(error, 'suppression_invalid')) return undefined;
  const faults = (error.problem.errors ?? []).map(({ path, message }) => {
    const value = values[Number(/^values\[(\d+)\]$/.exec(path)?.[1])];
    return `${value ?? path} ${message}`;
  });
  const more = faults.length - FAULTS_SHOWN;
  const shown = faults.slice(0, FAULTS_SHOWN).join('. ');
  return `${shown}.${more > 0 ? ` And ${more} more.` : ''}`;
}
