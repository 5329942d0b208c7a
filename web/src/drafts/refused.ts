import { useSyncExternalStore } from 'react';
import { onOtherPerson } from '../sessions/person.ts';
import type { Text } from './decisions.ts';
import type { DraftDetail, Entry, Status } from './entries.ts';

/** A decision that the server refused after its page was left. */
export type Refused = {
  entry: Entry;
  /** The tab that lists the touch. */
  status: Status;
  /** For example "Not approved". */
  words: string;
  error: Error;
  /** The text on the screen at the time of the decision. */
  shown: Text;
  /** The current text, if a change caused the refusal. */
  current: DraftDetail | null;
  /** Time of the decision, by `performance.now()`. */
  decided_ms: number;
  /** True once the user has moved on: a notice with a link appears instead of the touch. */
  waits: boolean;
};

let refused: readonly Refused[] = [];
/** Touches shown since. */
let seen: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

/** Latest first. */
export function useRefused(): readonly Refused[] {
  return useSyncExternalStore(subscribe, () => refused);
}

/** The latest refusal that waits for the user. */
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

/** Keeps the touch from appearing unasked. */
export function letWait(one: Refused): void {
  set(refused.map((other) => (other === one ? { ...one, waits: true } : other)));
}

/** The touch is on the screen, so no link is needed. */
export function noteSeen(queue_id: string): void {
  if (refusedOf(queue_id) === undefined || seen.has(queue_id)) return;
  seen = new Set([...seen, queue_id]);
  tell();
}

/** Call before a new decision. */
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
