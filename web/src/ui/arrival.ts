import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Goes to the beginning of something that has just come on the screen, so that its end, with the buttons, is never
 * the first that is seen of it. The keyboard goes along, except from a list that stays beside it.
 */
function arriveAt(heading: HTMLElement | null): void {
  if (heading?.checkVisibility() !== true) return;
  heading.closest('.pane_detail')?.scrollTo(0, 0);
  window.scrollTo(0, 0);
  const list = document.activeElement?.closest('.rows');
  if (list?.checkVisibility() !== true) heading.focus({ preventScroll: true });
}

/** Arrives at the heading whenever `what` becomes another thing; not at the first one, and null is no thing. */
export function useArrival(heading: RefObject<HTMLElement | null>, what: string | null): void {
  const before = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (what === null) return;
    const is_other = before.current !== null && before.current !== what;
    before.current = what;
    if (is_other) arriveAt(heading.current);
  }, [heading, what]);
}
