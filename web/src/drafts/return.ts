import { useEffect } from 'react';
import { hasActedSince, isInTheMiddle } from '../ui/acts.ts';
import type { Entry } from './entries.ts';
import { letWait, noteSeen, useRefused } from './refused.ts';
import { noteUnasked } from './unasked.ts';

/** So long after a decision the one that came next by itself is being read. */
const UNREAD_MS = 1_500;

/**
 * Whether a decision that was not taken may bring its touch back on the screen: the answer came at once, and the person
 * has done nothing since. Else they read something else, and a key that was meant for that shall not find this.
 */
export function mayReturn(decided_ms: number): boolean {
  if (location.pathname !== '/drafts' || isInTheMiddle()) return false;
  return performance.now() - decided_ms < UNREAD_MS && !hasActedSince(decided_ms);
}

/** Brings back what was refused at once; what was refused later waits in its place in the list, and is told. */
export function useReturn(
  entries: readonly Entry[],
  current: Entry | null,
  onReturn: (back: Entry) => void,
): void {
  const latest = useRefused()[0];
  const current_id = current?.queue_id ?? null;
  useEffect(() => {
    if (current_id !== null) noteSeen(current_id);
  }, [current_id]);
  useEffect(() => {
    if (latest === undefined || latest.waits || latest.entry.queue_id === current_id) return;
    if (!mayReturn(latest.decided_ms)) {
      letWait(latest);
      return;
    }
    const back = entries.find(({ queue_id }) => queue_id === latest.entry.queue_id);
    if (back === undefined) return;
    noteUnasked();
    onReturn(back);
  });
}
