import { useRef } from 'react';
import { announce } from '../ui/announce.tsx';

type ShownOnceProps = {
  label: string;
  text: string;
  /** The label of the button, if there are several. */
  action?: string;
};

/** A text to copy: a click selects it, the button copies it. */
export function ShownOnce({ label, text, action = 'Copy' }: ShownOnceProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      announce('Copied.');
    } catch {
      field.current?.select();
      announce('The browser blocked copying. The text is selected: press Ctrl+C.');
    }
  };
  return (
    <div className="shown_once">
      <textarea
        ref={field}
        aria-label={label}
        readOnly
        rows={Math.min(8, Math.ceil(text.length / 60))}
        value={text}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" onClick={copy}>
        {action}
      </button>
    </div>
  );
}
