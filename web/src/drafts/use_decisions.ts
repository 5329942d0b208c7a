import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { CHANNELS, type TouchResult } from '../channels.gen.ts';
import { announce } from '../ui/announce.tsx';
import { decideAhead } from './deciding.ts';
import { currentVersion, edit, markSent, type Text } from './decisions.ts';
import type { DraftDetail, Entry, Status } from './entries.ts';
import { forgetRefused } from './refused.ts';
import { noteUnderWay } from './undo.ts';
import { forgetUnsaved, isSameWords, keepUnsaved, unsavedOf, type Words } from './unsaved.ts';

const LATER_WORDS = ' Your later edits are not saved yet.';

type Decision =
  | { kind: 'sent'; already_sent: boolean; result: TouchResult | null }
  | { kind: 'save'; subject: string | null; body: string };

type DecisionsOptions = {
  entry: Entry;
  /** The tab that lists the touch. */
  status: Status;
  shown: Text;
  /** The touch is about to leave its list. */
  onLeave(): void;
  /** The server confirmed that the touch left its list. */
  onLeaveLate(): void;
  /** A new version was saved, and the touch is still in its list. */
  onSaved(saved: DraftDetail, is_more_written: boolean): void;
  /** The server refused because this newer text exists. */
  onReplaced(current: DraftDetail): void;
};

export type Decisions = ReturnType<typeof useDecisions>;

/**
 * Decisions on the text on the screen, one at a time. Approvals and rejections leave the page at once and return if the
 * server refuses. Saves and records count once the server confirms them.
 */
export function useDecisions(options: DecisionsOptions) {
  const { entry, status, shown, onLeave, onLeaveLate, onSaved, onReplaced } = options;
  const deciding = useMutation({
    // Offline, a save fails at once instead of keeping the text for later.
    networkMode: 'always',
    mutationFn: (decision: Decision) => carryOut(shown, decision),
    onSuccess: (after, decision) => {
      const later = decision.kind === 'save' ? writtenSince(entry.queue_id, decision) : null;
      if (later === null) forgetUnsaved(entry.queue_id);
      else keepUnsaved(entry.queue_id, later, after);
      cache.invalidateQueries({ queryKey: ['drafts'] });
      announce(`${wordsFor(decision, entry, after)}${later === null ? '' : LATER_WORDS}`);
      if (decision.kind === 'save' && (later !== null || entry.status === 'drafted'))
        onSaved(after, later !== null);
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
    plain_error: is_explained ? null : withoutAnswer(error, deciding.variables?.kind),
    approve: () => leaveWith({ kind: 'approve' }),
    reject: (reason: string) => leaveWith({ kind: 'reject', reason }),
    sent: (result: TouchResult | null) => decide({ kind: 'sent', already_sent: false, result }),
    /** Records the send although a gate refuses it. */
    sentAnyway: () => {
      const last = deciding.variables;
      if (last?.kind === 'sent') decide({ ...last, already_sent: true });
    },
    save: (text: { subject: string | null; body: string }) => decide({ kind: 'save', ...text }),
  };
}

async function carryOut(shown: Text, decision: Decision): Promise<DraftDetail> {
  if (decision.kind === 'sent') return markSent(shown, decision.already_sent, decision.result);
  try {
    return await edit(shown, decision);
  } catch (error) {
    if (!isRefusal(error, 'draft_changed')) throw error;
    // The save succeeded, but its response was lost.
    const current = await currentVersion(shown.id);
    if (isSameWords(current, decision)) return current;
    throw error;
  }
}

/** The editor's text if it differs from the saved one; null if not. */
function writtenSince(queue_id: string, sent: Words): Words | null {
  const words = unsavedOf(queue_id)?.words;
  return words === undefined || isSameWords(words, sent) ? null : words;
}

/** The response was lost, and nothing retries automatically. */
function withoutAnswer(error: Error | null, kind: Decision['kind'] | undefined): Error | null {
  if (!isRefusal(error, 'unreachable')) return error;
  const why = navigator.onLine ? 'Touchline cannot be reached.' : 'You are offline.';
  return new Error(
    kind === 'save'
      ? `${why} The text may not be saved. Your edits are kept: save again.`
      : `${why} This may not be recorded. Try again.`,
  );
}

function wordsFor(decision: Decision, entry: Entry, after: DraftDetail): string {
  return decision.kind === 'sent'
    ? `Recorded: ${CHANNELS[entry.channel].label} to ${entry.person}.`
    : `Saved as version ${after.version}. It is pending approval.`;
}
