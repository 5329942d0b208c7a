import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { ErasedDialog } from './erased_dialog.tsx';
import { type Lead, leadChanged, nameOf } from './lead.ts';

/** Deletes the personal data of one lead permanently. The user types the name to confirm. */
export function ForgetLead({ lead, onClose }: { lead: Lead; onClose(): void }) {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const name = nameOf(lead);
  const erasing = useMutation({
    mutationFn: () =>
      read(
        api.POST('/leads/{id}/erase', { params: { path: { id: lead.id } }, body: { reason: reason.trim() } }),
      ),
    onSuccess: () => {
      announce('Personal data deleted.');
      leadChanged();
    },
  });
  const is_ready = typed.trim() === name && reason.trim() !== '' && !erasing.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (is_ready) erasing.mutate();
  };
  if (erasing.data !== undefined) return <ErasedDialog erasure={erasing.data} onClose={onClose} />;
  return (
    <Dialog title={`Delete personal data of ${name}?`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          Open enrollments and messages end immediately. Texts and personal data are deleted from every table
          and both logs, including notes on other leads, and no import adds the lead again. Numbers and times
          remain. This cannot be undone. Export the data first if the person may ask for it.
        </p>
        <Field label="Reason" hint="Do not include personal data.">
          <input
            value={reason}
            maxLength={2_000}
            required
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <Field label={`Type the name to confirm: ${name}`}>
          <input
            value={typed}
            autoComplete="off"
            required
            onChange={(event) => setTyped(event.target.value)}
          />
        </Field>
        <Failure error={erasing.error} />
        <div className="actions">
          <button type="submit" className="primary danger" disabled={!is_ready}>
            Delete personal data
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
