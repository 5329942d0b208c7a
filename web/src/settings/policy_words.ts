/** The label of a policy value and its form control. */
export type FieldWords = {
  label: string;
  /** Shown after the number. */
  unit?: string;
  /** For a text: the allowed values with labels. */
  options?: readonly (readonly [value: string, words: string])[];
  /** For a list: the allowed entries with labels. */
  choices?: readonly (readonly [value: string | number, words: string])[];
  /** For a list that `any` may replace: the label of `any`. */
  any?: string;
  /** Empty stores null; this is the label of null. */
  none?: string;
  /** Replaces the reason in the shipped file. */
  why?: string;
};

/** `intro` replaces the reason in the shipped file if that describes the file's syntax. */
export type Section = { title: string; paths: readonly string[]; intro?: string };

/** The sections of the policy in display order. A path includes everything below it. */
export const SECTIONS: readonly Section[] = [
  { title: 'Touch caps', paths: ['touch_cap'] },
  {
    title: 'Conflicts between sales and marketing',
    paths: ['conflict_matrix', 'unknown_tier', 't3_sales', 'routing_error_agent'],
    intro:
      'The lead’s tier and the latest interest decide which side has priority. The other side waits the given hours and is checked again; without a number, it waits until the first side’s enrollment ends.',
  },
  { title: 'Sequences of one side', paths: ['sequences_per_side'] },
  {
    title: 'Allowed states',
    paths: ['legal_moves', 'retry_hours'],
    intro:
      'A lead moves up or sideways, never down while a higher enrollment is active. Paused leads receive only transactional messages, regardless of these settings.',
  },
  { title: 'Send window', paths: ['business_hours', 'holidays', 'keep_spacing'] },
  { title: 'Mailbox limits', paths: ['mailbox_limits'] },
  { title: 'Reply handling', paths: ['reply_handling'] },
  { title: 'Drafts', paths: ['drafts', 'drafting', 'four_eyes'] },
  {
    title: 'Warnings',
    paths: ['stall_days', 'escalation_business_days', 'backlog_paused_leads', 'active_play_drift', 'tasks'],
  },
];

const STATES = [
  ['idle', 'Idle'],
  ['nurture', 'Nurture'],
  ['prospecting', 'Prospecting'],
  ['closing', 'Closing'],
  ['onboarding', 'Onboarding'],
  ['customer', 'Customer'],
] as const;
const SIDES = [
  ['sales', 'Sales'],
  ['marketing', 'Marketing'],
] as const;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map(
  (name, at) => [at + 1, name] as const,
);
/** Replaces a list: every entry is allowed. */
export const ANY = 'any';
const NO_LIMIT = { none: 'No limit' };

const WORDS: Readonly<Record<string, FieldWords>> = {
  'touch_cap.max_touches_per_window': { label: 'Cap per window', unit: 'touches' },
  'touch_cap.window_hours': { label: 'Window length', unit: 'hours' },
  'touch_cap.max_touches_per_day': { label: 'Daily cap per lead', unit: 'touches' },
  'sequences_per_side.sales': { label: 'Sales sequences per lead at once', ...NO_LIMIT },
  'sequences_per_side.marketing': { label: 'Marketing sequences per lead at once', ...NO_LIMIT },
  unknown_tier: {
    label: 'Treat leads without a tier as',
    options: ['T1', 'T2', 'T3'].map((tier) => [tier, tier] as const),
  },
  t3_sales: {
    label: 'Sales on a T3 lead',
    why: 'Sales should never work T3 leads, so a sales request for one is a routing error.',
    options: [
      ['refuse', 'Refuse, and notify the router'],
      ['flag_only', 'Allow, and notify the router'],
    ],
  },
  routing_error_agent: { label: 'Notified of routing errors' },
  ...Object.fromEntries(
    ['nurture', 'prospecting', 'closing', 'onboarding', 'transactional'].map((type) => [
      `legal_moves.${type}`,
      {
        label: `${type.charAt(0).toUpperCase()}${type.slice(1)} may start from`,
        choices: STATES,
        any: 'any state',
      },
    ]),
  ),
  retry_hours: { label: 'Recheck enrollments in the wrong state after', unit: 'hours' },
  'business_hours.enforce': { label: 'Send only within business hours' },
  'business_hours.weekdays': { label: 'Days', choices: WEEKDAYS },
  'business_hours.start': { label: 'From' },
  'business_hours.end': { label: 'Until' },
  'holidays.enforce': { label: 'Send nothing on holidays' },
  'holidays.dates': { label: 'Days off, one per line (YYYY-MM-DD)' },
  'holidays.public': { label: 'Include public holidays of the lead’s country' },
  'holidays.country': { label: 'Our own country (two letters, for example GB)', none: 'None' },
  keep_spacing: { label: 'Late touches delay the next one' },
  'mailbox_limits.enforce': { label: 'Apply these limits to mailboxes without their own' },
  'mailbox_limits.hourly_cap': { label: 'Hourly limit', unit: 'messages', ...NO_LIMIT },
  'mailbox_limits.daily_cap': { label: 'Daily limit', unit: 'messages', ...NO_LIMIT },
  'mailbox_limits.gap_seconds': { label: 'Gap between messages', unit: 'seconds' },
  'mailbox_limits.recipient_domain_daily_cap': {
    label: 'Daily limit per recipient domain',
    unit: 'messages',
    ...NO_LIMIT,
  },
  'mailbox_limits.warm_up.start_count': { label: 'Warm-up: first-day limit', unit: 'messages' },
  'mailbox_limits.warm_up.step_count': { label: 'Warm-up: daily increase', unit: 'messages' },
  'mailbox_limits.bounce_rate.percent': {
    label: 'Stop new enrollments at this bounce rate',
    unit: 'percent',
  },
  'mailbox_limits.bounce_rate.min_sent': {
    label: 'Minimum messages before the bounce rate counts',
    unit: 'messages per day',
  },
  'reply_handling.pause_on_reply': { label: 'Replies pause the lead' },
  'reply_handling.pause_on_out_of_office': { label: 'Out-of-office replies pause the lead' },
  'reply_handling.auto': {
    label: 'Apply automatically when rules are certain',
    choices: [
      ['unsubscribe', 'Unsubscribe'],
      ['out_of_office', 'Out of office'],
      ['not_now', 'Not now'],
      ['not_interested', 'Not interested'],
      ['wrong_person', 'Wrong person'],
    ],
  },
  'reply_handling.out_of_office_days': {
    label: 'Pause for an out-of-office reply without a date',
    unit: 'days',
  },
  'reply_handling.not_now_days': { label: 'Pause for “Not now” without a date', unit: 'days' },
  'reply_handling.soft_bounces': { label: 'Give up an address after', unit: 'soft bounces' },
  'reply_handling.soft_bounce_days': { label: 'Within', unit: 'days' },
  'reply_handling.policy_bounce_leads': {
    label: 'Pause a mailbox when refused as spam by',
    unit: 'leads per day',
  },
  'drafts.undo_seconds': { label: 'Undo window after approval', unit: 'seconds' },
  'drafting.model_tokens_per_day': { label: 'Daily token limit of language models', unit: 'tokens' },
  'drafting.edits_shown': { label: 'Past edits shown to the model', unit: 'edits' },
  four_eyes: { label: 'Require a second person to approve edits' },
  stall_days: { label: 'Warn when a lead has no activity for', unit: 'days' },
  escalation_business_days: { label: 'Escalate after', unit: 'business days' },
  backlog_paused_leads: { label: 'Warn of a backlog from', unit: 'paused leads' },
  active_play_drift: { label: 'Review the playbook above', unit: 'active plays' },
  'outcomes.follow_up_days': { label: 'Follow people for', unit: 'days' },
  'outcomes.people_min': { label: 'Compare groups from', unit: 'people each' },
  'outcomes.accounts_min': { label: 'And from', unit: 'accounts each' },
  'tasks.unclaimed_minutes': { label: 'Warn about unclaimed tasks after', unit: 'minutes' },
  'tasks.meeting_business_days': {
    label: 'Warn about unrouted meetings after',
    unit: 'business days',
  },
};

export const RECENCY_WORDS = [
  ['sales_fresher', 'Sales saw interest last'],
  ['marketing_fresher', 'Marketing saw interest last'],
] as const;
export { SIDES };

/** Unknown values are labeled by their path. */
export function fieldWords(path: string): FieldWords {
  return WORDS[path] ?? { label: plain(path) };
}

/** The full label of a path, for places without a heading. */
export function pathWords(path: string): string {
  const matrix = /^conflict_matrix\.(T\d)\.(\w+_fresher)\.(\w+)$/.exec(path);
  if (matrix === null) return fieldWords(path).label;
  const [, tier, recency, part] = matrix;
  const who = RECENCY_WORDS.find(([known]) => known === recency)?.[1] ?? recency;
  return `${tier}, ${String(who).toLowerCase()}: ${part === 'winner' ? 'priority' : 'hours the other side waits'}`;
}

/** The reason in the shipped file, without the name of its source. */
export function reasonWords(reason: string): string {
  const text = reason.replace(/^(AGT-302|Library|Campaigns|Ours)(,[^:]*)?: /, '');
  return (text.charAt(0).toUpperCase() + text.slice(1)).replaceAll('`', '');
}

/** Formats a value for display. */
export function valueWords(path: string, value: unknown): string {
  const { unit, options, choices, any, none } = fieldWords(path);
  if (any !== undefined && value === ANY) return any;
  if (value === null || value === undefined) return none ?? 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none';
    return value.map((one) => choices?.find(([known]) => known === one)?.[1] ?? String(one)).join(', ');
  }
  const words = options?.find(([known]) => known === value)?.[1] ?? String(value);
  return unit === undefined ? words : `${words} ${unit}`;
}

function plain(path: string): string {
  const words = path.split('.').join(': ').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
