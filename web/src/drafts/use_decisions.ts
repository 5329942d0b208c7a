import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { announce } from '../ui/announce.tsx';
import { approve, currentVersion, edit, markSent, reject, type Text } from './decisions.ts';
import type { DraftDetail, Entry } from './entries.ts';
import { forgetUnsaved } from './unsaved.ts';

type Decision =
  | { kind: 'approve' }
  | { kind: 'reject'; reason: string }
  | { kind: 'sent'; already_sent: boolean }
  | { kind: 'save'; subject: string | null; body: string };

type DecisionsOptions = {
  entry: Entry;
  shown: Text;
  /** The touch has left its list. */
  onLeave(): void;
  /** A new version was saved, and the touch is still in its list. */
  onSaved(saved: DraftDetail): void;
  /** Nothing was done, because there is another text by now: this one. */
  onReplaced(current: DraftDetail): void;
};

export type Decisions = ReturnType<typeof useDecisions>;

/** What a person may do about the text that is shown. One thing at a time; nothing counts before the server says so. */
export function useDecisions({ entry, shown, onLeave, onSaved, onReplaced }: DecisionsOptions) {
  const deciding = useMutation({
    mutationFn: (decision: Decision) => carryOut(shown, decision),
    onSuccess: (after, decision) => {
      forgetUnsaved(entry.queue_id);
      cache.invalidateQueries({ queryKey: ['drafts'] });
      announce(wordsFor(decision, entry, after));
      if (decision.kind === 'save' && entry.status === 'drafted') onSaved(after);
      else onLeave();
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
    if (!deciding.isPending) deciding.mutate(decision);
  };
  return {
    is_busy: deciding.isPending,
    error,
    /** An error that nothing else on the page explains. */
    plain_error: is_explained ? null : error,
    approve: () => decide({ kind: 'approve' }),
    reject: (reason: string) => decide({ kind: 'reject', reason }),
    sent: (already_sent: boolean) => decide({ kind: 'sent', already_sent }),
    save: (text: { subject: string | null; body: string }) => decide({ kind: 'save', ...text }),
  };
}

function carryOut(shown: Text, decision: Decision): Promise<DraftDetail> {
  switch (decision.kind) {
    case 'approve':
      return approve(shown);
    case 'reject':
      return reject(shown, decision.reason);
    case 'sent':
      return markSent(shown, decision.already_sent);
    case 'save':
      return edit(shown, decision);
  }
}

function wordsFor(decision: Decision, entry: Entry, after: DraftDetail): string {
  const whom = entry.person;
  switch (decision.kind) {
    case 'approve':
      return `Approved: ${whom}. It leaves when the gate lets it.`;
    case 'reject':
      return `Rejected: ${whom}.`;
    case 'sent':
      return `Recorded as sent by you: ${whom}.`;
    case 'save':
      return `Saved as version ${after.version}. It waits for approval.`;
  }
}
