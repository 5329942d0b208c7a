import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { ErasedDialog } from './erased_dialog.tsx';
import { type Lead, leadChanged, nameOf } from './lead.ts';

/** Forgets one person, for good. It asks for the name, since nothing brings them back. */
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
    <Dialog title={`Forget ${name}?`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          Open enrollments and messages end at once. Texts and personal data are deleted from every table and
          both logs, notes on other leads included, and no import adds the lead again. Numbers and times stay.
          Nothing undoes this. Export first what the person may ask for.
        </p>
        <Field label="Reason" hint="Say nothing in it that is to be forgotten.">
          <input
            value={reason}
            maxLength={2_000}
            required
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <Field label={`Type their name to go on: ${name}`}>
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
            Forget for good
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
