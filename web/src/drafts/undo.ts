import { useSyncExternalStore } from 'react';
import { cache } from '../api/cache.ts';
import { clockSpeed, productNow } from '../sessions/me.ts';
import { onOtherPerson } from '../sessions/person.ts';
import { announce } from '../ui/announce.tsx';
import { withdrawApproval } from './decisions.ts';
import { type DraftDetail, type Entry, restoreEntry } from './entries.ts';

/** An approval that can be withdrawn before its message is sent. */
export type Undoable = {
  entry: Entry;
  draft_id: string;
  /** By `performance.now()`. */
  until_ms: number;
  /** Send time; null: as soon as the gates pass. */
  leaves_at: string | null;
};

let undoables: readonly Undoable[] = [];
let under_way: Promise<Undoable | null> | null = null;
const listeners = new Set<() => void>();

/** Latest first. Expired ones are removed at the next change. */
export function useUndoables(): readonly Undoable[] {
  return useSyncExternalStore(subscribe, () => undoables);
}

/**
 * End of the undo window, by `performance.now()`. The server counts from its approval, which is after the request and
 * before the response. 0: the message may be sent at once.
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

/** Removes approvals that can no longer be withdrawn. */
export function endUndoables(): void {
  if (current().length < undoables.length) set(current());
}

/** An approval without a response yet: undo means this one, not the one before. */
export function noteUnderWay(approval: Promise<Undoable | null>): void {
  under_way = approval;
  tell();
  approval.finally(() => {
    if (under_way !== approval) return;
    under_way = null;
    tell();
  });
}

/** True while the last approval has no response. */
export function useIsUnderWay(): boolean {
  return useSyncExternalStore(subscribe, () => under_way !== null);
}

/** The last approval, once the server has responded; null if it refused. */
export async function latestUndoable(): Promise<Undoable | null> {
  if (under_way !== null) return under_way;
  return current()[0] ?? null;
}

/** Withdraws an approval and resolves to whether that was in time. The touch is then pending again. */
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
