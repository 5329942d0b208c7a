import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { type Enrollment, leadChanged } from './lead.ts';
import { EXITS } from './words.ts';

type Exit = (typeof EXITS)[number][0];

/** Ends an enrollment. The exit rules of its campaign decide the next campaign by the outcome. */
export function EndSequence({ enrollment, onClose }: { enrollment: Enrollment; onClose(): void }) {
  const [exit_reason, setReason] = useState<Exit>('meeting');
  const { id, campaign_name } = enrollment;
  const ending = useMutation({
    mutationFn: () =>
      read(api.POST('/enrollments/{id}/exit', { params: { path: { id } }, body: { exit_reason } })),
    onSuccess: () => {
      announce(`${campaign_name} ended.`);
      leadChanged();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ending.mutate();
  };
  return (
    <Dialog title={`End ${campaign_name}?`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>Unsent messages are dropped. The campaign’s exit rule for this outcome applies.</p>
        <Field label="Outcome">
          <select value={exit_reason} onChange={(event) => setReason(event.target.value as Exit)}>
            {EXITS.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <Failure error={ending.error} />
        <div className="actions">
          <ActionButton type="submit" className="primary danger" is_busy={ending.isPending}>
            End enrollment
          </ActionButton>
          <button type="button" onClick={onClose}>
            Keep enrolled
          </button>
        </div>
      </form>
    </Dialog>
  );
}
