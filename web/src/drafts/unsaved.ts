import { onOtherPerson } from '../sessions/person.ts';
import type { Text } from './decisions.ts';

export type Words = { subject: string | null; body: string };

/** Unsaved text and its base version; a newer one may exist by the time the user returns. */
export type Unsaved = { words: Words; based_on: Text };

/** Unsaved text by queue item, so that opening another message loses nothing. */
const unsaved = new Map<string, Unsaved>();

export function unsavedOf(queue_id: string): Unsaved | undefined {
  return unsaved.get(queue_id);
}

/** From now on, the browser asks before it closes the page. */
export function keepUnsaved(queue_id: string, words: Words, based_on: Text): void {
  unsaved.set(queue_id, { words, based_on });
  window.addEventListener('beforeunload', ask);
}

/** Call after saving or discarding. */
export function forgetUnsaved(queue_id: string): void {
  unsaved.delete(queue_id);
  if (unsaved.size === 0) window.removeEventListener('beforeunload', ask);
}

export function isSameWords(one: Words, other: Words): boolean {
  return one.body === other.body && one.subject === other.subject;
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

onOtherPerson(() => {
  unsaved.clear();
  window.removeEventListener('beforeunload', ask);
});
