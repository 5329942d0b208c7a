import { useSyncExternalStore } from 'react';
import type { Text } from './decisions.ts';
import type { DraftDetail, Entry } from './entries.ts';

/** A decision that the server did not take, about a touch whose page had been left already. */
export type Refused = {
  entry: Entry;
  error: Error;
  /** What was on the screen when it was decided on. */
  shown: Text;
  /** What the text is by now, where that is why. */
  current: DraftDetail | null;
};

let refused: readonly Refused[] = [];
const listeners = new Set<() => void>();

/** The latest first. */
export function useRefused(): readonly Refused[] {
  return useSyncExternalStore(subscribe, () => refused);
}

export function refusedOf(queue_id: string): Refused | undefined {
  return refused.find(({ entry }) => entry.queue_id === queue_id);
}

export function keepRefused(one: Refused): void {
  set([one, ...without(one.entry.queue_id)]);
}

/** For when it is decided on anew. */
export function forgetRefused(queue_id: string): void {
  if (refusedOf(queue_id) !== undefined) set(without(queue_id));
}

function without(queue_id: string): Refused[] {
  return refused.filter(({ entry }) => entry.queue_id !== queue_id);
}

function set(changed: readonly Refused[]): void {
  refused = changed;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
