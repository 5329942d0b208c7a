import { describe, expect, test } from 'vitest';
import { active, at, facts, MOMENTS, TYPES, touch } from '../../../test/gate/facts.ts';
import { defaultPolicy } from '../../coordinator/gate/policy_document.ts';
import type { Facts } from './facts.ts';
import { decide } from './gates.ts';

const policy = defaultPolicy();
const now_ms = at('2026-11-16T12:00Z');

/** For each gate, facts that it alone stops. */
const HINDRANCES = {
  compliance: { opt_out_flag: true },
  abm_backstop: { sequence_type: 'nurture', side: 'marketing', abm_active: true },
  touch_cap: { touches: [touch(now_ms - 1)] },
  concurrency: { side: 'marketing', active_sequences: [active('sales')] },
  transition: { cadence_state: 'paused' },
} as const satisfies Record<string, Partial<Facts>>;

describe('the order of the gates', () => {
  const names = Object.keys(HINDRANCES) as (keyof typeof HINDRANCES)[];

  test('nothing in the way: all five are asked and pass', () => {
    const decision = decide(facts(), policy);
    expect(decision.trace.map(({ gate, says }) => [gate, says])).toEqual(names.map((gate) => [gate, 'pass']));
    expect(decision).toMatchObject({ outcome: 'allow', reason: null, until_ms: null, wake: null });
    expect(decision).toMatchObject({ losers: [], loser_until_ms: null, flags: [], notify_agents: [] });
  });

  test.each(names)('%s ends the decision and is the last in the trace', (gate) => {
    const decision = decide(facts(HINDRANCES[gate]), policy);
    const asked = decision.trace.map((said) => said.gate);
    expect(asked).toEqual(names.slice(0, names.indexOf(gate) + 1));
    expect(decision.trace.slice(0, -1).every(({ says }) => says === 'pass')).toBe(true);
    expect(decision.trace.at(-1)?.says).toBe(decision.outcome);
    expect(decision.outcome).not.toBe('allow');
  });

  test.each(names.slice(0, -1))('%s is asked before all that follow it', (gate) => {
    const later = names.slice(names.indexOf(gate)).reverse();
    const all = Object.assign({}, ...later.map((name) => HINDRANCES[name])) as Partial<Facts>;
    expect(decide(facts(all), policy).trace.at(-1)?.gate).toBe(gate);
  });
});

describe('compliance', () => {
  const cases = [
    ['unsubscribe_flag', 'unsubscribed'],
    ['opt_out_flag', 'opted_out'],
    ['suppressed_address', 'suppressed_address'],
  ] as const;
  const asked = cases.flatMap(([flag, because]) =>
    MOMENTS.flatMap((moment) => TYPES.map((sequence_type) => ({ flag, because, moment, sequence_type }))),
  );

  test.each(asked)('$flag blocks $sequence_type when $moment', ({ flag, because, moment, sequence_type }) => {
    const decision = decide(facts({ [flag]: true, moment, sequence_type }), policy);
    expect(decision).toMatchObject({
      outcome: 'block',
      reason: 'compliance_block',
      until_ms: null,
      wake: 'never',
    });
    const saw = { unsubscribe_flag: false, opt_out_flag: false, suppressed_address: false, [flag]: true };
    expect(decision.trace).toEqual([{ gate: 'compliance', says: 'block', because, saw }]);
  });

  test('the trace of a pass shows what was looked at', () => {
    const saw = { unsubscribe_flag: false, opt_out_flag: false, suppressed_address: false };
    expect(decide(facts(), policy).trace[0]).toEqual({
      gate: 'compliance',
      says: 'pass',
      because: 'clear',
      saw,
    });
  });
});

describe('ABM backstop', () => {
  const cases = TYPES.flatMap((sequence_type) =>
    [true, false].map((abm_active) => ({ sequence_type, abm_active })),
  );

  test.each(cases)('$sequence_type, abm_active $abm_active', ({ sequence_type, abm_active }) => {
    const decision = decide(facts({ sequence_type, abm_active, requested_by: 'AGT-304' }), policy);
    const said = decision.trace[1];
    expect(said?.saw).toEqual({ sequence_type, abm_active });
    if (sequence_type === 'nurture' && abm_active) {
      expect(said).toMatchObject({ gate: 'abm_backstop', says: 'block', because: 'nurture_under_abm' });
      expect(decision).toMatchObject({ outcome: 'block', reason: 'abm_active_suppression', until_ms: null });
      expect(decision).toMatchObject({ wake: 'abm_ends', notify_agents: ['AGT-304'] });
    } else {
      const because = sequence_type === 'nurture' ? 'abm_inactive' : 'not_nurture';
      expect(said).toMatchObject({ gate: 'abm_backstop', says: 'pass', because });
      expect(decision.notify_agents).toEqual([]);
    }
  });
});

describe('every decision', () => {
  const touches = [touch(now_ms - 1), touch(at('2026-11-12T12:00Z')), touch(at('2026-11-01T12:00Z'))];

  test.each(Object.entries(HINDRANCES))('counts the touches in the window, ended by %s', (_, hindrance) => {
    expect(decide(facts({ ...hindrance, touches }), policy).touches_in_window).toBe(2);
  });

  test('counts them when it allows', () => {
    const allowed = decide(facts({ touches: touches.slice(1) }), policy);
    expect(allowed).toMatchObject({ outcome: 'allow', touches_in_window: 1 });
  });

  test('leaves facts and policy as they were', () => {
    const asked = facts({ touches, active_sequences: [active('marketing')] });
    const before = structuredClone(asked);
    decide(asked, policy);
    expect(asked).toEqual(before);
    expect(Object.isFrozen(policy.touch_cap)).toBe(true);
  });

  test('is plain JSON', () => {
    for (const hindrance of Object.values(HINDRANCES)) {
      const decision = decide(facts(hindrance), policy);
      expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
    }
  });
});
