/**
 * The gate's whole input, `now_ms` included, so that a stored decision can be repeated years later from its facts alone.
 */
import type { CadenceState, GateMoment, IcpTier, SequenceType, Side } from '../../schema.gen.ts';
import type { EntryLack } from './entry.ts';

export type { CadenceState, IcpTier, SequenceType, Side };

/** One row of the touch ledger that may count toward a cap. `transactional` touches are never among them. */
export type TouchFact = {
  /** When it was sent; for an unfinished touch, when it was reserved. Epoch milliseconds, UTC. */
  at_ms: number;
  /** The lead's local calendar day, as recorded with the touch, `YYYY-MM-DD`. */
  local_day: string;
  /** False while the outcome is open: such a touch counts as of now, however old it is. */
  settled: boolean;
};

/** Another active sequence of the same lead. The requesting enrollment itself is not in the list. */
export type ActiveSequence = {
  enrollment_id: string;
  sequence_type: SequenceType;
  side: Side;
  /** Its campaign's. */
  priority: number;
  /** When a conflict first made it wait for fixed hours, if it did. Epoch milliseconds. */
  conflict_since_ms?: number | null;
};

export type Facts = {
  moment: GateMoment;
  /** Epoch milliseconds, UTC, read after the lead was locked. */
  now_ms: number;
  /** IANA zone of the lead, else of its account, else of the organization. */
  time_zone: string;
  /** Local dates, `YYYY-MM-DD`: holidays of the lead's and the organization's countries, where the policy counts them. */
  public_holidays: readonly string[];
  /** The agent or role that the touch is requested for (`AGT-304`, `roles.sales`). */
  requested_by: string;

  sequence_type: SequenceType;
  side: Side;
  /** Its campaign's: where a side runs only so many sequences at once, the higher goes first. */
  priority: number;

  unsubscribe_flag: boolean;
  opt_out_flag: boolean;
  /** The address or its domain is on the suppression list. */
  suppressed_address: boolean;
  /** The right that the request lacks to enter its campaign; asked only when it is requested. */
  entry_lacks: EntryLack;

  /**
   * Whether the message would bear the sender's own name and postal address or a placeholder. Checked only before a message
   * goes to a real mail server.
   */
  organization: 'own' | 'placeholder' | 'not_asked';

  abm_active: boolean;
  icp_tier: IcpTier | null;
  /** The latest signal that sales or marketing saw. Epoch milliseconds. */
  sales_signal_at_ms: number | null;
  marketing_signal_at_ms: number | null;

  /**
   * When a conflict first made this sequence wait for fixed hours. It waits them once. Epoch milliseconds; null: it has not
   * waited.
   */
  conflict_since_ms: number | null;

  /** Newest first; may reach further back than the window. */
  touches: readonly TouchFact[];
  /** In the order in which they began. */
  active_sequences: readonly ActiveSequence[];
  /** How many of these began before the asking enrollment; null: it is only requested, so all of them. */
  earlier_count: number | null;
  /**
   * The lead's state: highest active of onboarding > closing > prospecting > nurture (including the requesting enrollment
   * if active), else `customer` once onboarded, else `idle`; `paused` when a person or a reply stopped the lead.
   */
  cadence_state: CadenceState;
};

/**
 * Each fact's harmless value, which the log does not store. New facts are added here, so earlier decisions keep their
 * meaning.
 */
export const NOTHING_AGAINST = {
  public_holidays: [],
  priority: 0,
  unsubscribe_flag: false,
  opt_out_flag: false,
  suppressed_address: false,
  entry_lacks: null,
  organization: 'not_asked',
  abm_active: false,
  icp_tier: null,
  sales_signal_at_ms: null,
  marketing_signal_at_ms: null,
  conflict_since_ms: null,
  touches: [],
  active_sequences: [],
  earlier_count: null,
} as const satisfies Omit<
  Facts,
  'moment' | 'now_ms' | 'time_zone' | 'requested_by' | 'sequence_type' | 'side' | 'cadence_state'
>;
