import type { CadenceState, SequenceType } from '../../../schema.gen.ts';
import { HOUR_MS } from '../../durations.ts';
import type { GateTrace } from '../decision.ts';
import type { Facts } from '../facts.ts';
import { SEQUENCE_WORDS, STATE_WORDS, sentence } from '../words.ts';
import { declareGate, type GateAnswer } from './gate.ts';

type Saw = GateTrace['saw'];

const { pass, stop, gate } = declareGate({
  name: 'transition',
  label: 'State',
  decides_by: ['legal_moves'],
  cases: {
    paused_admits_transactional: { text: 'The lead is paused, but a transactional message may be sent.' },
    legal_move: { text: (saw) => `${sentence(type(saw))} may run while the lead is ${state(saw)}.` },
    own_state: { text: 'The sequence continues in the state that it set.' },
    illegal_move: {
      text: (saw) => `${sentence(type(saw))} may not start while the lead is ${state(saw)}.`,
      leads: 'prospecting may not start in their state (for example, customer or closing)',
    },
    lead_paused: {
      text: (_saw, _about, says) =>
        says === 'refuse'
          ? 'The lead is paused, so no sequence may start.'
          : 'The lead is paused, so nothing is sent until a person resumes the lead.',
      why: 'the lead is paused',
      leads: 'they are paused by a person',
    },
    out_of_place: {
      text: (saw) => `The lead is ${state(saw)} now, where ${type(saw)} is not allowed.`,
      leads: 'prospecting is not allowed in their state',
    },
  },
  reasons: {
    illegal_transition: {
      label: 'Not allowed in this state',
      why: 'the sequence is not allowed in the state of the lead',
    },
  },
});

/**
 * The type must be a legal move from the lead's cadence state, or the request is refused. An active sequence may
 * stay in its own state; if a higher sequence has started, it waits `retry_hours` before the gates run again. A paused lead
 * gets transactional messages only: active sequences are held until the lead resumes.
 */
export const transition = gate((facts, policy) => {
  const { moment, sequence_type, cadence_state } = facts;
  const saw = { sequence_type, cadence_state };
  if (cadence_state === 'paused') {
    return sequence_type === 'transactional'
      ? pass('paused_admits_transactional', saw)
      : leadPaused(facts, saw);
  }
  const legal_from = policy.legal_moves[sequence_type];
  if (legal_from === 'any' || legal_from.includes(cadence_state)) return pass('legal_move', saw);
  if (moment === 'requested') return refused('illegal_move', saw);
  if (cadence_state === sequence_type) return pass('own_state', saw);
  return stop('out_of_place', saw, {
    outcome: 'queue',
    reason: 'illegal_transition',
    until_ms: facts.now_ms + policy.retry_hours * HOUR_MS,
    wake: 'at_until',
  });
});

function leadPaused(facts: Facts, saw: Saw): GateAnswer {
  if (facts.moment === 'requested') return refused('lead_paused', saw);
  return stop('lead_paused', saw, {
    outcome: 'hold',
    reason: 'illegal_transition',
    until_ms: null,
    wake: 'lead_resumes',
  });
}

function refused(because: 'illegal_move' | 'lead_paused', saw: Saw): GateAnswer {
  return stop(because, saw, {
    outcome: 'refuse',
    reason: 'illegal_transition',
    until_ms: null,
    wake: null,
  });
}

function type({ sequence_type }: Saw): string {
  return SEQUENCE_WORDS[sequence_type as SequenceType] ?? 'the sequence';
}

function state({ cadence_state }: Saw): string {
  return STATE_WORDS[cadence_state as CadenceState] ?? 'in another state';
}
