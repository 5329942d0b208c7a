import { type RefObject, useState } from 'react';
import { canDecide, useMe } from '../sessions/me.ts';
import { useArrival } from '../ui/arrival.ts';
import { Failure } from '../ui/failure.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import type { Text } from './decisions.ts';
import { DraftActions } from './draft_actions.tsx';
import { DraftEditor } from './draft_editor.tsx';
import { DraftText } from './draft_text.tsx';
import type { Draft, DraftDetail, Entry } from './entries.ts';
import { GateRefusal } from './gate_refusal.tsx';
import { unsavedOf } from './unsaved.ts';
import { type Decisions, useDecisions } from './use_decisions.ts';

type DraftDeskProps = {
  entry: Entry;
  /** As the server last told it. */
  draft: Draft | DraftDetail;
  is_gone: boolean;
  now_ms: number | undefined;
  /** Where reading begins when another text comes on the screen. */
  heading: RefObject<HTMLElement | null>;
  onLeave(): void;
};

/**
 * Where a person reads a text and decides. What is on the screen stays there until they ask for another version,
 * and what they decide is about what is on the screen.
 */
export function DraftDesk({ entry, draft, is_gone, now_ms, heading, onLeave }: DraftDeskProps) {
  const [shown, setShown] = useState<Text>(draft);
  const [is_editing, setEditing] = useState(() => unsavedOf(entry.queue_id) !== undefined);
  const [is_rejecting, setRejecting] = useState(false);
  const [is_replaced, setReplaced] = useState(false);
  const me = useMe();
  const decisions = useDecisions({
    entry,
    shown,
    onLeave,
    onSaved: (saved) => {
      setEditing(false);
      setReplaced(false);
      setShown(saved);
    },
    onReplaced: (current) => {
      setRejecting(false);
      setReplaced(true);
      setShown(current);
    },
  });
  useArrival(heading, is_editing ? null : shown.content_hash);
  const has_newer = draft.version > shown.version;
  return (
    <>
      {is_replaced && !is_editing ? <Replaced is_editing={false} /> : null}
      <DraftText entry={entry} draft={draft} shown={shown} me={me} now_ms={now_ms} is_hidden={is_editing} />
      {is_replaced && is_editing ? <Replaced is_editing /> : null}
      {has_newer && !is_replaced ? (
        <Newer version={draft.version} is_editing={is_editing} onShow={() => setShown(draft)} />
      ) : null}
      {is_editing ? (
        <DraftEditor
          queue_id={entry.queue_id}
          shown={shown}
          is_busy={decisions.is_busy}
          onSave={decisions.save}
          onCancel={() => setEditing(false)}
        />
      ) : null}
      <GateRefusal
        error={decisions.error}
        is_busy={decisions.is_busy}
        onAlreadySent={() => decisions.sent(true)}
      />
      {is_rejecting ? null : <Failure error={decisions.plain_error} />}
      {is_gone || is_editing || !canDecide(me) ? null : (
        <DraftActions
          entry={entry}
          to_id={draft.to_id}
          shown={shown}
          is_busy={decisions.is_busy}
          onApprove={decisions.approve}
          onEdit={() => setEditing(true)}
          onReject={() => setRejecting(true)}
          onSent={() => decisions.sent(false)}
        />
      )}
      {is_rejecting ? <RejectDialog decisions={decisions} onClose={() => setRejecting(false)} /> : null}
    </>
  );
}

function RejectDialog({ decisions, onClose }: { decisions: Decisions; onClose(): void }) {
  return (
    <ReasonDialog
      title="Reject this draft?"
      text="This message will not be sent. The sequence goes on with its next step."
      action="Reject"
      is_busy={decisions.is_busy}
      error={decisions.plain_error}
      onReason={decisions.reject}
      onClose={onClose}
    />
  );
}

function Replaced({ is_editing }: { is_editing: boolean }) {
  return (
    <p className="notice notice_bad" role="alert">
      {is_editing
        ? 'Someone saved another version while you were writing. It stands above; yours is still here. Saving again replaces theirs.'
        : 'The text changed since you read it, so nothing was done. This is the text as it is now: read it, then decide again.'}
    </p>
  );
}

function Newer({ version, is_editing, onShow }: { version: number; is_editing: boolean; onShow(): void }) {
  return (
    <div className="notice" role="status">
      <p>Somebody saved version {version} a moment ago.</p>
      {is_editing ? null : (
        <button type="button" onClick={onShow}>
          Show it
        </button>
      )}
    </div>
  );
}
