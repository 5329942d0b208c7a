import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { announce } from '../ui/announce.tsx';
import { go } from '../ui/route.ts';
import {
  type ApproverRole,
  approve,
  copy,
  type Outcomes,
  type Play,
  pickUp,
  putOutcomes,
  type RetireReason,
  retire,
  withdraw,
} from './play.ts';
import { AS_ROLE_WORDS } from './words.ts';

type PersonsReason = Exclude<RetireReason, 'auto_sunset'>;

export type Move =
  | { kind: 'pick_up' }
  | { kind: 'approve'; role: ApproverRole }
  /** Retires the other play first, then approves this one. */
  | { kind: 'make_room'; role: ApproverRole; play_id: string; reason: PersonsReason }
  | { kind: 'withdraw' }
  | { kind: 'retire'; reason: PersonsReason | undefined }
  | { kind: 'copy' }
  | { kind: 'outcomes'; outcomes: Outcomes };

export type Moves = ReturnType<typeof useMoves>;

/** The actions on a play. They run one at a time, and only the server's response changes the page. */
export function useMoves(play: Play, onDone: () => void) {
  const moving = useMutation({
    mutationFn: (move: Move) => carryOut(play, move),
    onSuccess: (after, move) => {
      cache.invalidateQueries({ queryKey: ['plays'] });
      announce(wordsFor(move, after));
      onDone();
      if (move.kind === 'copy') go(`/plays/${after.play_id}`);
    },
    onError: () => cache.invalidateQueries({ queryKey: ['plays'] }),
  });
  const { error, variables } = moving;
  const is_full = isRefusal(error, 'play_cap_reached') || isRefusal(error, 'account_play_active');
  return {
    is_busy: moving.isPending,
    error: is_full ? null : error,
    /** The segment or account is full: the plays that could be retired, and the role of the approval. */
    no_room:
      is_full && (variables?.kind === 'approve' || variables?.kind === 'make_room')
        ? { refusal: error, role: variables.role }
        : null,
    move: (move: Move) => {
      if (!moving.isPending) moving.mutate(move);
    },
    reset: moving.reset,
  };
}

async function carryOut(play: Play, move: Move): Promise<Play> {
  const { play_id } = play;
  switch (move.kind) {
    case 'pick_up':
      return pickUp(play_id);
    case 'approve':
      return approve(play, move.role);
    case 'make_room':
      await retire(move.play_id, move.reason);
      return approve(play, move.role);
    case 'withdraw':
      return withdraw(play_id);
    case 'retire':
      return retire(play_id, move.reason);
    case 'copy':
      return copy(play_id);
    case 'outcomes':
      return putOutcomes(play_id, move.outcomes);
  }
}

function wordsFor(move: Move, after: Play): string {
  switch (move.kind) {
    case 'pick_up':
      return 'Picked up. The play is under review, and you can edit it.';
    case 'approve':
    case 'make_room': {
      if (after.state === 'active') return 'Active. Matching leads now go to the gate.';
      const other = move.role === 'slm' ? 'revops' : 'slm';
      return `Approved. The play becomes active once another person approves it as ${AS_ROLE_WORDS[other]}.`;
    }
    case 'withdraw':
      return 'Approval withdrawn.';
    case 'retire':
      return after.activated_at === null
        ? 'Rejected.'
        : 'Retired. Current enrollments finish; no new ones start.';
    case 'copy':
      return 'Copied into a new draft, shown here.';
    case 'outcomes':
      return 'Results recorded. The brain reads them for its next proposals.';
  }
}
