/** What a person does to a page. A page that scrolls under them is being read, and the back button is theirs too. */
const ACTS = ['keydown', 'pointerdown', 'wheel', 'touchmove', 'popstate'] as const;

let last_ms = 0;
for (const act of ACTS) {
  window.addEventListener(act, () => (last_ms = performance.now()), { capture: true, passive: true });
}

/** Whether the person has done anything since, by `performance.now()`: then they are no longer where they stood. */
export function hasActedSince(since_ms: number): boolean {
  return last_ms > since_ms;
}

/** Whether the person is writing or is being asked something: nothing may take the screen from under that. */
export function isInTheMiddle(): boolean {
  return document.querySelector('dialog[open], .editor') !== null;
}
