export type Words = { subject: string | null; body: string };

/** What was written and not saved, by queue item: looking at another message meanwhile loses nothing. */
const unsaved = new Map<string, Words>();

export function unsavedOf(queue_id: string): Words | undefined {
  return unsaved.get(queue_id);
}

/** From now on the browser asks before it closes the page. */
export function keepUnsaved(queue_id: string, words: Words): void {
  unsaved.set(queue_id, words);
  window.addEventListener('beforeunload', ask);
}

/** For when it is saved, or no longer wanted. */
export function forgetUnsaved(queue_id: string): void {
  unsaved.delete(queue_id);
  if (unsaved.size === 0) window.removeEventListener('beforeunload', ask);
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
