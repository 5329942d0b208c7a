import { useSyncExternalStore } from 'react';
import { cache } from '../api/cache.ts';
import { clockSpeed, productNow } from '../sessions/me.ts';
import { onOtherPerson } from '../sessions/person.ts';
import { announce } from '../ui/announce.tsx';
import { withdrawApproval } from './decisions.ts';
import { type DraftDetail, type Entry, restoreEntry } from './entries.ts';

/** An approval that can still be taken back before its message leaves. */
export type Undoable = {
  entry: Entry;
  draft_id: string;
  /** By `performance.now()`. */
  until_ms: number;
  /** When the message leaves; null: as soon as its approval stands. */
  leaves_at: string | null;
};

let undoables: readonly Undoable[] = [];
let under_way: Promise<Undoable | null> | null = null;
const listeners = new Set<() => void>();

/** The latest first. What is over is left out once something changes. */
export function useUndoables(): readonly Undoable[] {
  return useSyncExternalStore(subscribe, () => undoables);
}

/**
 * Until when an approval can be taken back, by `performance.now()`. The server counts from when it approved, which was after
 * it was asked and before it answered; 0: it may leave at once.
 */
export function undoUntil({ undo_until, approved_at }: DraftDetail, began_ms: number): number {
  if (undo_until === null || approved_at === null) return 0;
  const until = Date.parse(undo_until);
  const real_ms = (until - Date.parse(approved_at)) / clockSpeed();
  const answered_ms = performance.now();
  const now = productNow();
  if (now === undefined) return answered_ms + real_ms;
  const told_ms = answered_ms + (until - now) / clockSpeed();
  return Math.min(Math.max(told_ms, began_ms + real_ms), answered_ms + real_ms);
}

export function offerUndo(one: Undoable): void {
  set([one, ...current().filter(({ draft_id }) => draft_id !== one.draft_id)]);
}

/** Forgets what can no longer be taken back. */
export function endUndoables(): void {
  if (current().length < undoables.length) set(current());
}

/** The server has not answered this approval yet. Whoever takes back the last one means it, and not the one before. */
export function noteUnderWay(approval: Promise<Undoable | null>): void {
  under_way = approval;
  tell();
  approval.finally(() => {
    if (under_way !== approval) return;
    under_way = null;
    tell();
  });
}

/** Whether the last approval has no answer yet. */
export function useIsUnderWay(): boolean {
  return useSyncExternalStore(subscribe, () => under_way !== null);
}

/** The last approval, once the server has answered it; null where it did not take it. */
export async function latestUndoable(): Promise<Undoable | null> {
  if (under_way !== null) return under_way;
  return current()[0] ?? null;
}

/** Takes an approval back; resolves to whether that was in time. The touch is among those that wait again. */
export async function takeBack({ entry, draft_id }: Pick<Undoable, 'entry' | 'draft_id'>): Promise<boolean> {
  set(current().filter((one) => one.draft_id !== draft_id));
  try {
    await withdrawApproval(draft_id);
  } catch (error) {
    announce(`Approval not withdrawn: ${error instanceof Error ? error.message : String(error)}`);
    cache.invalidateQueries({ queryKey: ['drafts'] });
    return false;
  }
  announce(`Approval withdrawn: ${entry.person}. It is pending again.`);
  restoreEntry({ ...entry, status: 'drafted' });
  cache.invalidateQueries({ queryKey: ['drafts'] });
  return true;
}

function current(): Undoable[] {
  return undoables.filter(({ until_ms }) => until_ms > performance.now());
}

function set(changed: readonly Undoable[]): void {
  undoables = changed;
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

onOtherPerson(() => {
  under_way = null;
  set([]);
});
