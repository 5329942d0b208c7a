import type { Facts } from '../facts.ts';
import { type GateAnswer, pass, stop } from './answer.ts';

/**
 * Gate 2. An account worked by ABM gets no nurture, whatever path the request came by; the agent that asked
 * is told. ABM changes nothing for any other type.
 */
export function abmBackstop(facts: Facts): GateAnswer {
  const { sequence_type, abm_active } = facts;
  const saw = { sequence_type, abm_active };
  if (sequence_type !== 'nurture') return pass('abm_backstop', 'not_nurture', saw);
  if (!abm_active) return pass('abm_backstop', 'abm_inactive', saw);
  return stop('abm_backstop', 'nurture_under_abm', saw, {
    outcome: 'block',
    reason: 'abm_active_suppression',
    until_ms: null,
    wake: 'abm_ends',
    notify_agents: [facts.requested_by],
  });
}
