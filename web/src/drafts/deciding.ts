import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { clockSpeed } from '../sessions/me.ts';
import { announce } from '../ui/announce.tsx';
import { moveCount } from './counts.ts';
import { approve, currentVersion, reject, type Text } from './decisions.ts';
import { type DraftDetail, dropEntry, type Entry, type Status } from './entries.ts';
import { beginLeaving, endLeaving } from './leaving.ts';
import { forgetRefused, keepRefused } from './refused.ts';
import { offerUndo, undoSeconds } from './undo.ts';
import { forgetUnsaved } from './unsaved.ts';

type About = { entry: Entry; status: Status; shown: Text };
type YesOrNo = { kind: 'approve' } | { kind: 'reject'; reason: string };

/**
 * Says yes or no to a text whose page is left at once. Until the server has answered the touch is in no list; if the server
 * refuses, it is back in its place with the reason.
 */
export async function decideAhead({ entry, status, shown }: About, decision: YesOrNo): Promise<void> {
  const { queue_id } = entry;
  const began_ms = performance.now();
  forgetRefused(queue_id);
  beginLeaving(queue_id);
  try {
    const after = await (decision.kind === 'approve' ? approve(shown) : reject(shown, decision.reason));
    forgetUnsaved(queue_id);
    dropEntry(status, queue_id);
    moveCount(status, decision.kind === 'approve' ? 'approved' : 'rejected');
    tell(entry, after, { decision, began_ms });
    cache.invalidateQueries({ queryKey: ['drafts', 'counts'] });
  } catch (error) {
    const refusal = error instanceof Error ? error : new Error(String(error));
    const current = isRefusal(error, 'draft_changed')
      ? await currentVersion(shown.id).catch(() => null)
      : null;
    keepRefused({ entry, error: refusal, shown, current });
    const not_done = decision.kind === 'approve' ? 'Not approved' : 'Not rejected';
    announce(`${not_done}: ${entry.person}.${current === null ? ` ${refusal.message}` : ''}`);
    cache.invalidateQueries({ queryKey: ['drafts', 'list'] });
  } finally {
    endLeaving(queue_id);
  }
}

function tell(
  entry: Entry,
  after: DraftDetail,
  { decision, began_ms }: { decision: YesOrNo; began_ms: number },
): void {
  if (decision.kind === 'reject') {
    announce(`Rejected: ${entry.person}.`);
    return;
  }
  const seconds = undoSeconds(after, clockSpeed());
  // Counted from the key press, so that the page never promises more than there is.
  if (seconds > 0) offerUndo({ entry, draft_id: after.id, until_ms: began_ms + seconds * 1_000 });
  else announce(`Approved: ${entry.person}. It leaves when the gate lets it.`);
}
