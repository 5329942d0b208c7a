import { useRef, useState } from 'react';
import { isRefusal } from '../api/refusal.ts';
import { type Me, useMe } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { type Keys, useKeys } from '../ui/keys.ts';
import { go } from '../ui/route.ts';
import { useSeenFor } from '../ui/seen_for.ts';
import { APPROVER_ROLES } from './approvals.tsx';
import { MakeRoomDialog } from './make_room_dialog.tsx';
import { OutcomesDialog } from './outcomes_dialog.tsx';
import { type ApproverRole, approvalOf, type Play } from './play.ts';
import { RetireDialog } from './retire_dialog.tsx';
import { useMoves } from './use_moves.ts';
import { AS_ROLE_WORDS } from './words.ts';

/** An accidental extra key press must not approve a text that has just appeared. */
const LEAST_SEEN_MS = 400;

type Offered = { letter: string; label: string; act(): void; is_primary?: boolean; is_resting?: boolean };

/** The actions that the state of the play and the user's roles allow, each with its key. */
export function PlayActions({ play }: { play: Play }) {
  const [asking, setAsking] = useState<'retire' | 'outcomes' | null>(null);
  const me = useMe();
  const moves = useMoves(play, () => setAsking(null));
  const bar = useRef<HTMLDivElement>(null);
  const is_seen = useSeenFor(LEAST_SEEN_MS, play.content_hash);
  const offered = actionsFor(play, me, {
    pickUp: () => moves.move({ kind: 'pick_up' }),
    edit: () => go(`/plays/${play.play_id}/edit`),
    approve: (role) => moves.move({ kind: 'approve', role }),
    withdraw: () => moves.move({ kind: 'withdraw' }),
    retire: () => setAsking('retire'),
    copy: () => moves.move({ kind: 'copy' }),
    outcomes: () => setAsking('outcomes'),
  });
  const isReady = ({ is_primary = false }: Offered) => !moves.is_busy && (is_seen || !is_primary);
  const keys: Keys = Object.fromEntries(
    offered.map((action) => [action.letter.toLowerCase(), isReady(action) ? action.act : undefined]),
  );
  useKeys(keys, bar);
  const close = () => {
    moves.reset();
    setAsking(null);
  };
  return (
    <div className="play_actions" ref={bar}>
      <div className="actions">
        {offered.map((action) => (
          <button
            key={action.label}
            type="button"
            className={action.is_primary ? 'primary' : undefined}
            disabled={!isReady(action)}
            aria-keyshortcuts={action.letter}
            onClick={action.act}
          >
            {action.label}{' '}
            <span className="key" aria-hidden="true">
              {action.letter}
            </span>
          </button>
        ))}
      </div>
      <WhyNot play={play} me={me} />
      {asking === null ? <MoveFailure error={moves.error} /> : null}
      {asking === 'retire' ? <RetireDialog play={play} moves={moves} onClose={close} /> : null}
      {asking === 'outcomes' ? <OutcomesDialog play={play} moves={moves} onClose={close} /> : null}
      {moves.no_room === null ? null : (
        <MakeRoomDialog play={play} no_room={moves.no_room} moves={moves} onClose={moves.reset} />
      )}
    </div>
  );
}

type Acts = {
  pickUp(): void;
  edit(): void;
  approve(role: ApproverRole): void;
  withdraw(): void;
  retire(): void;
  copy(): void;
  outcomes(): void;
};

function actionsFor(play: Play, me: Me | undefined, acts: Acts): Offered[] {
  const is_maker = hasRole(me, 'revops') || hasRole(me, 'slm');
  const is_revops = hasRole(me, 'revops');
  const reject: Offered[] = is_revops ? [{ letter: 'X', label: 'Reject…', act: acts.retire }] : [];
  switch (play.state) {
    case 'draft': {
      const take = { letter: 'P', label: 'Pick up', act: acts.pickUp, is_primary: true };
      return [...(is_maker ? [take] : []), ...reject];
    }
    case 'under_review': {
      const edit: Offered[] = is_maker ? [{ letter: 'E', label: 'Edit', act: acts.edit }] : [];
      const is_mine = APPROVER_ROLES.some((role) => approvalOf(play, role).user_id === me?.user_id);
      const back: Offered[] = is_mine
        ? [{ letter: 'W', label: 'Withdraw my approval', act: acts.withdraw }]
        : [];
      return [...approvals(play, me, acts), ...edit, ...back, ...reject];
    }
    case 'active':
      return is_revops ? [{ letter: 'X', label: 'Retire…', act: acts.retire }, written(acts)] : [];
    case 'retired': {
      const again = { letter: 'C', label: 'Copy into a new draft', act: acts.copy, is_primary: true };
      const is_measured = is_revops && play.activated_at !== null;
      return [...(is_maker ? [again] : []), ...(is_measured ? [written(acts)] : [])];
    }
  }
}

function written(acts: Acts): Offered {
  return { letter: 'O', label: 'Record results…', act: acts.outcomes };
}

/** Two users must approve, so the user who gave one approval is not offered the other. */
function approvals(play: Play, me: Me | undefined, acts: Acts): Offered[] {
  const is_mine = APPROVER_ROLES.some((role) => approvalOf(play, role).user_id === me?.user_id);
  const open = is_mine
    ? []
    : APPROVER_ROLES.filter((role) => hasRole(me, role) && approvalOf(play, role).user_id === null);
  return open.map((role) => ({
    letter: role === 'revops' ? 'A' : 'S',
    label: `Approve as ${AS_ROLE_WORDS[role]}`,
    act: () => acts.approve(role),
    is_primary: true,
  }));
}

/** Explains missing actions that the user's roles do not allow. */
function WhyNot({ play: { state }, me }: { play: Play; me: Me | undefined }) {
  if (me === undefined || hasRole(me, 'revops') || (hasRole(me, 'slm') && state !== 'active')) return null;
  const who = state === 'active' ? 'Only RevOps can retire it.' : 'RevOps and sales leaders review it.';
  return <p className="muted">You can read this play. {who}</p>;
}

function MoveFailure({ error }: { error: Error | null }) {
  if (isRefusal(error, 'play_changed'))
    return (
      <p className="notice notice_bad" role="alert">
        Not approved: the play changed after you opened it. Review this version, then decide again.
      </p>
    );
  return <Failure error={error} />;
}

function hasRole(me: Me | undefined, role: ApproverRole): boolean {
  return me?.roles.includes(role) ?? false;
}
