import { type ReactNode, useEffect, useId, useRef } from 'react';

type DialogProps = {
  title: string;
  children: ReactNode;
  /** Fits two columns. */
  is_wide?: boolean;
  onClose(): void;
};

/** A modal dialog: Escape and its button close it, and the focus returns to its previous place. */
export function Dialog({ title, children, is_wide = false, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className={is_wide ? 'dialog_wide' : undefined}
      onClose={onClose}
      aria-labelledby={id}
    >
      <div className="dialog_head">
        <h2 id={id}>{title}</h2>
        <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <div className="dialog_body">{children}</div>
    </dialog>
  );
}
