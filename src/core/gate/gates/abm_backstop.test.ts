import { describe, expect, test } from 'vitest';
import { facts, TYPES } from '../../../../test/gate/facts.ts';
import { defaultPolicy } from '../../../coordinator/gate/policy_document.ts';
import { decide } from '../gates.ts';

const policy = defaultPolicy();

describe('ABM backstop', () => {
  const cases = TYPES.flatMap((sequence_type) =>
    [true, false].map((abm_active) => ({ sequence_type, abm_active })),
  );

  test.each(cases)('$sequence_type, abm_active $abm_active', ({ sequence_type, abm_active }) => {
    const decision = decide(facts({ sequence_type, abm_active, requested_by: 'AGT-304' }), policy);
    const said = decision.trace.find(({ gate }) => gate === 'abm_backstop');
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
