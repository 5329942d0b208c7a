import { useSyncExternalStore } from 'react';

/**
 * Touches whose decision has no response yet. Lists already leave them out, so that the next touch appears at once; a
 * refusal brings them back.
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
