import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facts, SIDES } from '../../../test/gate/facts.ts';
import { defaultPolicy } from '../../coordinator/gate/policy_document.ts';
import { type HeldTouch, releaseOrder } from './conflict_matrix.ts';

const policy = defaultPolicy();
const held = (id: string, side: HeldTouch['side'], due_at_ms = 0, created_at_ms = 0): HeldTouch => {
  return { id, side, due_at_ms, created_at_ms };
};
const order = (lead: Parameters<typeof releaseOrder>[0], touches: HeldTouch[]) =>
  touches.toSorted(releaseOrder(lead, policy)).map((touch) => touch.id);

describe('the order in which held touches of a lead are released', () => {
  const one_of_each = [held('m', 'marketing'), held('n', 'none'), held('s', 'sales'), held('v', 'service')];

  test.each([
    ['T1', 1, 2, ['s', 'n', 'v', 'm']],
    ['T2', 2, 1, ['s', 'n', 'v', 'm']],
    ['T2', 1, 2, ['m', 'n', 'v', 's']],
    ['T3', 2, 1, ['m', 'n', 'v', 's']],
    [null, 1, 2, ['m', 'n', 'v', 's']],
  ] as const)('%s, sales signal %s, marketing signal %s: %o', (icp_tier, sales, marketing, expected) => {
    const lead = facts({ icp_tier, sales_signal_at_ms: sales, marketing_signal_at_ms: marketing });
    expect(order(lead, one_of_each)).toEqual(expected);
    expect(order(lead, one_of_each.toReversed())).toEqual(expected);
  });

  test('continues with the earliest due, then the oldest, then the id', () => {
    const touches = [
      held('e', 'sales', 20, 1),
      held('d', 'sales', 10, 6),
      held('c', 'sales', 10, 5),
      held('b', 'sales', 10, 5),
      held('f', 'marketing', 1, 1),
    ];
    expect(order(facts(), touches)).toEqual(['b', 'c', 'd', 'e', 'f']);
    expect(order(facts(), touches.toReversed())).toEqual(['b', 'c', 'd', 'e', 'f']);
  });

  test('does not depend on the input order', () => {
    const touch = fc.record({
      id: fc.uuid(),
      side: fc.constantFrom(...SIDES),
      due_at_ms: fc.nat(3),
      created_at_ms: fc.nat(3),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(touch, { selector: (one) => one.id, maxLength: 12 }),
        fc.nat(),
        (touches, by) => {
          const turned = touches.map((_, place) => touches[(place + by) % touches.length]!);
          expect(order(facts(), turned)).toEqual(order(facts(), touches));
        },
      ),
    );
  });

  test('a touch compared with itself is equal', () => {
    expect(releaseOrder(facts(), policy)(held('a', 'sales'), held('a', 'sales'))).toBe(0);
  });
});
