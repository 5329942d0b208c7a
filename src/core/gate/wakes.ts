/** The end of each kind of wait. */
import type { WakeCondition } from '../../schema.gen.ts';

/** Groups of waits in an explanation. */
export type WaitsFor = 'time' | 'person' | 'other_sequence' | 'abm' | 'policy' | 'nothing';

/** `until`: the words after "until" or "when". */
export const WAKES: Readonly<Record<WakeCondition, { until: string; waits_for: WaitsFor }>> = {
  at_until: { until: 'its time comes', waits_for: 'time' },
  other_side_ends: { until: 'the other side’s enrollment ends', waits_for: 'other_sequence' },
  same_side_ends: { until: 'an enrollment of the same side ends', waits_for: 'other_sequence' },
  abm_ends: { until: 'ABM ends for the account', waits_for: 'abm' },
  policy_changes: { until: 'the policy changes', waits_for: 'policy' },
  lead_resumes: { until: 'a person resumes the lead', waits_for: 'person' },
  organization_set: {
    until: 'an admin sets the organization’s own name and postal address',
    waits_for: 'person',
  },
  address_known: {
    until: 'the lead has the address or a person resumes the enrollment',
    waits_for: 'person',
  },
  never: { until: 'a person acts', waits_for: 'person' },
};
