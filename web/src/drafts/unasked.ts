/** True if the page is about to show another text that the user did not ask for. */
let is_next_unasked = false;

export function noteUnasked(): void {
  is_next_unasked = true;
}

export function isUnasked(): boolean {
  return is_next_unasked;
}

/** The unasked text is on the screen; the next one counts as asked for. */
export function endUnasked(): void {
  is_next_unasked = false;
}
