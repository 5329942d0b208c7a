import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { useMe } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { isInTheMiddle } from '../ui/acts.ts';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { drop, fetchDraft } from './decisions.ts';
import { DraftBackground } from './draft_background.tsx';
import { DraftDesk } from './draft_desk.tsx';
import type { Entry, Status } from './entries.ts';
import { Standing } from './standing.tsx';
import { takeBack } from './undo.ts';

type DraftPanelProps = {
  entry: Entry;
  /** The tab that lists the touch. */
  status: Status;
  is_gone: boolean;
  now_ms: number | undefined;
  /** For example "3 of 1,000+"; null once the touch has left the list. */
  position: string | null;
  back_to: string;
  /** Set here; gets the focus. */
  heading: RefObject<HTMLHeadingElement | null>;
  /** `is_late`: a response of the server caused it, not a key or a click. */
  onLeave(is_late: boolean): void;
};

/** One touch: lead, reason, status, text, and actions. */
export function DraftPanel(props: DraftPanelProps) {
  const { entry, status, is_gone, now_ms, position, back_to, heading } = props;
  const { draft_id } = entry;
  const detail = useQuery({
    queryKey: ['drafts', 'one', draft_id],
    queryFn: () => fetchDraft(draft_id ?? ''),
    enabled: entry.draft === null && draft_id !== null,
    placeholderData: keepPreviousData,
  });
  const draft = entry.draft ?? detail.data ?? null;
  const is_here = useRef(true);
  useEffect(() => {
    is_here.current = true;
    return () => {
      is_here.current = false;
    };
  }, []);
  // A late response moves nothing once the user has moved on.
  const leaveLate = () => {
    if (is_here.current) props.onLeave(true);
  };
  const onTakeBack = async () => {
    if (draft_id === null || !(await takeBack({ entry, draft_id }))) return;
    if (!isInTheMiddle()) leaveLate();
  };
  return (
    <article className="panel draft_panel">
      <div className="panel_bar">
        <Link className="back" to={back_to}>
          ‹ All
        </Link>
        <span className="muted">{position}</span>
        <span className="keys muted">
          <kbd className="key">J</kbd> <kbd className="key">K</kbd> next, previous
        </span>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        {entry.company ?? entry.person}
      </h2>
      {is_gone ? (
        <p className="notice" role="status">
          This draft is no longer pending. Press J for the next one.
        </p>
      ) : (
        <Standing entry={entry} now_ms={now_ms} onLeave={leaveLate} onTakeBack={onTakeBack} />
      )}
      <Failure error={detail.error} />
      {draft === null ? (
        <Unwritten entry={entry} onLeave={leaveLate} is_reading={detail.isFetching} />
      ) : (
        <div className="draft_columns">
          <DraftDesk
            entry={entry}
            status={status}
            draft={draft}
            is_gone={is_gone}
            now_ms={now_ms}
            heading={heading}
            onLeave={() => props.onLeave(false)}
            onLeaveLate={leaveLate}
          />
          <DraftBackground entry={entry} now_ms={now_ms} />
        </div>
      )}
    </article>
  );
}

/** A touch without a text: drafting happens on release, or failed. */
function Unwritten({ entry, onLeave, is_reading }: { entry: Entry; onLeave(): void; is_reading: boolean }) {
  const [is_asking, setAsking] = useState(false);
  const me = useMe();
  const dropping = useMutation({
    mutationFn: (reason: string) => drop(entry.queue_id, reason),
    onSuccess: () => {
      announce(`Dropped: ${entry.person}.`);
      cache.invalidateQueries({ queryKey: ['drafts'] });
      onLeave();
    },
  });
  if (is_reading) return <p className="muted">Loading…</p>;
  return (
    <>
      <p>
        {entry.person}, {entry.campaign}, step {entry.step_number}.{' '}
        <Link to={`/leads/${entry.lead_id}`}>Reason and next step</Link>
      </p>
      {entry.status === 'held' ? <p className="muted">The text is drafted on release.</p> : null}
      {canDecide(me) && entry.status !== 'unknown' ? (
        <div className="actions">
          <button type="button" onClick={() => setAsking(true)}>
            Drop touch…
          </button>
        </div>
      ) : null}
      {is_asking ? (
        <ReasonDialog
          title="Drop this touch?"
          text="The message will not be drafted. The enrollment continues with its next step."
          action="Drop touch"
          is_busy={dropping.isPending}
          error={dropping.error}
          onReason={dropping.mutate}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}
