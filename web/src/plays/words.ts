import { CHANNEL_LABELS, stepWords } from '../steps/words.ts';
import type { ApproverRole, Criteria, Play, PlayState, RetireReason, Target } from './play.ts';
import { isStep } from './step_guess.ts';

export const STATE_WORDS: Record<PlayState, string> = {
  draft: 'Draft',
  under_review: 'Under review',
  active: 'Active',
  retired: 'Retired',
};

/** Texts of empty columns of the board. */
export const EMPTY_WORDS: Record<PlayState, string> = {
  draft: 'Plays that a brain proposes appear here. A brain proposes over MCP with the tool “propose_play”.',
  under_review: 'Pick up a draft to review and edit it here.',
  active: 'A play runs once two people, RevOps and a sales leader, have approved it.',
  retired: 'Completed and rejected plays appear here with the reason and the results.',
};

export const ROLE_WORDS: Record<ApproverRole, string> = { revops: 'RevOps', slm: 'Sales leader' };

/** Role names within a sentence. */
export const AS_ROLE_WORDS: Record<ApproverRole, string> = { revops: 'RevOps', slm: 'sales leader' };

export const RETIRE_WORDS: Record<RetireReason, string> = {
  completed: 'Completed',
  replaced: 'Replaced by another play',
  poor_performance: 'Missed its targets',
  rejected_at_review: 'Rejected in review',
  rejected_at_draft: 'Rejected as a draft',
  auto_sunset: 'Period ended',
};

export const CRITERION_WORDS: Record<keyof Criteria, string> = {
  meeting_rate: 'Meetings',
  opp_create_rate: 'Opportunities',
  acv: 'Contract value',
};

export const CRITERIA = ['meeting_rate', 'opp_create_rate', 'acv'] as const;

const FIELD_WORDS: Readonly<Record<string, string>> = {
  name: 'Name',
  hypothesis: 'Hypothesis',
  target_definition: 'Audience',
  suggested_cadence: 'Cadence',
  success_criteria: 'Success',
  active_period_start: 'First day',
  active_period_end: 'Last day',
  client_id: 'Brand',
  icp_tiers: 'tiers',
  segments: 'segments',
  verticals: 'verticals',
  lifecycle_stages: 'lifecycle stages',
  titles: 'titles',
  intent_signals: 'signals',
  any: 'any of',
  all: 'all of',
  meeting_rate: 'meetings',
  opp_create_rate: 'opportunities',
  acv: 'contract value',
  campaign_template: 'steps of a campaign',
  touch_count: 'number of touches',
  channel_mix: 'touches by channel',
  ...CHANNEL_LABELS,
  delay_days: 'day',
  channel: 'channel',
  content_type: 'purpose',
  template_instructions: 'what to write',
  requires_personal_send: 'manual send',
  when_unreachable: 'without an address',
  template: 'template',
  subject: 'subject',
  body: 'text',
};

/** Names a place in a play: "Step 2, what to write", "Audience, titles". */
export function placeWords(path: readonly string[]): string {
  const [first, second, third, ...rest] = path;
  if (first === 'suggested_cadence' && second === 'steps' && third !== undefined) {
    const place = `Step ${Number(third) + 1}`;
    return [place, ...rest.map(fieldWords)].join(', ');
  }
  const words = path.filter((part) => !/^\d+$|^-$/.test(part)).map(fieldWords);
  return words.length === 0 ? 'The play' : words.join(', ');
}

/** Names a field path of the server, for example `target_definition.titles.0`. */
export function pathWords(path: string): string {
  return placeWords(path.replaceAll(/\[(\d+)\]/g, '.$1').split('.'));
}

/** Formats a value of a play; null if there is none. */
export function valueWords(path: readonly string[], value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const key = path.at(-1) ?? '';
  if (typeof value === 'number') return criterionWords(key, value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return CHOICE_WORDS[value] ?? value;
  if (Array.isArray(value)) return value.map((one) => valueWords(path, one)).join('; ');
  if (isStep(value)) return `${stepWords(value)}: ${value.template_instructions}`;
  return Object.entries(value)
    .map(([name, inner]) => `${fieldWords(name)}: ${valueWords([...path, name], inner)}`)
    .join('; ');
}

const CHOICE_WORDS: Readonly<Record<string, string>> = {
  ...CHANNEL_LABELS,
  follow_up: 'follow-up',
  proof: 'proof',
  boss_arming: 'case for the boss',
  campaign_visibility: 'campaign visibility',
  personal_visibility: 'personal visibility',
  marketing_relief: 'marketing relief',
  close: 'close',
  exit: 'farewell',
  skip: 'skip the step',
  ask: 'wait for a person',
  end: 'end the enrollment',
};

/** Describes an audience, one condition per line; a lead must meet all of them. */
export function audienceLines(target: Target): string[] {
  const { icp_tiers, segments, verticals, lifecycle_stages, titles, intent_signals } = target;
  return [
    line(icp_tiers, (list) => `Tier ${list}`),
    line(segments, (list) => `In the segment ${list}`),
    line(verticals, (list) => `In the vertical ${list}`),
    line(lifecycle_stages, (list) => `At the stage ${list}`),
    line(titles, (list) => `A title with ${list}`),
    line(intent_signals?.any, (list) => `Has shown ${list}`),
    line(intent_signals?.all, (list) => `Has shown ${list}`, 'and'),
  ].filter((words) => words !== '');
}

function line(
  list: readonly string[] | undefined,
  say: (list: string) => string,
  joined: 'or' | 'and' = 'or',
): string {
  if (list === undefined || list.length === 0) return '';
  const type = joined === 'or' ? 'disjunction' : 'conjunction';
  return say(new Intl.ListFormat('en', { type }).format(list.map(labelWords)));
}

/** Formats a label for display: "MQL", "product demo". */
function labelWords(label: string): string {
  return /^[a-z]ql$/.test(label) ? label.toUpperCase() : label.replaceAll('_', ' ');
}

/** Names the audience: "Enterprise" or "Northgate Ltd". */
export function whereWords(
  { segment, account_name }: Pick<Play, 'segment' | 'account_name'>,
  nameOf: (segment: string) => string,
): string {
  return segment === null ? (account_name ?? 'One account') : nameOf(segment);
}

export function percentWords(rate: number): string {
  return `${(rate * 100).toLocaleString('en', { maximumFractionDigits: 1 })}%`;
}

export function criterionWords(criterion: string, value: number): string {
  return criterion.endsWith('_rate') ? percentWords(value) : value.toLocaleString('en');
}

/** Uses UTC, because a calendar day has no time zone. */
export function dayWords(day: string): string {
  const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
  return format.format(new Date(`${day}T00:00:00Z`));
}

function fieldWords(name: string): string {
  return FIELD_WORDS[name] ?? name.replaceAll('_', ' ');
}
