/**
 * The policy document: every number of the gate, versioned per org. The YAML of `policy/default.yaml`
 * gives each number its reason; this is the shape that the core reads.
 */
import type { CadenceState, IcpTier, SequenceType } from './facts.ts';

/** How a conflict between a sales and a marketing sequence is settled, for one tier and one recency. */
export type MatrixRow = {
  winner: 'sales' | 'marketing';
  /** Hours the loser is queued; null: until the winner's enrollment ends. */
  loser_queued_hours: number | null;
};

/** What a rule may settle. That someone wants to meet is no rule's to say. */
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
  /** Tier that a lead without one counts as. */
  unknown_tier: IcpTier;
  /** What a sales request on T3 does: refused with a routing_error flag, or only flagged. */
  t3_sales: 'refuse' | 'flag_only';
  routing_error_agent: string;
  legal_moves: Record<SequenceType, readonly CadenceState[] | 'any'>;
  /** Hours after which an illegal or conflicting running enrollment is asked again. */
  retry_hours: number;
  stall_days: number;
  escalation_business_days: number;
  backlog_paused_leads: number;
  active_play_drift: number;
  business_hours: {
    /** False: touches leave at any hour. */
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
    /** Whether public holidays are among them: those of the lead's country and of `country`. */
    public: boolean;
    /** The org's own, ISO 3166-1 alpha-2; null: none. */
    country: string | null;
  };
  mailbox_limits: {
    /** False: only what a mailbox has as limits of its own. */
    enforce: boolean;
    hourly_cap: number | null;
    daily_cap: number | null;
    gap_seconds: number;
    recipient_domain_daily_cap: number | null;
    /** What a mailbox that is warmed up may send on its first day, and how much more on each day after. */
    warm_up: { start_count: number; step_count: number };
    /** From this share of the last day's messages on, nothing new is begun; below `min_sent` messages it says nothing. */
    bounce_rate: { percent: number; min_sent: number };
  };
  reply_handling: {
    pause_on_reply: boolean;
    pause_on_out_of_office: boolean;
    /** Intents that take effect by themselves where the rules are certain. */
    auto: readonly AutomaticIntent[];
    /** How long an absence without a date lasts, and a `not now`. */
    out_of_office_days: number;
    not_now_days: number;
    /** So many messages that came back for now, within so many days, are as good as no such address. */
    soft_bounces: number;
    soft_bounce_days: number;
    /** To so many leads within a day refused for what the messages are: then the mailbox is paused. */
    policy_bounce_leads: number;
  };
  drafting: {
    /** Asked and answered, on a calendar day of the org. 0: no model is asked. */
    model_tokens_per_day: number;
    /** Of people's edits of the same step's texts, shown to the model. */
    edits_shown: number;
  };
  drafts: {
    /** Real seconds for which an approved message stays, so that its approval can be taken back. 0: it may leave at once. */
    undo_seconds: number;
  };
  tasks: {
    /** Minutes for which a task may be free before someone is told. */
    unclaimed_minutes: number;
    /** The same for a booked meeting, which a person routes. */
    meeting_business_days: number;
  };
  keep_spacing: boolean;
  four_eyes: boolean;
};
