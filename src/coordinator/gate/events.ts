import type { Decision, Moment } from '../../core/gate/decision.ts';
import { storedFacts } from '../../core/gate/stored_facts.ts';
import type { Actor } from '../../db/pool.ts';
import { insertEvents } from '../../db/queries/events.gen.ts';
import { newId } from '../../ids.ts';
import type { CadenceEventLogRow } from '../../schema.gen.ts';
import type { LeadSnapshot } from './facts.ts';
import { type NewFlag, type NewNote, notify, raiseFlags } from './flags.ts';
import { rowsJson } from './rows.ts';
import { COORDINATOR, type Scope } from './scope.ts';
import type { TouchingItem } from './touches.ts';

export type NewEvent = Partial<CadenceEventLogRow> &
  Pick<CadenceEventLogRow, 'event_type' | 'coordinator_action' | 'lead_id'>;

/** The subject of an event, as far as its source (an enrollment, a queue item, a request) knows it. */
export type EventSubject = Pick<NewEvent, 'lead_id'> & Partial<NewEvent>;

export function enrollmentSubject(row: {
  id: string;
  lead_id: string;
  campaign_id: string;
  current_step: number;
  sequence_type: NonNullable<CadenceEventLogRow['sequence_type']>;
  play_id: string | null;
  originating_proposal_id: string | null;
}): EventSubject {
  const { id: enrollment_id, lead_id, campaign_id, current_step: step_number, sequence_type } = row;
  const { play_id, originating_proposal_id } = row;
  const subject = { lead_id, campaign_id, enrollment_id, step_number, sequence_type };
  return { ...subject, play_id, originating_proposal_id };
}

export function itemSubject(item: TouchingItem): EventSubject {
  const { id, lead_id, enrollment_id, campaign_id, step_number, channel, sequence_type } = item;
  const { play_id, originating_proposal_id } = item;
  const subject = { lead_id, enrollment_id, campaign_id, queue_id: id, step_number, channel };
  return { ...subject, sequence_type, play_id, originating_proposal_id };
}

/** Records one event of a message's way out: `[event_type, coordinator_action, resolution]`. */
export function recordSending(
  scope: Scope,
  item: TouchingItem,
  [event_type, coordinator_action, resolution]: [NewEvent['event_type'], string, string],
  about: Pick<NewEvent, 'until' | 'detail'> = {},
): Promise<void> {
  const event = { event_type, coordinator_action, resolution, moment: 'sent', ...about } as const;
  return recordEvents(scope, [{ ...itemSubject(item), ...event }]);
}

/** Appends events to the log, all at one instant, in the order given. */
export async function recordEvents(
  scope: Scope,
  events: readonly NewEvent[],
  options: { now_ms?: number; actor?: Pick<Actor, 'kind' | 'id'> } = {},
): Promise<void> {
  if (events.length === 0) return;
  const timestamp = new Date(options.now_ms ?? scope.clock.now_ms());
  const actor_kind = options.actor?.kind ?? 'coordinator';
  const actor_id = options.actor?.id ?? COORDINATOR;
  const common = { org_id: scope.org_id, timestamp, actor_kind, actor_id };
  const rows = events.map((event) => ({ ...common, id: newId(scope.clock), ...event }));
  await insertEvents.run({ rows: rowsJson<CadenceEventLogRow>(rows) }, scope.tx);
}

export type AllowedEvent = Pick<CadenceEventLogRow, 'event_type' | 'coordinator_action'>;

/** The log's words for a gate's decision, with its whole trace; the same for every lead in the same situation. */
export function decisionWords(lead: LeadSnapshot, decision: Decision, allowed_event: AllowedEvent) {
  const allowed = decision.outcome === 'allow';
  return {
    event_type: allowed
      ? allowed_event.event_type
      : decision.outcome === 'hold'
        ? ('held' as const)
        : ('suppressed' as const),
    coordinator_action: allowed ? allowed_event.coordinator_action : decision.outcome,
    resolution: decision.trace.at(-1)?.because ?? null,
    touch_cap_at_event: decision.touches_in_window,
    compliance_status: complianceStatus(lead),
    suppressed_reason: decision.reason,
    until: decision.until_ms === null ? null : new Date(decision.until_ms),
    trace: decision.trace as unknown as CadenceEventLogRow['trace'],
  };
}

export function decisionEvent(
  subject: EventSubject,
  lead: LeadSnapshot,
  decision: Decision,
  about: { moment: Moment; policy_version: number; allowed: AllowedEvent },
): NewEvent {
  const { moment, policy_version } = about;
  const words = decisionWords(lead, decision, about.allowed);
  const facts = storedFacts(decision);
  return { ...subject, ...words, account_id: lead.account_id, moment, policy_version, facts };
}

function complianceStatus(lead: LeadSnapshot): CadenceEventLogRow['compliance_status'] {
  if (lead.unsubscribe_flag) return 'unsubscribed';
  if (lead.opt_out_flag) return 'opted_out';
  return lead.suppressed_address ? 'suppressed_address' : 'clear';
}

export type AskedAbout = { subject: EventSubject; decision: Decision };

/**
 * Raises the warnings, sends the notifications, and reports the metrics of decisions. Open warnings are not raised again.
 */
export async function raiseAndNotify(
  scope: Scope,
  asked: readonly AskedAbout[],
  now_ms: number,
): Promise<void> {
  const flags: NewFlag[] = [];
  const notes: NewNote[] = [];
  for (const { subject, decision } of asked) {
    const { lead_id } = subject;
    scope.decided?.(decision);
    const detail = { campaign_id: subject.campaign_id ?? null, reason: decision.reason };
    for (const { kind, for_agent } of decision.flags) {
      flags.push({ kind, subject: lead_id, lead_id, for_agent, detail });
    }
    for (const to_agent of decision.notify_agents) {
      notes.push({ kind: decision.reason ?? 'decision', lead_id, to_agent, detail });
    }
  }
  await raiseFlags(scope, flags, { now_ms });
  await notify(scope, notes, { now_ms });
}
