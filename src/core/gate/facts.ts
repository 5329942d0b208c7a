/**
 * What the gate may see. Everything the decision depends on is in here, `now_ms` too, so that a decision
 * can be asked again, years later, from the stored facts alone.
 */
import type { CadenceState, GateMoment, IcpTier, SequenceType, Side } from '../../schema.gen.ts';

export type { CadenceState, IcpTier, SequenceType, Side };

/** One row of the touch ledger that may count towards a cap. `transactional` touches are not in here. */
export type TouchFact = {
  /** When it left (for a touch still in flight: when it was reserved). Epoch milliseconds, UTC. */
  at_ms: number;
  /** The lead's local calendar day as it was recorded with the touch, `YYYY-MM-DD`. */
  local_day: string;
  /** False while the outcome is open: such a touch counts as of now, however long it has been in flight. */
  settled: boolean;
};

/** Another sequence that is active on the same lead. The asking enrollment itself is not in the list. */
export type ActiveSequence = {
  enrollment_id: string;
  sequence_type: SequenceType;
  side: Side;
};

export type Facts = {
  moment: GateMoment;
  /** Epoch milliseconds, UTC: read after the lead was locked. */
  now_ms: number;
  /** IANA zone of the lead, else of its account, else of the org. */
  time_zone: string;
  /** Local dates, `YYYY-MM-DD`: holidays of the lead's country and of the org's, where the policy counts them. */
  public_holidays: readonly string[];
  /** The agent or role on whose behalf the touch is asked for, such as `AGT-304` or `roles.sales`. */
  requested_by: string;

  sequence_type: SequenceType;
  side: Side;

  unsubscribe_flag: boolean;
  opt_out_flag: boolean;
  /** The address or its domain is on the suppression list. */
  suppressed_address: boolean;

  /**
   * Whose name and postal address would stand under the message: its sender's own, or a placeholder's. Asked only when a message
   * is to leave for a real mail server.
   */
  organization: 'own' | 'placeholder' | 'not_asked';

  abm_active: boolean;
  icp_tier: IcpTier | null;
  /** Latest sign of interest that sales or marketing saw. Epoch milliseconds. */
  sales_signal_at_ms: number | null;
  marketing_signal_at_ms: number | null;

  /** Newest first; may reach further back than the window. */
  touches: readonly TouchFact[];
  active_sequences: readonly ActiveSequence[];
  /**
   * The state the lead is in: highest active of onboarding > closing > prospecting > nurture (the asking
   * enrollment included when it is active), else `customer` once onboarded, else `idle`; `paused` when a
   * person or a reply stopped the lead.
   */
  cadence_state: CadenceState;
};

/**
 * Facts that hinder nothing: the value of each fact where the log stores none. A new fact is named here, so that earlier
 * decisions stay as they were.
 */
export const NOTHING_AGAINST = {
  public_holidays: [],
  unsubscribe_flag: false,
  opt_out_flag: false,
  suppressed_address: false,
  organization: 'not_asked',
  abm_active: false,
  icp_tier: null,
  sales_signal_at_ms: null,
  marketing_signal_at_ms: null,
  touches: [],
  active_sequences: [],
} as const satisfies Omit<
  Facts,
  'moment' | 'now_ms' | 'time_zone' | 'requested_by' | 'sequence_type' | 'side' | 'cadence_state'
>;
