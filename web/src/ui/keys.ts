import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Maps keys to actions; the browser handles all others. */
export type Keys = Readonly<Record<string, (() => void) | undefined>>;

/**
 * Single-key shortcuts for the whole page, active as soon as the page renders. They pause while the user types, while a
 * dialog is open, with modifier keys, and while `seen`, the part of the page they act on, is hidden.
 */
export function useKeys(keys: Keys, seen?: RefObject<Element | null>): void {
  const current = useRef(keys);
  useLayoutEffect(() => {
    current.current = keys;
  });
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
      if (seen !== undefined && seen.current?.checkVisibility() !== true) return;
      const act = current.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [seen]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}
