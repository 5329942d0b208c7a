import { describe, expect, test } from 'vitest';
import { facts, HOUR, MOMENTS, STATES, TYPES } from '../../../../test/gate/facts.ts';
import { defaultPolicy, parsePolicy } from '../../../coordinator/gate/policy_document.ts';
import { transition } from './transition.ts';

const policy = defaultPolicy();
const NOW = facts().now_ms;

/** r: refused, q: queued for retry_hours, h: held until the lead resumes, else the word of the pass. */
const TABLE = {
  //              idle    nurture prospect closing onboard customer paused
  nurture: {
    requested: ['legal', 'legal', 'legal', 'r', 'r', 'legal', 'r'],
    running: ['legal', 'legal', 'legal', 'q', 'q', 'legal', 'h'],
  },
  prospecting: {
    requested: ['legal', 'legal', 'legal', 'r', 'r', 'r', 'r'],
    running: ['legal', 'legal', 'legal', 'q', 'q', 'q', 'h'],
  },
  closing: {
    requested: ['legal', 'legal', 'legal', 'legal', 'r', 'legal', 'r'],
    running: ['legal', 'legal', 'legal', 'legal', 'q', 'legal', 'h'],
  },
  onboarding: {
    requested: ['r', 'r', 'r', 'legal', 'r', 'legal', 'r'],
    running: ['q', 'q', 'q', 'legal', 'own', 'legal', 'h'],
  },
  transactional: {
    requested: ['legal', 'legal', 'legal', 'legal', 'legal', 'legal', 'admits'],
    running: ['legal', 'legal', 'legal', 'legal', 'legal', 'legal', 'admits'],
  },
} as const;

const EXPECTED = {
  legal: { trace: { says: 'pass', because: 'legal_move' }, reason: null, until_ms: null, wake: null },
  own: { trace: { says: 'pass', because: 'own_state' }, reason: null, until_ms: null, wake: null },
  admits: { trace: { says: 'pass', because: 'paused_admits_transactional' }, reason: null, wake: null },
  r: { trace: { says: 'refuse' }, reason: 'illegal_transition', until_ms: null, wake: null },
  q: {
    trace: { says: 'queue', because: 'out_of_place' },
    reason: 'illegal_transition',
    until_ms: NOW + 24 * HOUR,
    wake: 'at_until',
  },
  h: {
    trace: { says: 'hold', because: 'lead_paused' },
    reason: 'illegal_transition',
    until_ms: null,
    wake: 'lead_resumes',
  },
} as const;

const CASES = TYPES.flatMap((sequence_type) =>
  MOMENTS.flatMap((moment) =>
    STATES.map((cadence_state, column) => {
      const row = TABLE[sequence_type][moment === 'requested' ? 'requested' : 'running'];
      return { sequence_type, moment, cadence_state, expected: row[column]! };
    }),
  ),
);

describe('every type from every state at every moment', () => {
  test.each(CASES)('$sequence_type from $cadence_state when $moment: $expected', (row) => {
    const { sequence_type, cadence_state, moment, expected } = row;
    const answer = transition.ask(facts({ sequence_type, cadence_state, moment }), policy);
    expect(answer).toMatchObject(EXPECTED[expected]);
    expect(answer.trace).toMatchObject({ gate: 'transition', saw: { sequence_type, cadence_state } });
    if (expected === 'r') {
      expect(answer.trace.because).toBe(cadence_state === 'paused' ? 'lead_paused' : 'illegal_move');
    }
  });
});

describe('policy', () => {
  test('the policy lists all legal moves', () => {
    const asked = facts({ sequence_type: 'onboarding', cadence_state: 'idle' });
    const open = parsePolicy({ legal_moves: { onboarding: 'any' } });
    const closed = parsePolicy({ legal_moves: { onboarding: [] } });
    expect(transition.ask(asked, open).trace.says).toBe('pass');
    expect(transition.ask({ ...asked, cadence_state: 'closing' }, closed).trace.says).toBe('refuse');
  });

  test('only a transactional sequence may start for a paused lead, regardless of the lists', () => {
    const asked = facts({ cadence_state: 'paused', moment: 'sent' });
    expect(transition.ask(asked, parsePolicy({ legal_moves: { prospecting: 'any' } })).trace.says).toBe(
      'hold',
    );
    const narrow = parsePolicy({ legal_moves: { transactional: ['idle'] } });
    expect(transition.ask({ ...asked, sequence_type: 'transactional' }, narrow).trace.says).toBe('pass');
    const from_customer = facts({ sequence_type: 'transactional', cadence_state: 'customer' });
    expect(transition.ask(from_customer, narrow).trace.says).toBe('refuse');
  });

  test('retry_hours', () => {
    const asked = facts({ cadence_state: 'closing', moment: 'dispatched' });
    expect(transition.ask(asked, parsePolicy({ retry_hours: 6 })).until_ms).toBe(NOW + 6 * HOUR);
  });
});
