import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Scrolls to the top of newly shown content, so that users never see its end with the buttons first. Moves the focus too,
 * except from a list beside it.
 */
function arriveAt(heading: HTMLElement | null): void {
  if (heading?.checkVisibility() !== true) return;
  heading.closest('.pane_detail')?.scrollTo(0, 0);
  window.scrollTo(0, 0);
  const list = document.activeElement?.closest('.rows');
  if (list?.checkVisibility() !== true) heading.focus({ preventScroll: true });
}

/** Runs when `what` changes to another value; not for the first value, and not for null. */
export function useArrival(heading: RefObject<HTMLElement | null>, what: string | null): void {
  const before = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (what === null) return;
    const is_other = before.current !== null && before.current !== what;
    before.current = what;
    if (is_other) arriveAt(heading.current);
  }, [heading, what]);
}
