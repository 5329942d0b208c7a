import { useEffect, useId, useRef } from 'react';

type ConfirmDialogProps = {
  title: string;
  /** The label of the confirming button, which states the effect. */
  action: string;
  /** The label of the other button. */
  otherwise: string;
  onConfirm(): void;
  onClose(): void;
};

/** Asks before data is lost. The safe button has the focus, and Escape chooses it. */
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
