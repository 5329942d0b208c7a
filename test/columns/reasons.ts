/* Why lists leave out columns of leads that most of them leave out. */

export const KEYS = { org_id: 'whose it is', id: 'which it is' };
export const STAMPS = { created_at: 'set once', updated_at: 'when, not what' };
export const DERIVED_OF_LEADS = {
  cadence_state: 'follows from the enrollments',
  active_sequence_id: 'follows from the enrollments',
  current_step: 'follows from the enrollments',
  last_touch_at: 'follows from the touches',
  customer_since: 'follows from the enrollments',
};
export const SIGNALS = {
  sales_signal_at: 'follows from the signals, which insertImportedSignals records',
  marketing_signal_at: 'follows from the signals, which insertImportedSignals records',
};
export const PAUSES = {
  cadence_paused_at: 'a person or an answer stops a lead',
  cadence_pause_reason: 'goes with the pause',
};
export const OPT_OUT_DATES = { unsubscribed_at: 'goes with its flag', opted_out_at: 'goes with its flag' };
