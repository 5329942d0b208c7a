/**
 * The policy document: every number of the gates, versioned per organization. `policy/default.yaml` gives the reason for
 * each number; this is its shape in the core.
 */
import type { CadenceState, IcpTier, SequenceType } from './facts.ts';

/** How a conflict between sales and marketing is settled, for one tier and one recency. */
export type MatrixRow = {
  winner: 'sales' | 'marketing';
  /** Hours the loser is queued; null: until the winner's enrollment ends. */
  loser_queued_hours: number | null;
};

/** Intents that rules may settle. A person always confirms interest in a meeting. */
export const AUTOMATIC_INTENTS = [
  'unsubscribe',
  'out_of_office',
  'not_now',
  'not_interested',
  'wrong_person',
] as const;
type AutomaticIntent = (typeof AUTOMATIC_INTENTS)[number];

export type Policy = {
  touch_cap: {
    /** Non-transactional touches allowed to one lead in `window_hours`. 0: none may be sent. */
    max_touches_per_window: number;
    window_hours: number;
    /** Touches allowed on one local calendar day of the lead. 0: none may be sent. */
    max_touches_per_day: number;
  };
  conflict_matrix: Record<IcpTier, { sales_fresher: MatrixRow; marketing_fresher: MatrixRow }>;
  /** How many sequences of a side run for one lead at once; null: any number. Transactional ones never count. */
  sequences_per_side: Record<'sales' | 'marketing', number | null>;
  /** The tier of a lead without one. */
  unknown_tier: IcpTier;
  /** Whether a sales request on T3 is refused with a routing_error flag or only flagged. */
  t3_sales: 'refuse' | 'flag_only';
  routing_error_agent: string;
  legal_moves: Record<SequenceType, readonly CadenceState[] | 'any'>;
  /** Hours after which the gates run again for an illegal or conflicting active enrollment. */
  retry_hours: number;
  stall_days: number;
  escalation_business_days: number;
  backlog_paused_leads: number;
  active_play_drift: number;
  business_hours: {
    /** False: touches may be sent at any hour. */
    enforce: boolean;
    /** ISO weekdays, 1 = Monday. */
    weekdays: readonly number[];
    /** Local wall-clock, minutes since midnight. */
    start_minute: number;
    end_minute: number;
  };
  holidays: {
    enforce: boolean;
    dates: readonly string[];
    /** Whether public holidays count: those of the lead's country and of `country`. */
    public: boolean;
    /** The organization's country, ISO 3166-1 alpha-2; null: none. */
    country: string | null;
  };
  mailbox_limits: {
    /** False: only each mailbox's own limits apply. */
    enforce: boolean;
    hourly_cap: number | null;
    daily_cap: number | null;
    gap_seconds: number;
    recipient_domain_daily_cap: number | null;
    /** The first day's limit of a mailbox in warm-up, and its increase per day. */
    warm_up: { start_count: number; step_count: number };
    /**
     * From this share of the last day's messages on, no new enrollments start; below `min_sent` messages the share is
     * ignored.
     */
    bounce_rate: { percent: number; min_sent: number };
  };
  reply_handling: {
    pause_on_reply: boolean;
    pause_on_out_of_office: boolean;
    /** Intents applied automatically where the rules are certain. */
    auto: readonly AutomaticIntent[];
    /** Length of an absence without a date, and of a `not now`. */
    out_of_office_days: number;
    not_now_days: number;
    /** This many temporary bounces within this many days suppress the address. */
    soft_bounces: number;
    soft_bounce_days: number;
    /** A mailbox pauses once this many leads within a day reject its messages for their content. */
    policy_bounce_leads: number;
  };
  drafting: {
    /** Input and output tokens per calendar day of the organization. 0: no model is used. */
    model_tokens_per_day: number;
    /** Number of past edits of the same step shown to the model. */
    edits_shown: number;
  };
  drafts: {
    /** Real seconds that an approved message waits, so that its approval can be withdrawn. 0: none. */
    undo_seconds: number;
  };
  outcomes: {
    /** Days for which people are followed from their first enrollment of a quarter. */
    follow_up_days: number;
    /** People, and their accounts, that each group needs before a difference is shown. */
    people_min: number;
    accounts_min: number;
  };
  tasks: {
    /** Minutes a task may stay unclaimed before it raises a warning. */
    unclaimed_minutes: number;
    /** The same for a booked meeting, which a person routes. */
    meeting_business_days: number;
  };
  keep_spacing: boolean;
  four_eyes: boolean;
};
