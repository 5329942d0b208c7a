import { useEffect, useId, useRef } from 'react';

type ConfirmDialogProps = {
  title: string;
  /** What happens on yes, as the button says it. */
  action: string;
  /** What the other button says. */
  otherwise: string;
  onConfirm(): void;
  onClose(): void;
};

/** Asks before something is lost. The safe answer has the focus; Escape gives it too. */
export function ConfirmDialog({ title, action, otherwise, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const safe = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
    safe.current?.focus();
  }, []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div className="actions">
        <button type="button" ref={safe} onClick={() => dialog.current?.close()}>
          {otherwise}
        </button>
        <button type="button" className="danger" onClick={onConfirm}>
          {action}
        </button>
      </div>
    </dialog>
  );
}
