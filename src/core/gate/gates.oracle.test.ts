import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCase, type Case, verdictOf } from '../../../test/gate/any_case.ts';
import { anyFacts, instantIn, facts as plain, touchesAround, ZONES } from '../../../test/gate/facts.ts';
import { oracle } from '../../../test/gate/gate_oracle.ts';
import { scale } from '../../../test/scale.ts';
import { defaultPolicy } from '../../coordinator/gate/policy_document.ts';
import { WAKE_CONDITION_VALUES } from '../../schema.gen.ts';
import { decide, GATES } from './gates.ts';

const RUNS = scale(5000, 350_000);
const SHIPPED = defaultPolicy();

/** Waits that no gate returns: a step without an address waits without a gate. */
const NO_GATES = ['address_known'];

describe('the gate decides what the specification requires', () => {
  test('for any facts under the default policy', () => {
    compare(
      anyFacts(SHIPPED).map((facts) => ({ facts, policy: SHIPPED })),
      RUNS,
    );
  });

  test('for any facts under any policy, reaching every case and every wait that the gates declare', () => {
    const reached = compare(anyCase(), 2 * RUNS);
    const cases = GATES.flatMap(({ name, cases }) => Object.keys(cases).map((word) => `${name}.${word}`));
    const waits = WAKE_CONDITION_VALUES.filter((wake) => !NO_GATES.includes(wake));
    expect([...reached].sort()).toEqual([...cases, ...waits].sort());
  });

  test('for touches on every edge, with no other obstacle', () => {
    const cases = fc
      .constantFrom(...ZONES)
      .chain((time_zone) =>
        instantIn(time_zone).chain((now_ms) =>
          touchesAround(now_ms, time_zone, 168).map((touches) => plain({ time_zone, now_ms, touches })),
        ),
      );
    compare(
      cases.map((facts) => ({ facts, policy: SHIPPED })),
      RUNS,
    );
  });
});

/** Returns the cases and waits that were reached. */
function compare(cases: fc.Arbitrary<Case>, numRuns: number): Set<string> {
  const reached = new Set<string>();
  fc.assert(
    fc.property(cases, ({ facts, policy }) => {
      const verdict = verdictOf(decide(facts, policy));
      expect(verdict).toEqual(oracle(facts, policy));
      for (const [gate, , because] of verdict.trace) reached.add(`${gate}.${because}`);
      if (verdict.wake !== null) reached.add(verdict.wake);
    }),
    { numRuns },
  );
  return reached;
}
