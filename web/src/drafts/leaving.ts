import { useSyncExternalStore } from 'react';

/**
 * The touches that were decided on here and whose answer is under way. Lists leave them out already, so that the next one
 * is there at once; they are back when the server says no.
 */
let leaving: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => leaving);
}

export function isLeaving(queue_id: string): boolean {
  return leaving.has(queue_id);
}

export function beginLeaving(queue_id: string): void {
  change((ids) => ids.add(queue_id));
}

export function endLeaving(queue_id: string): void {
  change((ids) => ids.delete(queue_id));
}

function change(how: (ids: Set<string>) => void): void {
  const ids = new Set(leaving);
  how(ids);
  leaving = ids;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
