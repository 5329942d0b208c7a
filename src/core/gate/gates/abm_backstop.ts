import { declareGate } from './gate.ts';

const { pass, stop, gate } = declareGate({
  name: 'abm_backstop',
  label: 'ABM backstop',
  decides_by: [],
  cases: {
    not_nurture: { text: 'This is not a nurture sequence, so ABM does not apply.' },
    abm_inactive: { text: 'The account is not in ABM.' },
    nurture_under_abm: { text: 'The account is in ABM, and accounts in ABM get no nurture.' },
  },
  reasons: {
    abm_active_suppression: {
      label: 'Account in ABM',
      why: 'the account is in ABM and gets no nurture',
    },
  },
});

/** An account in ABM gets no nurture by any path; the requesting agent is notified. Other types are unaffected. */
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
