import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { announce } from '../ui/announce.tsx';
import { decideAhead } from './deciding.ts';
import { currentVersion, edit, markSent, type Text } from './decisions.ts';
import type { DraftDetail, Entry, Status } from './entries.ts';
import { forgetRefused } from './refused.ts';
import { noteUnderWay } from './undo.ts';
import { forgetUnsaved } from './unsaved.ts';

type Decision =
  | { kind: 'sent'; already_sent: boolean }
  | { kind: 'save'; subject: string | null; body: string };

type DecisionsOptions = {
  entry: Entry;
  /** The tab where it stands. */
  status: Status;
  shown: Text;
  /** The touch is about to leave its list. */
  onLeave(): void;
  /** The server has said that it left. */
  onLeaveLate(): void;
  /** A new version was saved, and the touch is still in its list. */
  onSaved(saved: DraftDetail): void;
  /** Nothing was done, because there is another text by now: this one. */
  onReplaced(current: DraftDetail): void;
};

export type Decisions = ReturnType<typeof useDecisions>;

/**
 * What a person may do about the text that is shown, one thing at a time. A yes or a no leaves the page at once, and comes
 * back if the server refuses it; what is saved or recorded counts when the server says so.
 */
export function useDecisions(options: DecisionsOptions) {
  const { entry, status, shown, onLeave, onLeaveLate, onSaved, onReplaced } = options;
  const deciding = useMutation({
    mutationFn: (decision: Decision) => carryOut(shown, decision),
    onSuccess: (after, decision) => {
      forgetUnsaved(entry.queue_id);
      cache.invalidateQueries({ queryKey: ['drafts'] });
      announce(wordsFor(decision, entry, after));
      if (decision.kind === 'save' && entry.status === 'drafted') onSaved(after);
      else onLeaveLate();
    },
    onError: async (error) => {
      if (!isRefusal(error, 'draft_changed')) return;
      cache.invalidateQueries({ queryKey: ['drafts'] });
      onReplaced(await currentVersion(shown.id));
    },
  });
  const { error } = deciding;
  const is_explained = isRefusal(error, 'draft_changed') || isRefusal(error, 'gate_refused');
  const decide = (decision: Decision) => {
    forgetRefused(entry.queue_id);
    if (!deciding.isPending) deciding.mutate(decision);
  };
  const leaveWith = (yes_or_no: Parameters<typeof decideAhead>[1]) => {
    if (deciding.isPending) return;
    const decided = decideAhead({ entry, status, shown }, yes_or_no);
    if (yes_or_no.kind === 'approve') noteUnderWay(decided);
    onLeave();
  };
  return {
    is_busy: deciding.isPending,
    error,
    /** An error that nothing else on the page explains. */
    plain_error: is_explained ? null : error,
    approve: () => leaveWith({ kind: 'approve' }),
    reject: (reason: string) => leaveWith({ kind: 'reject', reason }),
    sent: (already_sent: boolean) => decide({ kind: 'sent', already_sent }),
    save: (text: { subject: string | null; body: string }) => decide({ kind: 'save', ...text }),
  };
}

function carryOut(shown: Text, decision: Decision): Promise<DraftDetail> {
  return decision.kind === 'sent' ? markSent(shown, decision.already_sent) : edit(shown, decision);
}

function wordsFor(decision: Decision, entry: Entry, after: DraftDetail): string {
  return decision.kind === 'sent'
    ? `Recorded as sent by you: ${entry.person}.`
    : `Saved as version ${after.version}. It waits for approval.`;
}
