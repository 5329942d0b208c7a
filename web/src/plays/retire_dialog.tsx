import { type FormEvent, useState } from 'react';
import { ActionButton } from '../ui/action_button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import type { Play } from './play.ts';
import type { Moves } from './use_moves.ts';
import { RETIRE_WORDS } from './words.ts';

/** Reasons for retiring an active play. */
const REASONS = ['completed', 'replaced', 'poor_performance'] as const;
export type Reason = (typeof REASONS)[number];

type RetireDialogProps = { play: Play; moves: Moves; onClose(): void };

/** Retires an active play, or rejects one that never ran. Both are permanent. */
export function RetireDialog({ play, moves, onClose }: RetireDialogProps) {
  const [reason, setReason] = useState<Reason>('completed');
  const is_active = play.state === 'active';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    moves.move({ kind: 'retire', reason: is_active ? reason : undefined });
  };
  return (
    <Dialog title={is_active ? 'Retire this play?' : 'Reject this play?'} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          {is_active
            ? 'Current enrollments finish, no new ones start, and its place under the cap is free. This cannot be undone; copy the play to launch it again.'
            : 'The play moves to the retired plays and never runs. This cannot be undone; copy the play to use it again.'}
        </p>
        {is_active ? <ReasonChoice reason={reason} onChoose={setReason} /> : null}
        <Failure error={moves.error} />
        <div className="actions">
          <ActionButton type="submit" className="primary danger" is_busy={moves.is_busy}>
            {is_active ? 'Retire' : 'Reject'}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

export function ReasonChoice({ reason, onChoose }: { reason: Reason; onChoose(reason: Reason): void }) {
  return (
    <fieldset className="choices">
      <legend>Reason</legend>
      {REASONS.map((one) => (
        <label key={one} className="check">
          <input type="radio" name="reason" checked={one === reason} onChange={() => onChoose(one)} />
          {RETIRE_WORDS[one]}
        </label>
      ))}
    </fieldset>
  );
}
