import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { canDecide, useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { reasonWords, wakeWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import { resolve } from './decisions.ts';
import type { Entry } from './entries.ts';

type StandingProps = {
  entry: Entry;
  now_ms: number | undefined;
  onLeave(): void;
  /** Takes the approval back. */
  onTakeBack(): void;
};

/** Where a touch stands when it is not simply waiting for a person. */
export function Standing({ entry, now_ms, onLeave, onTakeBack }: StandingProps) {
  if (entry.rejection !== null) return <Rejected rejection={entry.rejection} now_ms={now_ms} />;
  switch (entry.status) {
    case 'held':
      return <Held entry={entry} now_ms={now_ms} />;
    case 'approved':
      return <Approved entry={entry} now_ms={now_ms} onTakeBack={onTakeBack} />;
    case 'sent':
      return entry.sent_at === null ? null : (
        <p className="notice notice_good">
          Sent <Time iso={entry.sent_at} />.
        </p>
      );
    case 'failed':
      return (
        <p className="notice notice_bad">
          It did not leave: {entry.error ?? 'no reason was recorded'}.
          {entry.draft_id === null ? '' : ' Edit it, and it waits for approval again.'}
        </p>
      );
    case 'unknown':
      return <Unclear entry={entry} onLeave={onLeave} />;
    default:
      return null;
  }
}

function Held({ entry, now_ms }: { entry: Entry; now_ms: number | undefined }) {
  const { held_until, held_reason, wake } = entry;
  return (
    <p className="notice">
      Held{held_reason === null ? '' : `: ${reasonWords(held_reason)}`}. It continues{' '}
      {held_until === null ? (
        wakeWords(wake)
      ) : (
        <>
          on <Time iso={held_until} /> (<Time iso={held_until} now_ms={now_ms} />)
        </>
      )}
      .
    </p>
  );
}

type ApprovedProps = { entry: Entry; now_ms: number | undefined; onTakeBack(): void };

/** What a person sends themselves waits for that person and not for the gate. */
function Approved({ entry, now_ms, onTakeBack }: ApprovedProps) {
  const me = useMe();
  const { error, scheduled_at, is_personal } = entry;
  const next = is_personal
    ? 'Copy it, send it yourself, then press “I sent it”.'
    : 'It leaves when the gate lets it.';
  const may_take_back = canDecide(me);
  useKeys({ u: may_take_back ? onTakeBack : undefined });
  return (
    <div className="notice">
      <p>
        {error === null || is_personal ? `Approved. ${next}` : `It has not left yet: ${error}.`} Due{' '}
        <Time iso={scheduled_at} now_ms={now_ms} />.
      </p>
      {may_take_back ? (
        <button type="button" onClick={onTakeBack} aria-keyshortcuts="U">
          Take the approval back{' '}
          <span className="key" aria-hidden="true">
            U
          </span>
        </button>
      ) : null}
    </div>
  );
}

function Rejected({
  rejection,
  now_ms,
}: {
  rejection: NonNullable<Entry['rejection']>;
  now_ms: number | undefined;
}) {
  return (
    <p className="notice notice_bad">
      Rejected by {rejection.rejected_by_user_name} <Time iso={rejection.rejected_at} now_ms={now_ms} />:{' '}
      {rejection.reason}
    </p>
  );
}

function Unclear({ entry, onLeave }: { entry: Entry; onLeave(): void }) {
  const settle = useMutation({
    mutationFn: (went: boolean) => resolve(entry.queue_id, went),
    onSuccess: (_item, went) => {
      announce(went ? 'Recorded as sent.' : 'Recorded as not sent.');
      cache.invalidateQueries({ queryKey: ['drafts'] });
      onLeave();
    },
  });
  return (
    <div className="notice notice_bad">
      <p>
        The line broke while this message was handed over, so it may or may not have arrived. It counts as
        sent, this person gets nothing else, and it is never sent again by itself. Look into the sent folder
        or the mail server’s log, then say what happened.
      </p>
      <div className="actions">
        <ActionButton type="button" onClick={() => settle.mutate(true)} is_busy={settle.isPending}>
          It went
        </ActionButton>
        <ActionButton type="button" onClick={() => settle.mutate(false)} is_busy={settle.isPending}>
          It did not go
        </ActionButton>
      </div>
      <Failure error={settle.error} />
    </div>
  );
}
