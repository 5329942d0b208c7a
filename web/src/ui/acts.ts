/** User actions on a page. Scrolling and the back button count too. */
const ACTS = ['keydown', 'pointerdown', 'wheel', 'touchmove', 'popstate'] as const;

let last_ms = 0;
for (const act of ACTS) {
  window.addEventListener(act, () => (last_ms = performance.now()), { capture: true, passive: true });
}

/** Returns whether the user has acted since a time of `performance.now()`, so that their place may have changed. */
export function hasActedSince(since_ms: number): boolean {
  return last_ms > since_ms;
}

/** Returns whether the user is editing or a dialog is open: nothing may replace the page then. */
export function isInTheMiddle(): boolean {
  return document.querySelector('dialog[open], .editor') !== null;
}
