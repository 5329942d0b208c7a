/** Why leads are not let in, for a count of them: the case that the gate named, without the facts of any one lead. */

const CASE_WORDS: Readonly<Record<string, string>> = {
  unsubscribed: 'they unsubscribed',
  opted_out: 'they opted out',
  suppressed_address: 'the address or its domain is on the suppression list',
  cap_zero: 'the policy sets a cap of 0',
  clock_unreadable: 'the time could not be read',
  window_full: 'they have had as many touches as fit into the window',
  day_full: 'they have had their touch of the day',
  window_and_day_full: 'neither the window nor the day has room for a touch',
  t3_sales: 'they are T3, where sales never writes: each would be refused as routed wrongly',
  t1_marketing_fresher: 'marketing is active there, T1, and its signal is fresher',
  t2_marketing_fresher: 'marketing is active there, T2, and its signal is fresher',
  t3_marketing_fresher: 'marketing is active there, T3, and its signal is fresher',
  t1_sales_fresher: 'marketing is active there, T1',
  t2_sales_fresher: 'marketing is active there, T2',
  t3_sales_fresher: 'marketing is active there, T3',
  illegal_move: 'they are in a state in which prospecting may not begin, such as customer or closing',
  lead_paused: 'they are paused by a person',
  unreachable: 'no step reaches them: they lack the address for each',
  out_of_place: 'prospecting is out of place in the state that they are in',
};

/** A case of an earlier version is told by its name. */
export function caseWords(because: string): string {
  return CASE_WORDS[because] ?? because.replaceAll('_', ' ');
}
