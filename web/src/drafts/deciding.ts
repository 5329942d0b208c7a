import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { myUserId } from '../sessions/me.ts';
import { personTurn } from '../sessions/person.ts';
import { announce } from '../ui/announce.tsx';
import { moveCount } from './counts.ts';
import { approve, currentVersion, reject, type Text } from './decisions.ts';
import { isLost, readAfterLoss } from './doubt.ts';
import { type DraftDetail, dropEntry, type Entry, type Status } from './entries.ts';
import { beginLeaving, endLeaving } from './leaving.ts';
import { forgetRefused, keepRefused } from './refused.ts';
import { mayReturn } from './return.ts';
import { offerUndo, type Undoable, undoUntil } from './undo.ts';
import { forgetUnsaved } from './unsaved.ts';
import { leavesWords } from './words.ts';

type About = { entry: Entry; status: Status; shown: Text };
type YesOrNo = { kind: 'approve' } | { kind: 'reject'; reason: string };

/** A decision whose response is pending. */
type Decided = About & { decision: YesOrNo; began_ms: number; turn: number };

const DONE_WORDS = { approve: 'approved', reject: 'rejected' } as const;

/**
 * Approves or rejects a draft and leaves its page at once. Until the server responds, no list contains the touch. If the
 * server refuses, the touch is back in its place with the reason. Resolves to an undoable approval, or null.
 */
export async function decideAhead(about: About, decision: YesOrNo): Promise<Undoable | null> {
  const { queue_id } = about.entry;
  const decided = { ...about, decision, began_ms: performance.now(), turn: personTurn() };
  forgetRefused(queue_id);
  beginLeaving(queue_id);
  try {
    return conclude(decided, await ask(decided));
  } catch (error) {
    if (isLost(error)) return await concludeInDoubt(decided);
    await refuse(decided, error);
    return null;
  } finally {
    endLeaving(queue_id);
  }
}

function ask({ decision, shown }: Decided): Promise<DraftDetail> {
  return decision.kind === 'approve' ? approve(shown) : reject(shown, decision.reason);
}

function conclude(decided: Decided, after: DraftDetail): Undoable | null {
  const { entry, status, decision, began_ms, turn } = decided;
  if (turn !== personTurn()) return null;
  forgetUnsaved(entry.queue_id);
  dropEntry(status, entry.queue_id);
  moveCount(status, DONE_WORDS[decision.kind]);
  cache.invalidateQueries({ queryKey: ['drafts', 'counts'] });
  if (decision.kind === 'reject') {
    announce(`Rejected: ${entry.person}.`);
    return null;
  }
  const { id: draft_id, leaves_at } = after;
  const undoable = { entry, draft_id, until_ms: undoUntil(after, began_ms), leaves_at };
  if (undoable.until_ms > performance.now()) {
    offerUndo(undoable);
    return undoable;
  }
  announce(`Approved: ${entry.person}. ${after.status === 'sent' ? 'Sent.' : leavesWords(leaves_at)}`);
  return null;
}

/** The connection dropped before the response: the server may have recorded the decision. */
async function concludeInDoubt(decided: Decided): Promise<Undoable | null> {
  const { entry, status, shown, decision } = decided;
  const done = DONE_WORDS[decision.kind];
  const in_doubt = `The connection dropped. The draft for ${entry.person} may or may not be ${done}.`;
  try {
    const found = await readAfterLoss(shown.id, () => announce(`${in_doubt} Checking…`));
    if (isDone(decision, found)) return conclude(decided, found);
    if (found.is_current && found.status !== entry.status) {
      dropEntry(status, entry.queue_id);
      announce(`${entry.person}: this draft is no longer pending.`);
      cache.invalidateQueries({ queryKey: ['drafts'] });
      return null;
    }
    const error = new Error(
      `The connection dropped, so the draft was not ${done}. Review it, then decide again.`,
    );
    await refuse(decided, error, found.is_current ? null : await currentVersion(shown.id));
  } catch (error) {
    await refuse(decided, error, null, `Unknown whether ${done}`);
  }
  return null;
}

/** If a colleague decided the same at the same time, the decision is theirs: the list names them, and only they undo it. */
function isDone(decision: YesOrNo, found: DraftDetail): boolean {
  if (decision.kind === 'reject') return found.rejection?.rejected_by_user_id === myUserId();
  return found.is_current && found.approved_at !== null && found.approved_by_user_id === myUserId();
}

async function refuse(
  decided: Decided,
  error: unknown,
  known: DraftDetail | null = null,
  words = `Not ${DONE_WORDS[decided.decision.kind]}`,
): Promise<void> {
  const { entry, status, shown, began_ms, turn } = decided;
  if (turn !== personTurn()) return;
  const refusal = error instanceof Error ? error : new Error(String(error));
  const is_changed = isRefusal(error, 'draft_changed');
  const current = is_changed ? await currentVersion(shown.id).catch(() => null) : known;
  const waits = !mayReturn(began_ms);
  keepRefused({ entry, status, words, error: refusal, shown, current, decided_ms: began_ms, waits });
  // The drafts page shows a waiting refusal itself, with a link to it.
  if (!waits || location.pathname !== '/drafts')
    announce(`${words}: ${entry.person}.${current === null ? ` ${refusal.message}` : ''}`);
  cache.invalidateQueries({ queryKey: ['drafts', 'list'] });
}
