import { declareGate } from './gate.ts';

const { pass, stop, gate } = declareGate({
  name: 'abm_backstop',
  label: 'ABM backstop',
  decides_by: [],
  cases: {
    not_nurture: { text: 'This is no nurture sequence, so ABM does not matter.' },
    abm_inactive: { text: 'The account is not in ABM.' },
    nurture_under_abm: { text: 'The account is in ABM, and such an account gets no nurture.' },
  },
  reasons: {
    abm_active_suppression: {
      label: 'Account in ABM',
      why: 'the account is in ABM and gets no nurture',
    },
  },
});

/**
 * Gate 2. An account in ABM gets no nurture, whatever path the request takes; the agent that asked
 * is notified. ABM changes nothing for any other type.
 */
export const abmBackstop = gate(({ sequence_type, abm_active, requested_by }) => {
  const saw = { sequence_type, abm_active };
  if (sequence_type !== 'nurture') return pass('not_nurture', saw);
  if (!abm_active) return pass('abm_inactive', saw);
  return stop('nurture_under_abm', saw, {
    outcome: 'block',
    reason: 'abm_active_suppression',
    until_ms: null,
    wake: 'abm_ends',
    notify_agents: [requested_by],
  });
});
