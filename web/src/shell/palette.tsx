import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { type Found, usePaletteFinds } from './palette_finds.ts';

type PaletteProps = { onClose(): void; onKeys(): void };

/**
 * Searches pages, actions, leads, campaigns, and plays by the start of their names. A combobox:
 * https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 */
export function Palette({ onClose, onKeys }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [index, setIndex] = useState(0);
  const found = usePaletteFinds(typed.trim(), { onKeys });
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const at = Math.min(index, found.length - 1);
  const choose = (one: Found | undefined) => {
    if (one === undefined) return;
    onClose();
    one.act();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    if (event.key === 'Enter') {
      event.preventDefault();
      choose(found[at]);
    } else if (event.key === 'Escape') {
      // By default, the first Escape would only clear the field.
      event.preventDefault();
      dialog.current?.close();
    } else if (to !== undefined && found.length > 0) {
      event.preventDefault();
      setIndex((to + found.length) % found.length);
    }
  };
  return (
    <dialog ref={dialog} className="palette" onClose={onClose} aria-label="Search or go to">
      <input
        type="search"
        role="combobox"
        aria-label="Search or go to"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-found`}
        aria-activedescendant={found[at] === undefined ? undefined : `${id}-${at}`}
        autoComplete="off"
        placeholder="Page, setting, lead, account, campaign, or play"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setIndex(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={`${id}-found`} aria-label="Results" className="palette_found">
        {found.map((one, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
          <div
            key={one.key}
            id={`${id}-${place}`}
            role="option"
            tabIndex={-1}
            aria-selected={place === at}
            className="palette_option"
            ref={place === at ? (row) => row?.scrollIntoView({ block: 'nearest' }) : undefined}
            onClick={() => choose(one)}
          >
            <span>{one.label}</span>
            <span className="muted">{one.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className="muted padded">No results. Try the start of a name.</p> : null}
    </dialog>
  );
}
