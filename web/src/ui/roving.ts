import { type KeyboardEvent, useState } from 'react';

type RovingOptions = {
  /** The rows from top to bottom. */
  ids: readonly string[];
  /** The row shown beside the list. */
  current: string | null;
  /** Called when an arrow key reaches a row whose content can be shown beside the list. */
  onArrow(id: string): void;
};

/**
 * Makes a list of rows one Tab stop; arrow keys, Home, and End move within it. Spread the returned props on the element of
 * class `row` for each id. https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/#kbd_roving_tabindex
 */
export function useRoving({ ids, current, onArrow }: RovingOptions) {
  const [visited, setVisited] = useState<{ id: string; current: string | null } | null>(null);
  // The shown row may change without the list; the Tab stop follows it.
  const wanted = visited?.current === current ? (visited?.id ?? current) : current;
  const stop = wanted !== null && ids.includes(wanted) ? wanted : ids[0];
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const rows = [...(event.currentTarget.closest('.rows')?.querySelectorAll<HTMLElement>('.row') ?? [])];
    const to = targetOf(event.key, rows.indexOf(event.currentTarget), rows.length);
    if (to === null) return;
    event.preventDefault();
    const id = ids[to];
    if (id === undefined) return;
    rows[to]?.focus();
    if (document.querySelector('.pane_detail')?.checkVisibility() === true) onArrow(id);
  };
  return (id: string) => ({
    tabIndex: id === stop ? 0 : -1,
    onFocus: () => setVisited({ id, current }),
    onKeyDown,
  });
}

/** Null for keys that do not move. */
function targetOf(key: string, from: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(from + 1, count - 1);
    case 'ArrowUp':
      return Math.max(from - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
