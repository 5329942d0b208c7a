import { type RefObject, useEffect, useState } from 'react';
import { useMe } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { useArrival } from '../ui/arrival.ts';
import { Failure } from '../ui/failure.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { hindranceOf } from './approvers.ts';
import type { Text } from './decisions.ts';
import { DiffView } from './diff_view.tsx';
import { DraftActions } from './draft_actions.tsx';
import { DraftEditor } from './draft_editor.tsx';
import { DraftHead, Letter } from './draft_text.tsx';
import type { Draft, DraftDetail, Entry, Status } from './entries.ts';
import { GateRefusal } from './gate_refusal.tsx';
import { refusedOf } from './refused.ts';
import { diffWords } from './text_diff.ts';
import { endUnasked, isUnasked } from './unasked.ts';
import { unsavedOf } from './unsaved.ts';
import { type Decisions, useDecisions } from './use_decisions.ts';
import { Versions } from './versions.tsx';

type DraftDeskProps = {
  entry: Entry;
  status: Status;
  /** As last read from the server. */
  draft: Draft | DraftDetail;
  is_gone: boolean;
  now_ms: number | undefined;
  /** Gets the focus when another text appears. */
  heading: RefObject<HTMLElement | null>;
  onLeave(): void;
  onLeaveLate(): void;
};

/**
 * Shows a text and takes decisions about it. The text on the screen stays until the user asks for another version, and
 * every decision is about the text on the screen.
 */
export function DraftDesk(props: DraftDeskProps) {
  const { entry, status, draft, is_gone, now_ms, heading, onLeave, onLeaveLate } = props;
  // A refusal that came after the user left appears when the touch is shown again.
  const [refused] = useState(() => refusedOf(entry.queue_id) ?? null);
  const [begun] = useState(() => unsavedOf(entry.queue_id)?.based_on ?? null);
  const newest = latestOf(refused?.current ?? draft, begun);
  const [shown, setShown] = useState<Text>(newest);
  const before = begun ?? (refused?.current == null ? null : refused.shown);
  const [read, setRead] = useState(before !== null && before.version < newest.version ? before : null);
  const [is_editing, setEditing] = useState(begun !== null);
  const [is_rejecting, setRejecting] = useState(false);
  const [is_unasked] = useState(isUnasked);
  useEffect(endUnasked, []);
  const me = useMe();
  const decisions = useDecisions({
    entry,
    status,
    shown,
    onLeave,
    onLeaveLate,
    onSaved: (saved, is_more_written) => {
      if (!is_more_written) setEditing(false);
      setRead(null);
      setShown(saved);
    },
    onReplaced: (current) => {
      setRejecting(false);
      setRead(shown);
      setShown(current);
    },
  });
  useArrival(heading, is_editing ? null : shown.content_hash);
  const is_replaced = read !== null;
  const has_newer = draft.version > shown.version;
  const late_error = refused?.current == null ? (refused?.error ?? null) : null;
  return (
    <div className="desk">
      <DraftHead entry={entry} draft={draft} now_ms={now_ms} />
      {is_replaced ? <Replaced read={read} shown={shown} is_editing={is_editing} /> : null}
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
      ) : (
        <Letter entry={entry} shown={shown} />
      )}
      <GateRefusal error={decisions.error} is_busy={decisions.is_busy} onAlreadySent={decisions.sentAnyway} />
      <Failure error={decisions.plain_error ?? late_error} />
      {is_gone || is_editing || !canDecide(me) ? null : (
        <DraftActions
          entry={entry}
          hindrance={hindranceOf(entry, draft, me?.user_id ?? null)}
          to_id={draft.to_id}
          shown={shown}
          is_unasked={is_unasked || is_replaced}
          is_busy={decisions.is_busy}
          onApprove={decisions.approve}
          onEdit={() => setEditing(true)}
          onReject={() => setRejecting(true)}
          onSent={decisions.sent}
        />
      )}
      {is_editing ? null : <Versions shown={shown} now_ms={now_ms} />}
      {is_rejecting ? <RejectDialog decisions={decisions} onClose={() => setRejecting(false)} /> : null}
    </div>
  );
}

/** The list may be older than the version that the edits are based on. */
function latestOf(listed: Text, begun: Text | null): Text {
  return begun !== null && begun.version > listed.version ? begun : listed;
}

function RejectDialog({ decisions, onClose }: { decisions: Decisions; onClose(): void }) {
  return (
    <ReasonDialog
      title="Reject this draft?"
      text="This message will not be sent. The enrollment continues with its next step."
      action="Reject"
      is_busy={decisions.is_busy}
      error={null}
      onReason={decisions.reject}
      onClose={onClose}
    />
  );
}

type ReplacedProps = { read: Text; shown: Text; is_editing: boolean };

/** Shows how a new version differs from the text on the screen. */
function Replaced({ read, shown, is_editing }: ReplacedProps) {
  return (
    <div className="notice notice_bad" role="alert">
      <p>
        {is_editing
          ? 'Someone else saved a new version while you were writing. Their changes are shown here; yours are kept below. Saving again replaces theirs.'
          : 'Not saved: the draft changed after you opened it. Review this version.'}
      </p>
      <DiffView
        older={`Version ${read.version}, which you opened`}
        newer={`Version ${shown.version}, current`}
        subject={diffWords(read.subject ?? '', shown.subject ?? '')}
        body={diffWords(read.body, shown.body)}
      />
    </div>
  );
}

function Newer({ version, is_editing, onShow }: { version: number; is_editing: boolean; onShow(): void }) {
  return (
    <div className="notice" role="status">
      <p>Someone else saved version {version}.</p>
      {is_editing ? null : (
        <button type="button" onClick={onShow}>
          Show version {version}
        </button>
      )}
    </div>
  );
}
