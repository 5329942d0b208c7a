import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { ActionButton } from './action_button.tsx';
import { Failure } from './failure.tsx';

type ReasonDialogProps = {
  title: string;
  text: string;
  action: string;
  is_busy: boolean;
  error: Error | null;
  onReason(reason: string): void;
  onClose(): void;
};

/** Requires a reason for an action that other users will want to understand later. */
export function ReasonDialog({ title, text, action, is_busy, error, onReason, onClose }: ReasonDialogProps) {
  const [reason, setReason] = useState('');
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== '' && !is_busy) onReason(reason.trim());
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby={`${id}-title`}>
      <form onSubmit={submit}>
        <h2 id={`${id}-title`}>{title}</h2>
        <p>{text}</p>
        <label htmlFor={`${id}-reason`}>Reason</label>
        <textarea
          id={`${id}-reason`}
          rows={3}
          maxLength={2000}
          required
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
          }}
        />
        <Failure error={error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary danger"
            disabled={reason.trim() === ''}
            is_busy={is_busy}
          >
            {action}
          </ActionButton>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
