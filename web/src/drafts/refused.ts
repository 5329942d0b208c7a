import { useSyncExternalStore } from 'react';
import { onOtherPerson } from '../sessions/person.ts';
import type { Text } from './decisions.ts';
import type { DraftDetail, Entry, Status } from './entries.ts';

/** A decision that the server did not take, about a touch whose page had been left already. */
export type Refused = {
  entry: Entry;
  /** The tab where it stands. */
  status: Status;
  /** Such as "Not approved". */
  words: string;
  error: Error;
  /** What was on the screen when it was decided on. */
  shown: Text;
  /** What the text is by now, where that is why. */
  current: DraftDetail | null;
  /** When it was decided on, by `performance.now()`. */
  decided_ms: number;
  /** The person is at something else by now: it is told with a way to it, and does not come by itself. */
  waits: boolean;
};

let refused: readonly Refused[] = [];
/** Those that were on the screen since. */
let seen: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

/** The latest first. */
export function useRefused(): readonly Refused[] {
  return useSyncExternalStore(subscribe, () => refused);
}

/** The latest that waits for the person to come to it. */
export function useWaitingRefused(): Refused | undefined {
  const all = useRefused();
  const known = useSyncExternalStore(subscribe, () => seen);
  return all.find((one) => one.waits && !known.has(one.entry.queue_id));
}

export function refusedOf(queue_id: string): Refused | undefined {
  return refused.find(({ entry }) => entry.queue_id === queue_id);
}

export function keepRefused(one: Refused): void {
  seen = new Set([...seen].filter((queue_id) => queue_id !== one.entry.queue_id));
  set([one, ...without(one.entry.queue_id)]);
}

/** It does not come by itself any more. */
export function letWait(one: Refused): void {
  set(refused.map((other) => (other === one ? { ...one, waits: true } : other)));
}

/** It is on the screen, so that nobody need be led to it. */
export function noteSeen(queue_id: string): void {
  if (refusedOf(queue_id) === undefined || seen.has(queue_id)) return;
  seen = new Set([...seen, queue_id]);
  tell();
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
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

onOtherPerson(() => set([]));
