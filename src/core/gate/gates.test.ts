import { describe, expect, test } from 'vitest';
import { active, at, facts, HINDRANCES, touch } from '../../../test/gate/facts.ts';
import { defaultPolicy } from '../../coordinator/gate/policy_document.ts';
import type { Facts } from './facts.ts';
import { decide, GATES } from './gates.ts';

const policy = defaultPolicy();
const now_ms = at('2026-11-16T12:00Z');

describe('the order of the gates', () => {
  const names = GATES.map(({ name }) => name);

  test('all gates run and pass when there is no obstacle', () => {
    const decision = decide(facts(), policy);
    expect(decision.trace.map(({ gate, says }) => [gate, says])).toEqual(names.map((gate) => [gate, 'pass']));
    expect(decision).toMatchObject({ outcome: 'allow', reason: null, until_ms: null, wake: null });
    expect(decision).toMatchObject({ losers: [], loser_until_ms: null, flags: [], notify_agents: [] });
  });

  test.each(names)('%s ends the decision and is the last in the trace', (gate) => {
    const decision = decide(facts(HINDRANCES[gate][0]), policy);
    const asked = decision.trace.map((said) => said.gate);
    expect(asked).toEqual(names.slice(0, names.indexOf(gate) + 1));
    expect(decision.trace.slice(0, -1).every(({ says }) => says === 'pass')).toBe(true);
    expect(decision.trace.at(-1)?.says).toBe(decision.outcome);
    expect(decision.outcome).not.toBe('allow');
  });

  test.each(names.slice(0, -1))('%s runs before all gates that follow it', (gate) => {
    const later = names.slice(names.indexOf(gate)).reverse();
    const all = Object.assign({}, ...later.map((name) => HINDRANCES[name][0])) as Partial<Facts>;
    expect(decide(facts(all), policy).trace.at(-1)?.gate).toBe(gate);
  });
});

describe('every decision', () => {
  const touches = [touch(now_ms - 1), touch(at('2026-11-12T12:00Z')), touch(at('2026-11-01T12:00Z'))];

  test.each(Object.entries(HINDRANCES))('counts the touches in the window, ended by %s', (_, [hindrance]) => {
    expect(decide(facts({ ...hindrance, touches }), policy).touches_in_window).toBe(2);
  });

  test('counts the touches when it allows', () => {
    const allowed = decide(facts({ touches: touches.slice(1) }), policy);
    expect(allowed).toMatchObject({ outcome: 'allow', touches_in_window: 1 });
  });

  test('leaves facts and policy unchanged', () => {
    const asked = facts({ touches, active_sequences: [active('marketing')] });
    const before = structuredClone(asked);
    decide(asked, policy);
    expect(asked).toEqual(before);
    expect(Object.isFrozen(policy.touch_cap)).toBe(true);
  });

  test('is plain JSON', () => {
    for (const hindrance of Object.values(HINDRANCES).flat()) {
      const decision = decide(facts(hindrance), policy);
      expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
    }
  });
});
