import { HOUR_MS } from '../../durations.ts';
import type { Facts } from '../facts.ts';
import type { Policy } from '../policy.ts';
import { type GateAnswer, pass, stop } from './answer.ts';

/**
 * Gate 5. The type must be a legal move from the lead's cadence state. A request that is no legal move is
 * refused. For a sequence that runs already, staying in its own state is no move; one that is out of place
 * (a higher sequence has begun) waits `retry_hours` and is asked again. A paused lead gets transactional
 * messages only: what runs is held until the lead resumes.
 */
export function transition(facts: Facts, policy: Policy): GateAnswer {
  const { moment, sequence_type, cadence_state } = facts;
  const saw = { sequence_type, cadence_state };
  if (cadence_state === 'paused') {
    return sequence_type === 'transactional'
      ? pass('transition', 'paused_admits_transactional', saw)
      : leadPaused(facts, saw);
  }
  const legal_from = policy.legal_moves[sequence_type];
  if (legal_from === 'any' || legal_from.includes(cadence_state))
    return pass('transition', 'legal_move', saw);
  if (moment === 'requested') return refused('illegal_move', saw);
  if (cadence_state === sequence_type) return pass('transition', 'own_state', saw);
  return stop('transition', 'out_of_place', saw, {
    outcome: 'queue',
    reason: 'illegal_transition',
    until_ms: facts.now_ms + policy.retry_hours * HOUR_MS,
    wake: 'at_until',
  });
}

function leadPaused(facts: Facts, saw: Record<string, string>): GateAnswer {
  if (facts.moment === 'requested') return refused('lead_paused', saw);
  return stop('transition', 'lead_paused', saw, {
    outcome: 'hold',
    reason: 'illegal_transition',
    until_ms: null,
    wake: 'lead_resumes',
  });
}

function refused(because: string, saw: Record<string, string>): GateAnswer {
  return stop('transition', because, saw, {
    outcome: 'refuse',
    reason: 'illegal_transition',
    until_ms: null,
    wake: null,
  });
}
