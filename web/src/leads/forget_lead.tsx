import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { type Lead, leadChanged, nameOf } from './lead.ts';

/** Forgets one person, for good. It asks for the name, since nothing brings them back. */
export function ForgetLead({ lead, onClose }: { lead: Lead; onClose(): void }) {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const name = nameOf(lead);
  const forgetting = useMutation({
    mutationFn: () =>
      read(
        api.POST('/leads/{id}/erase', { params: { path: { id: lead.id } }, body: { reason: reason.trim() } }),
      ),
    onSuccess: () => {
      announce('Forgotten. What is left here belongs to nobody.');
      leadChanged();
      onClose();
    },
  });
  const is_ready = typed.trim() === name && reason.trim() !== '' && !forgetting.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (is_ready) forgetting.mutate();
  };
  return (
    <Dialog title={`Forget ${name}?`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          Everything open for them ends at once. Their texts and personal data go from every table and both
          logs, and no import brings them back. Numbers and times stay. Nothing undoes this; “Export” keeps
          what they may ask for.
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
        <Failure error={forgetting.error} />
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
