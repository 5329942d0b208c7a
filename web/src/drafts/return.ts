import { useEffect } from 'react';
import { hasActedSince, isInTheMiddle } from '../ui/acts.ts';
import type { Entry } from './entries.ts';
import { letWait, noteSeen, useRefused } from './refused.ts';
import { noteUnasked } from './unasked.ts';

/** After this time, the touch that followed a decision counts as being read. */
const UNREAD_MS = 1_500;

/**
 * True if a refused decision may bring its touch back on the screen: the response came at once, and the user has done
 * nothing since. Otherwise a key meant for another text would hit this one.
 */
export function mayReturn(decided_ms: number): boolean {
  if (location.pathname !== '/drafts' || isInTheMiddle()) return false;
  return performance.now() - decided_ms < UNREAD_MS && !hasActedSince(decided_ms);
}

/** Shows touches refused at once; those refused later stay in the list with a notice. */
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
