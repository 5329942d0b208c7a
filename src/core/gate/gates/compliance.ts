import type { Facts } from '../facts.ts';
import { type GateAnswer, pass, stop } from './answer.ts';

/**
 * Gate 1. Someone who unsubscribed, opted out or is on the suppression list is contacted by nobody, with
 * nothing: no sequence type bypasses this, transactional included. And the law wants the sender's own postal address under
 * each message (CAN-SPAM section 5(a)(5)): until there is one, a message that would leave is held.
 */
export function compliance(facts: Facts): GateAnswer {
  const { unsubscribe_flag, opt_out_flag, suppressed_address } = facts;
  const saw = { unsubscribe_flag, opt_out_flag, suppressed_address };
  if (unsubscribe_flag) return blocked('unsubscribed', saw);
  if (opt_out_flag) return blocked('opted_out', saw);
  if (suppressed_address) return blocked('suppressed_address', saw);
  if (facts.organization === 'placeholder') {
    return stop(
      'compliance',
      'organization_not_set',
      { ...saw, organization: facts.organization },
      {
        outcome: 'hold',
        reason: 'organization_not_set',
        until_ms: null,
        wake: 'organization_set',
      },
    );
  }
  return pass('compliance', 'clear', saw);
}

function blocked(because: string, saw: Record<string, boolean>): GateAnswer {
  return stop('compliance', because, saw, {
    outcome: 'block',
    reason: 'compliance_block',
    until_ms: null,
    wake: 'never',
  });
}
