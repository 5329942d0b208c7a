import type { Facts } from '../facts.ts';
import { declareGate, type GateAnswer } from './gate.ts';

const { pass, stop, gate } = declareGate({
  name: 'compliance',
  label: 'Compliance',
  // The law applies under every policy.
  decides_by: [],
  cases: {
    clear: {
      text: 'The lead has neither unsubscribed nor opted out, and the address is on no suppression list.',
    },
    unsubscribed: {
      text: 'The lead unsubscribed. No message may be sent.',
      why: 'the lead unsubscribed',
      leads: 'they unsubscribed',
    },
    opted_out: {
      text: 'The lead opted out. No message may be sent.',
      why: 'the lead opted out',
      leads: 'they opted out',
    },
    suppressed_address: {
      text: 'The address or its domain is on the suppression list.',
      why: 'the address or its domain is on the suppression list',
      leads: 'the address or its domain is on the suppression list',
    },
    entry_needs_routing: {
      text: 'This campaign accepts only leads that a person routes. An executive decides in Hand-offs.',
      leads: 'the campaign accepts only leads that a person routes',
    },
    entry_needs_executive: {
      text: 'This campaign requires an executive’s decision for each lead. An executive decides in Hand-offs.',
      leads: 'the campaign requires an executive’s decision for each lead',
    },
    organization_not_set: {
      text:
        'The organization still has a placeholder name and postal address, and the law requires its own under each message. ' +
        'An admin sets them in the settings or with touchline organization set; then the message leaves automatically.',
    },
  },
  reasons: {
    compliance_block: {
      label: 'Do not contact',
      why: 'the lead unsubscribed, opted out, or is suppressed',
    },
    entry_restricted: {
      label: 'Decision required',
      why: 'the campaign requires an executive’s decision, which the hand-off requests',
    },
    organization_not_set: {
      label: 'Postal address missing',
      why: 'the organization has no name and postal address of its own',
    },
  },
});

/**
 * No message goes to a lead who unsubscribed, opted out, or is on the suppression list: no sequence type bypasses
 * this gate, transactional included. A request enters a restricted campaign only with a person's word. The law also requires the sender's own postal address under each message (CAN-SPAM
 * section 5(a)(5)): until it is set, messages are held.
 */
export const compliance = gate((facts) => {
  const { unsubscribe_flag, opt_out_flag, suppressed_address } = facts;
  const saw = { unsubscribe_flag, opt_out_flag, suppressed_address };
  if (unsubscribe_flag) return blocked('unsubscribed', saw);
  if (opt_out_flag) return blocked('opted_out', saw);
  if (suppressed_address) return blocked('suppressed_address', saw);
  if (facts.entry_lacks !== null && facts.moment === 'requested') return restricted(saw, facts.entry_lacks);
  if (facts.organization === 'placeholder') return withoutAddress(saw, facts);
  return pass('clear', saw);
});

type Saw = Pick<Facts, 'unsubscribe_flag' | 'opt_out_flag' | 'suppressed_address'>;

function blocked(because: 'unsubscribed' | 'opted_out' | 'suppressed_address', saw: Saw): GateAnswer {
  return stop(because, saw, { outcome: 'block', reason: 'compliance_block', until_ms: null, wake: 'never' });
}

function restricted(saw: Saw, lack: 'routing' | 'executive'): GateAnswer {
  const because = lack === 'routing' ? 'entry_needs_routing' : 'entry_needs_executive';
  const refused = { outcome: 'refuse', reason: 'entry_restricted', until_ms: null, wake: null } as const;
  return stop(because, { ...saw, entry_lacks: lack }, refused);
}

function withoutAddress(saw: Saw, { organization }: Facts): GateAnswer {
  return stop(
    'organization_not_set',
    { ...saw, organization },
    { outcome: 'hold', reason: 'organization_not_set', until_ms: null, wake: 'organization_set' },
  );
}
