/** What a value of the policy is called, and how it is asked for. */
export type FieldWords = {
  label: string;
  /** Behind the number. */
  unit?: string;
  /** Of a text: what may be chosen, with its words. */
  options?: readonly (readonly [value: string, words: string])[];
  /** Of a list: what may be in it. */
  choices?: readonly (readonly [value: string | number, words: string])[];
  /** Of a list in whose place `any` may stand: what that is called. */
  any?: string;
  /** Empty means null, and null means this. */
  none?: string;
  /** Instead of the reason in the shipped file. */
  why?: string;
};

/** `intro` instead of the reason in the shipped file, where that speaks of how it is written. */
export type Section = { title: string; paths: readonly string[]; intro?: string };

/** The parts of the policy in the order in which people think of them. A path stands for all that is within it. */
export const SECTIONS: readonly Section[] = [
  { title: 'How often one person hears from us', paths: ['touch_cap'] },
  {
    title: 'When sales and marketing want the same lead',
    paths: ['conflict_matrix', 'unknown_tier', 't3_sales', 'routing_error_agent'],
    intro:
      'One side goes first, by the tier of the lead and by which side saw interest last. The other one waits so many hours and is asked again; without a number it waits until the first one ends.',
  },
  {
    title: 'Which sequence may follow which',
    paths: ['legal_moves', 'retry_hours'],
    intro:
      'A lead moves up or sideways, never down while something higher runs. A paused lead gets transactional messages only, whatever is chosen here.',
  },
  { title: 'When messages leave', paths: ['business_hours', 'holidays', 'keep_spacing'] },
  { title: 'What one mailbox sends', paths: ['mailbox_limits'] },
  { title: 'What answers do', paths: ['reply_handling'] },
  { title: 'Drafts', paths: ['drafts', 'drafting', 'four_eyes'] },
  {
    title: 'When someone is told',
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
/** In place of a list: whatever may be in it. */
export const ANY = 'any';
const NO_LIMIT = { none: 'No limit' };

const WORDS: Readonly<Record<string, FieldWords>> = {
  'touch_cap.max_touches_per_window': { label: 'At most in the window', unit: 'touches' },
  'touch_cap.window_hours': { label: 'Length of the window', unit: 'hours' },
  'touch_cap.max_touches_per_day': { label: 'At most on one day of the lead', unit: 'touches' },
  unknown_tier: {
    label: 'A lead without a tier counts as',
    options: ['T1', 'T2', 'T3'].map((tier) => [tier, tier] as const),
  },
  t3_sales: {
    label: 'Sales on a T3 lead',
    why: 'Sales should never work on T3: that the lead came to them is an error of routing.',
    options: [
      ['refuse', 'Is refused, and told to the router'],
      ['flag_only', 'Goes on, and is told to the router'],
    ],
  },
  routing_error_agent: { label: 'Who is told of a routing error' },
  ...Object.fromEntries(
    ['nurture', 'prospecting', 'closing', 'onboarding', 'transactional'].map((type) => [
      `legal_moves.${type}`,
      {
        label: `${type.charAt(0).toUpperCase()}${type.slice(1)} may begin from`,
        choices: STATES,
        any: 'any state',
      },
    ]),
  ),
  retry_hours: { label: 'A running sequence that is out of place is asked again after', unit: 'hours' },
  'business_hours.enforce': { label: 'Messages leave within business hours only' },
  'business_hours.weekdays': { label: 'Days', choices: WEEKDAYS },
  'business_hours.start': { label: 'From' },
  'business_hours.end': { label: 'Until' },
  'holidays.enforce': { label: 'Nothing leaves on holidays' },
  'holidays.dates': { label: 'Days off, one a line, such as 2026-12-25' },
  'holidays.public': { label: 'Public holidays of the lead’s country count' },
  'holidays.country': { label: 'Our own country, two letters such as GB', none: 'None' },
  keep_spacing: { label: 'A touch that leaves late moves the next one' },
  'mailbox_limits.enforce': { label: 'These limits hold for every mailbox without its own' },
  'mailbox_limits.hourly_cap': { label: 'In any hour', unit: 'messages', ...NO_LIMIT },
  'mailbox_limits.daily_cap': { label: 'On one day', unit: 'messages', ...NO_LIMIT },
  'mailbox_limits.gap_seconds': { label: 'Between one message and the next', unit: 'seconds' },
  'mailbox_limits.recipient_domain_daily_cap': {
    label: 'To one company’s domain on one day',
    unit: 'messages',
    ...NO_LIMIT,
  },
  'mailbox_limits.warm_up.start_count': { label: 'Warm-up: on the first day', unit: 'messages' },
  'mailbox_limits.warm_up.step_count': { label: 'Warm-up: more on each day after', unit: 'messages' },
  'mailbox_limits.bounce_rate.percent': { label: 'Stop beginning when so much comes back', unit: 'percent' },
  'mailbox_limits.bounce_rate.min_sent': { label: 'Counted from', unit: 'messages a day' },
  'reply_handling.pause_on_reply': { label: 'An answer pauses everything for that lead' },
  'reply_handling.pause_on_out_of_office': { label: 'An out-of-office note does too' },
  'reply_handling.auto': {
    label: 'Takes effect by itself where the rules are certain',
    choices: [
      ['unsubscribe', 'Unsubscribe'],
      ['out_of_office', 'Out of office'],
      ['not_now', 'Not now'],
      ['not_interested', 'Not interested'],
      ['wrong_person', 'Wrong person'],
    ],
  },
  'reply_handling.out_of_office_days': { label: 'An absence without a date lasts', unit: 'days' },
  'reply_handling.not_now_days': { label: '“Not now” lasts', unit: 'days' },
  'reply_handling.soft_bounces': { label: 'An address is given up after', unit: 'returns' },
  'reply_handling.soft_bounce_days': { label: 'Within', unit: 'days' },
  'reply_handling.policy_bounce_leads': {
    label: 'A mailbox is paused when refused as spam by',
    unit: 'leads a day',
  },
  'drafts.undo_seconds': { label: 'An approval can be taken back for', unit: 'seconds' },
  'drafting.model_tokens_per_day': { label: 'What language models may cost on a day', unit: 'tokens' },
  'drafting.edits_shown': { label: 'Of people’s edits the model is shown', unit: 'edits' },
  four_eyes: { label: 'What a person wrote is approved by another person' },
  stall_days: { label: 'A lead stalls without activity for', unit: 'days' },
  escalation_business_days: { label: 'And goes further after', unit: 'business days' },
  backlog_paused_leads: { label: 'A rep has a backlog from', unit: 'paused leads' },
  active_play_drift: { label: 'The playbook is reviewed above', unit: 'active plays' },
  'tasks.unclaimed_minutes': { label: 'A task that nobody takes is told after', unit: 'minutes' },
  'tasks.meeting_business_days': {
    label: 'A meeting that nobody routes is told after',
    unit: 'business days',
  },
};

export const RECENCY_WORDS = [
  ['sales_fresher', 'Sales saw interest last'],
  ['marketing_fresher', 'Marketing saw interest last'],
] as const;
export { SIDES };

/** What is not known here yet is called by its own words. */
export function fieldWords(path: string): FieldWords {
  return WORDS[path] ?? { label: plain(path) };
}

/** The whole path in words, for what stands beside no heading. */
export function pathWords(path: string): string {
  const matrix = /^conflict_matrix\.(T\d)\.(\w+_fresher)\.(\w+)$/.exec(path);
  if (matrix === null) return fieldWords(path).label;
  const [, tier, recency, part] = matrix;
  const who = RECENCY_WORDS.find(([known]) => known === recency)?.[1] ?? recency;
  return `${tier}, ${String(who).toLowerCase()}: ${part === 'winner' ? 'who goes first' : 'hours the other waits'}`;
}

/** A reason as it stands in the shipped file, without the name of the paper it comes from. */
export function reasonWords(reason: string): string {
  const text = reason.replace(/^(AGT-302|Library|Campaigns|Ours)(,[^:]*)?: /, '');
  return (text.charAt(0).toUpperCase() + text.slice(1)).replaceAll('`', '');
}

/** A value for people. */
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
