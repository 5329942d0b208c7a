/** The page is about to show another text by itself: whoever reads it now has not asked for it. */
let is_next_unasked = false;

export function noteUnasked(): void {
  is_next_unasked = true;
}

export function isUnasked(): boolean {
  return is_next_unasked;
}

/** It is on the screen; the one after it is asked for again. */
export function endUnasked(): void {
  is_next_unasked = false;
}
