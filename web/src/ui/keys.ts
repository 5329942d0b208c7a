import { type RefObject, useLayoutEffect, useRef } from 'react';

/** What a key does; a key that maps to nothing is left to the browser. */
export type Keys = Readonly<Record<string, (() => void) | undefined>>;

/**
 * Single keys for the whole page, which work as soon as the page shows them. They rest while someone types, while a dialog is open, with modifiers, and while
 * `seen`, the part of the page that they are about, is not shown.
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
