/** The input and output of an explanation. Dates are instants; nothing here reads a clock. */
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
  TaskType,
  TouchesRow,
} from '../../schema.gen.ts';
import type { Policy } from '../gate/policy.ts';
import type { WaitsFor } from '../gate/wakes.ts';
import type { SendingColumns } from './sending_words.ts';

export type LeadHistory = {
  now_ms: number;
  policy: Policy;
  /** The version in force. Events of the same version were decided by the same numbers. */
  policy_version: number;
  lead: HistoryLead;
  enrollments: readonly HistoryEnrollment[];
  /** Held and queued requests. */
  requests: readonly HistoryRequest[];
  /** The requesters of the requests that events mention. */
  askers: readonly Asker[];
  /** Unfinished queue items: pending, drafted, approved, held, or unknown. */
  items: readonly HistoryItem[];
  /** Booked meetings and requested entries not yet routed. */
  meetings: readonly HistoryMeeting[];
  /** Role agents' failed tasks, except drafting tasks. */
  failed_tasks: readonly HistoryTask[];
  /** Touches that are not void, as far back as the window reaches. */
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
  /** IANA zone: the lead's own, else the account's, else the organization's. */
  time_zone: string;
  /** Local dates, `YYYY-MM-DD`, of the policy's holidays in the lead's and the organization's countries. */
  public_holidays: readonly string[];
  cadence_state: CadenceState;
  unsubscribe_flag: boolean;
  opt_out_flag: boolean;
  /** Why the address or its domain is never written to; empty where it may be. */
  suppressions: readonly HistorySuppression[];
  cadence_paused_at: Date | null;
  cadence_pause_reason: string | null;
};

export type HistorySuppression = Pick<
  SuppressionsRow,
  'kind' | 'value' | 'reason' | 'created_at' | 'until'
> & {
  /** Touches go to the address. */
  is_primary: boolean;
};

export type HistoryMeeting = {
  /** The task that a person routes. */
  id: string;
  created_at: Date;
  type: TaskType;
  campaign_name: string | null;
  suggested_slug: string | null;
  suggested_name: string | null;
  /** The requester of an entry. */
  requested_by: string | null;
  requested_by_user_id: string | null;
};

export type HistoryTask = Pick<AgentTasksRow, 'id' | 'type' | 'error'> & {
  /** The campaign of the enrollment that the task concerns or would have started. */
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

/** A request: who asked, and the latest answer with the number of answers. */
export type Asker = Pick<
  SequenceRequestsRow,
  | 'id'
  | 'requested_by'
  | 'requested_by_user_id'
  | 'entered_by'
  | 'answer_count'
  | 'created_at'
  | 'decided_at'
  | 'reason'
  | 'trace'
>;

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
    /** The lead's mailbox; null before it is chosen. */
    mailbox_address: string | null;
    /** Why the mailbox may not send. */
    mailbox_paused: string | null;
    mailbox_retired: string | null;
    /** The drafting task if it failed and no one retried it. */
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
  /** Display names of agents and roles by id (`roles.sales`). */
  agents: Readonly<Record<string, string>>;
  /** Campaigns by slug. */
  campaigns: Readonly<Record<string, string>>;
  /** Merged leads by id; one whose data was deleted is missing. */
  leads?: Readonly<Record<string, string>>;
};

/** Instants in fields are ISO 8601 in UTC; times in texts are in the lead's zone. */
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
  /** Two to four sentences: the lead's state, and what the next step waits for. */
  summary: string;
  /** Oldest first. */
  happened: Happened[];
  /** Every touch or sequence that was stopped, and why. Oldest first. */
  not_sent: NotSent[];
  /** Soonest first; steps a person can take now come before scheduled ones. */
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
  /** When the next touch is available, now or later; null if this policy allows none to this lead. */
  next_free_at: string | null;
  touches: { at: string; campaign: string; channel: Channel; leaves_window_at: string | null }[];
  /** The lead's local day, which has its own cap. */
  day: { date: string; starts_at: string; ends_at: string; touches_counted: number; cap: number };
};
