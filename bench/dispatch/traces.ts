import { defaultPolicy } from '../../src/coordinator/gate/policy_document.ts';
import { HOUR_MS } from '../../src/core/durations.ts';
import type { Decision } from '../../src/core/gate/decision.ts';
import { type Facts, NOTHING_AGAINST } from '../../src/core/gate/facts.ts';
import { decide } from '../../src/core/gate/gates.ts';
import { localDay } from '../../src/core/gate/schedule.ts';

/** A decision as the gate makes it, for the rows of the past and the floor. */
export type TraceSample = {
  event_type: 'dispatched' | 'held' | 'suppressed';
  coordinator_action: string;
  resolution: string | null;
  suppressed_reason: string | null;
  touches: number;
  trace: Decision['trace'];
};

const TIME_ZONE = 'America/New_York';

/** Real traces of the common cases: three passes to one hold, and one suppression of each kind. */
export function traceSamples(now_ms: number): TraceSample[] {
  const cases: Partial<Facts>[] = [
    { touches: touches(now_ms, 0) },
    { touches: touches(now_ms, 1) },
    { touches: touches(now_ms, 2) },
    { touches: touches(now_ms, 1), sequence_type: 'closing', cadence_state: 'closing' },
    { touches: touches(now_ms, 2), icp_tier: 'T1' },
    { touches: touches(now_ms, 3) },
    { touches: touches(now_ms, 3), icp_tier: 'T1' },
    { abm_active: true },
    { unsubscribe_flag: true },
  ];
  return cases.map((facts) => sample(decide({ ...base(now_ms), ...facts }, defaultPolicy())));
}

function sample(decision: Decision): TraceSample {
  const { outcome, reason, trace, touches_in_window } = decision;
  return {
    event_type: outcome === 'allow' ? 'dispatched' : outcome === 'hold' ? 'held' : 'suppressed',
    coordinator_action: outcome === 'allow' ? 'dispatch' : outcome,
    resolution: trace.at(-1)?.because ?? null,
    suppressed_reason: reason,
    touches: touches_in_window,
    trace,
  };
}

function base(now_ms: number): Facts {
  return {
    ...NOTHING_AGAINST,
    moment: 'dispatched',
    now_ms,
    time_zone: TIME_ZONE,
    requested_by: 'roles.bdr',
    sequence_type: 'prospecting',
    side: 'sales',
    icp_tier: 'T2',
    sales_signal_at_ms: now_ms - 40 * HOUR_MS,
    cadence_state: 'prospecting',
  };
}

/** A touch every 30 hours, the latest first. */
function touches(now_ms: number, count: number): Facts['touches'] {
  return Array.from({ length: count }, (_, index) => {
    const at_ms = now_ms - 30 * HOUR_MS * (index + 1);
    return { at_ms, local_day: localDay(at_ms, TIME_ZONE), settled: true };
  });
}
