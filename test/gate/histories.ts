/** Histories of a lead for tests of explanations: a step of “After the fair” in every state. */
import { defaultPolicy } from '../../src/coordinator/gate/policy_document.ts';
import { explainEvent } from '../../src/core/explain/explain.ts';
import type {
  HistoryEnrollment,
  HistoryEvent,
  HistoryItem,
  HistoryRequest,
  LeadHistory,
} from '../../src/core/explain/history.ts';
import type { Decision } from '../../src/core/gate/decision.ts';
import type { Facts } from '../../src/core/gate/facts.ts';
import type { Json } from '../../src/schema.gen.ts';
import { at, DAY, HOUR } from './facts.ts';

export const NOW = at('2026-11-24T12:00Z');
export const DAVE = '01890000-0000-7000-8000-0000000000d1';
export const names = {
  people: { [DAVE]: 'Dave' },
  agents: { 'roles.sales': 'Brooke', 'roles.bdr': 'Tara', 'AGT-304': 'Marketing Nurture' },
  campaigns: { after: 'What comes after' },
};
const fair = { campaign_slug: 'fair', campaign_name: 'After the fair', campaign_status: 'active' } as const;
export const BOUNCED = {
  kind: 'address',
  value: 'ada@engines.example',
  until: null,
  reason: 'bounced',
  created_at: new Date(NOW),
  is_primary: true,
} as const;
export const UGLY = /undefined|\bnull\b|NaN|\[object|\.\.|\s[.,;]| {2}|[0-9a-f]{8}-[0-9a-f]{4}/;

export function event(over: Partial<HistoryEvent> = {}): HistoryEvent {
  return {
    id: '01890000-0000-7000-8000-0000000000e1',
    timestamp: new Date(NOW),
    event_type: 'sent',
    coordinator_action: 'send',
    resolution: null,
    suppressed_reason: null,
    moment: null,
    until: null,
    actor_kind: 'coordinator',
    actor_id: 'AGT-302',
    request_id: null,
    step_number: 2,
    channel: 'email',
    campaign_name: 'After the fair',
    policy_version: 1,
    trace: null,
    detail: null,
    ...over,
  };
}

export function history(over: Partial<LeadHistory> = {}): LeadHistory {
  return {
    now_ms: NOW,
    policy: defaultPolicy(),
    policy_version: 1,
    lead: {
      id: '01890000-0000-7000-8000-0000000000a1',
      email: 'ada@engines.example',
      first_name: 'Ada',
      last_name: 'Lovelace',
      company: 'Engines',
      time_zone: 'Europe/Berlin',
      public_holidays: [],
      cadence_state: 'idle',
      unsubscribe_flag: false,
      opt_out_flag: false,
      suppressions: [],
      cadence_paused_at: null,
      cadence_pause_reason: null,
    },
    enrollments: [],
    requests: [],
    askers: [],
    items: [],
    meetings: [],
    failed_tasks: [],
    touches: [],
    events: [],
    names,
    ...over,
  };
}

export function enrollment(over: Partial<HistoryEnrollment> = {}): HistoryEnrollment {
  return {
    ...fair,
    id: 'e1',
    owner_role: 'roles.sales',
    status: 'active',
    current_step: 2,
    next_send_at: new Date(NOW + 2 * DAY),
    paused_reason: null,
    paused_until: null,
    wake: null,
    steps: [
      { step_number: 1, channel: 'email' },
      { step_number: 2, channel: 'linkedin' },
      { step_number: 3, channel: 'email' },
    ],
    ...over,
  };
}

export function item(over: Partial<HistoryItem> = {}): HistoryItem {
  return {
    ...fair,
    id: 'q1',
    enrollment_id: 'e1',
    owner_role: 'roles.sales',
    step_number: 1,
    channel: 'email',
    status: 'pending',
    requires_personal_send: false,
    scheduled_at: new Date(NOW - HOUR),
    held_until: null,
    wake: null,
    deferred_reason: null,
    deferred_detail: null,
    mailbox_address: null,
    mailbox_paused: null,
    mailbox_retired: null,
    failed_task_id: null,
    failed_task_error: null,
    sending_stage: null,
    sending_since: null,
    sending_until: null,
    sending_orphaned_at: null,
    ...over,
  };
}

export function request(over: Partial<HistoryRequest> = {}): HistoryRequest {
  return {
    ...fair,
    id: 'r1',
    status: 'queued',
    requested_by: 'AGT-304',
    held_until: null,
    wake: 'never',
    ...over,
  };
}

/** The event that records a decision. */
export function decided(
  moment: Facts['moment'],
  decision: Decision,
  over: Partial<HistoryEvent> = {},
): HistoryEvent {
  const allowed = decision.outcome === 'allow';
  return event({
    event_type: allowed ? 'dispatched' : decision.outcome === 'hold' ? 'held' : 'suppressed',
    coordinator_action: allowed ? 'dispatch' : decision.outcome,
    resolution: decision.trace.at(-1)!.because,
    suppressed_reason: decision.reason,
    moment,
    until: decision.until_ms === null ? null : new Date(decision.until_ms),
    trace: decision.trace as unknown as Json,
    detail: { requested_by: 'roles.bdr' },
    ...over,
  });
}

export const say = (one: HistoryEvent) =>
  explainEvent(one, { names, time_zone: 'Europe/Berlin', askers: [] });
