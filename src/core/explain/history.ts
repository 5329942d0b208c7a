/** What an explanation is made from, and what it is made of. Dates are instants; nothing in here reads a clock. */
import type {
  AgentTasksRow,
  CadenceEventLogRow,
  CadenceState,
  CampaignContactsRow,
  CampaignSequencesRow,
  CampaignStatus,
  CampaignsRow,
  Channel,
  EventType,
  SalesSendQueueRow,
  SequenceRequestsRow,
  SuppressionsRow,
  TouchesRow,
} from '../../schema.gen.ts';
import type { Policy } from '../gate/policy.ts';
import type { WaitsFor } from '../gate/wakes.ts';
import type { SendingColumns } from './sending_words.ts';

export type LeadHistory = {
  now_ms: number;
  policy: Policy;
  /** The version in force; an event of the same version was decided by the same numbers. */
  policy_version: number;
  lead: HistoryLead;
  enrollments: readonly HistoryEnrollment[];
  /** Requests that wait: held or queued. */
  requests: readonly HistoryRequest[];
  /** Who made the requests that the events speak of. */
  askers: readonly Asker[];
  /** Touches on their way: pending, drafted, approved, held or unknown. */
  items: readonly HistoryItem[];
  /** Booked meetings of which a person has not said yet what follows. */
  meetings: readonly HistoryMeeting[];
  /** Tasks of role agents that failed for good, without those for the text of a touch. */
  failed_tasks: readonly HistoryTask[];
  /** Those that are not void, as far back as the window reaches. */
  touches: readonly HistoryTouch[];
  /** Oldest first. */
  events: readonly HistoryEvent[];
  names: Names;
};

type HistoryLead = {
  id: string;
  email: string;
  first_name: string | null;
  last_name: string | null;
  company: string | null;
  /** IANA zone: the lead's own, else the account's, else the org's. */
  time_zone: string;
  /** Local dates, `YYYY-MM-DD`, of the holidays that the policy takes from the lead's country and the org's. */
  public_holidays: readonly string[];
  cadence_state: CadenceState;
  unsubscribe_flag: boolean;
  opt_out_flag: boolean;
  /** Why the address or its domain is never written to; empty where it may be. */
  suppressions: readonly HistorySuppression[];
  cadence_paused_at: Date | null;
  cadence_pause_reason: string | null;
};

export type HistorySuppression = Pick<SuppressionsRow, 'kind' | 'value' | 'reason' | 'created_at'>;

export type HistoryMeeting = {
  /** The task that a person routes. */
  id: string;
  created_at: Date;
  campaign_name: string | null;
  suggested_slug: string | null;
};

export type HistoryTask = Pick<AgentTasksRow, 'id' | 'type' | 'error'> & {
  /** Whose sequence it is about, or would have begun. */
  campaign_name: string | null;
};

type Campaign = { campaign_slug: string; campaign_name: string; campaign_status: CampaignStatus };

export type HistoryEnrollment = Campaign &
  Pick<CampaignsRow, 'owner_role'> &
  Pick<
    CampaignContactsRow,
    'id' | 'status' | 'current_step' | 'next_send_at' | 'paused_reason' | 'paused_until' | 'wake'
  > & { steps: readonly Pick<CampaignSequencesRow, 'step_number' | 'channel'>[] };

export type HistoryRequest = Campaign &
  Pick<SequenceRequestsRow, 'id' | 'status' | 'requested_by' | 'held_until' | 'wake'>;

export type Asker = Pick<SequenceRequestsRow, 'id' | 'requested_by' | 'requested_by_user_id'>;

export type HistoryItem = Campaign &
  Pick<CampaignsRow, 'owner_role'> &
  Pick<
    SalesSendQueueRow,
    | 'id'
    | 'enrollment_id'
    | 'step_number'
    | 'channel'
    | 'status'
    | 'requires_personal_send'
    | 'scheduled_at'
    | 'held_until'
    | 'wake'
    | 'deferred_reason'
    | 'deferred_detail'
  > & {
    /** The one that the lead hears from; null before it was chosen. */
    mailbox_address: string | null;
    /** Why it may not send. */
    mailbox_paused: string | null;
    mailbox_retired: string | null;
    /** The task to write it, where that failed for good and nobody took it up again. */
    failed_task_id: string | null;
    failed_task_error: string | null;
  } & SendingColumns;

export type HistoryTouch = { campaign_name: string } & Pick<
  TouchesRow,
  'channel' | 'sequence_type' | 'touched_at' | 'local_day' | 'outcome'
>;

export type HistoryEvent = { campaign_name: string | null } & Pick<
  CadenceEventLogRow,
  | 'id'
  | 'timestamp'
  | 'event_type'
  | 'coordinator_action'
  | 'resolution'
  | 'suppressed_reason'
  | 'moment'
  | 'until'
  | 'actor_kind'
  | 'actor_id'
  | 'request_id'
  | 'step_number'
  | 'channel'
  | 'policy_version'
  | 'trace'
  | 'detail'
>;

export type Names = {
  /** People by user id. */
  people: Readonly<Record<string, string>>;
  /** Agents and roles by id, such as `roles.sales`: their display names. */
  agents: Readonly<Record<string, string>>;
  /** Campaigns by slug. */
  campaigns: Readonly<Record<string, string>>;
};

/** Instants of fields are ISO 8601 in UTC; times inside texts are in the lead's zone. */
export type Explanation = {
  lead: {
    id: string;
    email: string;
    name: string | null;
    company: string | null;
    time_zone: string;
    cadence_state: CadenceState;
  };
  as_of: string;
  /** Two to four sentences: the state in a nutshell, and what the very next thing waits for. */
  summary: string;
  /** Oldest first. */
  happened: Happened[];
  /** Every touch or sequence that did not go on, and why. Oldest first. */
  not_sent: NotSent[];
  /** Soonest first; what waits for a person now comes before what waits for a time. */
  next: NextThing[];
  window: TouchWindow;
};

export type Happened = { at: string; text: string; event_id: string; event_type: EventType };

export type NotSent = Happened & {
  reason: string;
  until: string | null;
  gates: { gate: string; says: string; text: string }[];
};

export type NextThing = {
  at: string | null;
  text: string;
  waits_for: WaitsFor;
  campaign: string | null;
  step_number: number | null;
};

export type TouchWindow = {
  touches_counted: number;
  cap: number;
  window_hours: number;
  /** When one more touch fits: now or later; null when none does under this policy, or to this person. */
  next_free_at: string | null;
  touches: { at: string; campaign: string; channel: Channel; leaves_window_at: string | null }[];
  /** The lead's day, which has a cap of its own. */
  day: { date: string; starts_at: string; ends_at: string; touches_counted: number; cap: number };
};
