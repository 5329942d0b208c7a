import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { useMe } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
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
  /** Withdraws the approval. */
  onTakeBack(): void;
};

/** Status of a touch that is not pending. */
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
          Not sent: {entry.error ?? 'no reason was recorded'}.
          {entry.draft_id === null ? '' : ' Edit the draft to submit it for approval again.'}
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
      Held{held_reason === null ? '' : `: ${reasonWords(held_reason)}`}. Continues{' '}
      {held_until === null ? wakeWords(wake) : <Time iso={held_until} now_ms={now_ms} />}.
    </p>
  );
}

type ApprovedProps = { entry: Entry; now_ms: number | undefined; onTakeBack(): void };

/** Manual sends wait for the sender, not for the gates. */
function Approved({ entry, now_ms, onTakeBack }: ApprovedProps) {
  const me = useMe();
  const { error, scheduled_at, is_personal } = entry;
  const next = is_personal
    ? 'Copy and send the text, then press “I sent it”.'
    : 'Sends when every gate passes.';
  const may_take_back = canDecide(me);
  useKeys({ u: may_take_back ? onTakeBack : undefined });
  return (
    <div className="notice">
      <p>
        {error === null || is_personal ? `Approved. ${next}` : `Not sent yet: ${error}.`} Due{' '}
        <Time iso={scheduled_at} now_ms={now_ms} />.
      </p>
      {may_take_back ? (
        <button type="button" onClick={onTakeBack} aria-keyshortcuts="U">
          Undo approval{' '}
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
        The connection dropped, so delivery is unknown. It counts as sent and is never resent. Check the mail
        log, then confirm.
      </p>
      <div className="actions">
        <ActionButton type="button" onClick={() => settle.mutate(true)} is_busy={settle.isPending}>
          Confirm sent
        </ActionButton>
        <ActionButton type="button" onClick={() => settle.mutate(false)} is_busy={settle.isPending}>
          Confirm not sent
        </ActionButton>
      </div>
      <Failure error={settle.error} />
    </div>
  );
}
