import { describe, expect, test } from 'vitest';
import { facts, MOMENTS, TYPES } from '../../../../test/gate/facts.ts';
import { defaultPolicy } from '../../../coordinator/gate/policy_document.ts';
import { decide } from '../gates.ts';

const policy = defaultPolicy();

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

  test.each(['routing', 'executive'] as const)(
    'a request without %s enters no restricted campaign',
    (entry_lacks) => {
      expect(decide(facts({ entry_lacks, touches: [] }), policy)).toMatchObject({
        outcome: 'refuse',
        reason: 'entry_restricted',
        trace: [{ because: `entry_needs_${entry_lacks}` }],
      });
      for (const moment of MOMENTS.filter((one) => one !== 'requested')) {
        expect(decide(facts({ entry_lacks, moment }), policy).reason).not.toBe('entry_restricted');
      }
    },
  );

  test('the trace of a pass shows what the gate examined', () => {
    const saw = { unsubscribe_flag: false, opt_out_flag: false, suppressed_address: false };
    expect(decide(facts(), policy).trace[0]).toEqual({
      gate: 'compliance',
      says: 'pass',
      because: 'clear',
      saw,
    });
  });
});
