import { type FormEvent, useState } from 'react';
import type { Refusal } from '../api/refusal.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Time } from '../ui/time.tsx';
import type { ApproverRole, Play } from './play.ts';
import { type Reason, ReasonChoice } from './retire_dialog.tsx';
import type { Moves } from './use_moves.ts';
import { useSegmentName } from './use_play.ts';
import { percentWords, whereWords } from './words.ts';

type Candidate = {
  play_id: string;
  name: string;
  activated_at: string;
  enrolled: number;
  converted: number;
  conversion_rate: number | null;
};

type MakeRoomDialogProps = {
  play: Play;
  no_room: { refusal: Refusal; role: ApproverRole };
  moves: Moves;
  onClose(): void;
};

/** The segment or account is full: retires one of its plays and approves this one, in one request. */
export function MakeRoomDialog({ play, no_room: { refusal, role }, moves, onClose }: MakeRoomDialogProps) {
  // The server lists the oldest and weakest first.
  const candidates = candidatesOf(refusal);
  const [chosen, setChosen] = useState(candidates[0]?.play_id ?? '');
  const [reason, setReason] = useState<Reason>('replaced');
  const nameOf = useSegmentName();
  const me = useMe();
  const is_revops = me?.roles.includes('revops') ?? false;
  const name = candidates.find(({ play_id }) => play_id === chosen)?.name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name !== undefined) moves.move({ kind: 'make_room', role, play_id: chosen, reason });
  };
  return (
    <Dialog title="Active play cap reached" is_wide onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          {whereWords(play, nameOf)}{' '}
          {play.segment === null ? 'already has an active play' : 'has reached its cap of active plays'}.
          Nothing has changed yet.
        </p>
        <fieldset className="choices">
          <legend>{is_revops ? 'Play to retire' : 'Plays that could be retired'}</legend>
          {candidates.map((one) =>
            is_revops ? (
              <label key={one.play_id} className="check candidate">
                <input
                  type="radio"
                  name="candidate"
                  checked={one.play_id === chosen}
                  onChange={() => setChosen(one.play_id)}
                />
                <CandidateView candidate={one} />
              </label>
            ) : (
              <p key={one.play_id} className="candidate">
                <CandidateView candidate={one} />
              </p>
            ),
          )}
        </fieldset>
        {is_revops ? <ReasonChoice reason={reason} onChoose={setReason} /> : null}
        <Failure error={moves.error} />
        {is_revops ? (
          <div className="actions">
            <ActionButton
              type="submit"
              className="primary"
              disabled={name === undefined}
              is_busy={moves.is_busy}
            >
              Retire “{name}” and activate “{play.name}”
            </ActionButton>
          </div>
        ) : (
          <p>Only RevOps can retire plays. Ask RevOps to retire one, then approve this play again.</p>
        )}
      </form>
    </Dialog>
  );
}

function CandidateView({ candidate }: { candidate: Candidate }) {
  const now_ms = useNow();
  const { name, activated_at, enrolled, converted, conversion_rate } = candidate;
  return (
    <span>
      <strong>{name}</strong>
      <br />
      <span className="muted">
        Active since <Time iso={activated_at} now_ms={now_ms} />.{' '}
        {enrolled === 0
          ? 'No leads enrolled yet.'
          : `${enrolled.toLocaleString('en')} enrolled, ${converted} converted${conversion_rate === null ? '' : `, ${percentWords(conversion_rate)}`}.`}
      </span>
    </span>
  );
}

function candidatesOf({ problem }: Refusal): readonly Candidate[] {
  return Array.isArray(problem.active_plays) ? (problem.active_plays as Candidate[]) : [];
}
