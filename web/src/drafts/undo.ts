import { useSyncExternalStore } from 'react';
import { cache } from '../api/cache.ts';
import { announce } from '../ui/announce.tsx';
import { withdrawApproval } from './decisions.ts';
import { type DraftDetail, type Entry, restoreEntry } from './entries.ts';

/** An approval that can still be taken back before its message leaves. */
export type Undoable = {
  entry: Entry;
  draft_id: string;
  /** By `performance.now()`. */
  until_ms: number;
};

let undoables: readonly Undoable[] = [];
let under_way: Promise<void> = Promise.resolve();
const listeners = new Set<() => void>();

/** The latest first. What is over is left out once something changes. */
export function useUndoables(): readonly Undoable[] {
  return useSyncExternalStore(subscribe, () => undoables);
}

/** How long an approval can be taken back, in real seconds; 0: it may leave at once. */
export function undoSeconds({ undo_until, approved_at }: DraftDetail, speed: number): number {
  if (undo_until === null || approved_at === null) return 0;
  return (Date.parse(undo_until) - Date.parse(approved_at)) / 1_000 / speed;
}

export function offerUndo(one: Undoable): void {
  set([one, ...current().filter(({ draft_id }) => draft_id !== one.draft_id)]);
}

/** Forgets what can no longer be taken back. */
export function endUndoables(): void {
  if (current().length < undoables.length) set(current());
}

/** The server has not answered this approval yet. Whoever takes back the last one means it, and not the one before. */
export function noteUnderWay(approval: Promise<void>): void {
  under_way = approval;
}

/** The last approval, once the server has answered it. */
export async function latestUndoable(): Promise<Undoable | undefined> {
  await under_way;
  return current()[0];
}

/** Takes an approval back; resolves to whether that was in time. The touch is among those that wait again. */
export async function takeBack({ entry, draft_id }: Pick<Undoable, 'entry' | 'draft_id'>): Promise<boolean> {
  set(current().filter((one) => one.draft_id !== draft_id));
  try {
    await withdrawApproval(draft_id);
  } catch (error) {
    announce(`Not taken back: ${error instanceof Error ? error.message : String(error)}`);
    cache.invalidateQueries({ queryKey: ['drafts'] });
    return false;
  }
  announce(`Taken back: ${entry.person}. It waits for you again.`);
  restoreEntry({ ...entry, status: 'drafted' });
  cache.invalidateQueries({ queryKey: ['drafts'] });
  return true;
}

function current(): Undoable[] {
  return undoables.filter(({ until_ms }) => until_ms > performance.now());
}

function set(changed: readonly Undoable[]): void {
  undoables = changed;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
