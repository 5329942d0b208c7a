import { CHANNELS } from '../channels.gen.ts';
import { fieldsOf, type StepFields, stepFaults, stepsOf } from '../steps/step.ts';
import { numberOf, percentOf } from './numbers.ts';
import type { Cadence, Criteria, Play, PlayContent, Target } from './play.ts';

type Tier = NonNullable<Target['icp_tiers']>[number];

/** A play as form fields. Lists have one entry per line; shares are percentages. */
export type PlayForm = {
  name: string;
  hypothesis: string;
  icp_tiers: readonly Tier[];
  segments: string;
  verticals: string;
  lifecycle_stages: string;
  titles: string;
  signals_any: string;
  signals_all: string;
  uses: 'steps' | 'campaign';
  steps: readonly StepFields[];
  campaign_template: string;
  meeting_rate: string;
  opp_create_rate: string;
  acv: string;
  active_period_start: string;
  active_period_end: string;
  client_id: string;
};

export const TIERS: readonly Tier[] = ['T1', 'T2', 'T3'];

export function formOf(play: PlayContent): PlayForm {
  const { target_definition: target, suggested_cadence: cadence, success_criteria: criteria } = play;
  return {
    name: play.name,
    hypothesis: play.hypothesis,
    icp_tiers: TIERS.filter((tier) => target.icp_tiers?.includes(tier)),
    segments: lines(target.segments),
    verticals: lines(target.verticals),
    lifecycle_stages: lines(target.lifecycle_stages),
    titles: lines(target.titles),
    signals_any: lines(target.intent_signals?.any),
    signals_all: lines(target.intent_signals?.all),
    uses: cadence.steps === undefined ? 'campaign' : 'steps',
    steps: fieldsOf(cadence.steps ?? []),
    campaign_template: cadence.campaign_template ?? '',
    meeting_rate: percentOf(criteria.meeting_rate),
    opp_create_rate: percentOf(criteria.opp_create_rate),
    acv: criteria.acv === undefined ? '' : String(criteria.acv),
    active_period_start: play.active_period_start ?? '',
    active_period_end: play.active_period_end ?? '',
    client_id: play.client_id ?? '',
  };
}

/** Returns only the fields that differ from `play`. */
export function changesOf(form: PlayForm, play: Play): Partial<PlayContent> {
  const wanted = contentOf(form, play.suggested_cadence);
  const before = contentOf(formOf(play), play.suggested_cadence);
  const changed = Object.entries(wanted).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof PlayContent]),
  );
  return Object.fromEntries(changed) as Partial<PlayContent>;
}

function contentOf(form: PlayForm, cadence: Cadence): PlayContent {
  return {
    name: form.name.trim(),
    hypothesis: form.hypothesis.trim(),
    target_definition: targetOf(form),
    suggested_cadence: cadenceOf(form, cadence),
    success_criteria: criteriaOf(form),
    active_period_start: form.active_period_start || null,
    active_period_end: form.active_period_end || null,
    client_id: form.client_id || null,
  };
}

/** Finds errors before the server does, keyed by its field paths. */
export function formFaults(form: PlayForm): Map<string, string> {
  const faults = new Map<string, string>();
  if (form.name.trim() === '') faults.set('name', 'Enter a name.');
  if (form.hypothesis.trim() === '') faults.set('hypothesis', 'Enter a hypothesis.');
  if (form.uses === 'steps') {
    for (const [path, message] of stepFaults(form.steps))
      faults.set(path === '' ? 'suggested_cadence.steps' : `suggested_cadence.steps.${path}`, message);
  } else if (form.campaign_template === '') {
    faults.set('suggested_cadence.campaign_template', 'Select the campaign with the steps.');
  }
  for (const criterion of ['meeting_rate', 'opp_create_rate'] as const) {
    const rate = numberOf(form[criterion], 100);
    if (rate !== undefined && !(rate > 0 && rate <= 1))
      faults.set(`success_criteria.${criterion}`, 'Enter a number above 0, at most 100.');
  }
  const acv = numberOf(form.acv);
  if (acv !== undefined && !(acv > 0)) faults.set('success_criteria.acv', 'Enter a number above 0.');
  if (Object.keys(criteriaOf(form)).length === 0)
    faults.set('success_criteria', 'Set at least one success criterion.');
  const { active_period_start: start, active_period_end: end } = form;
  if (start !== '' && end !== '' && end < start)
    faults.set('active_period_end', 'Must not be before the first day.');
  return faults;
}

function targetOf(form: PlayForm): Target {
  const any = entries(form.signals_any);
  const all = entries(form.signals_all);
  const signals = { ...(any.length > 0 ? { any } : {}), ...(all.length > 0 ? { all } : {}) };
  const target: Record<string, unknown> = {
    icp_tiers: form.icp_tiers,
    segments: entries(form.segments),
    verticals: entries(form.verticals),
    lifecycle_stages: entries(form.lifecycle_stages),
    titles: entries(form.titles),
  };
  const said = Object.entries(target).filter(([, list]) => (list as readonly string[]).length > 0);
  return {
    ...Object.fromEntries(said),
    ...(Object.keys(signals).length > 0 ? { intent_signals: signals } : {}),
  };
}

/** Recomputes the touch count and the channel mix if the cadence has them. */
function cadenceOf(form: PlayForm, { touch_count, channel_mix }: Cadence): Cadence {
  if (form.uses === 'campaign') return { campaign_template: form.campaign_template };
  const steps = stepsOf(form.steps);
  const of = (channel: string) => steps.filter((step) => step.channel === channel).length;
  return {
    steps,
    ...(touch_count === undefined ? {} : { touch_count: steps.length }),
    ...(channel_mix === undefined
      ? {}
      : { channel_mix: Object.fromEntries(Object.keys(CHANNELS).map((channel) => [channel, of(channel)])) }),
  };
}

function criteriaOf(form: PlayForm): Criteria {
  const given = Object.entries({
    meeting_rate: numberOf(form.meeting_rate, 100),
    opp_create_rate: numberOf(form.opp_create_rate, 100),
    acv: numberOf(form.acv),
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function lines(list: readonly string[] | undefined): string {
  return (list ?? []).join('\n');
}

function entries(typed: string): string[] {
  const words = typed.split('\n').map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

/** A field that two users changed: mine is unsaved, theirs is saved. */
export type Conflict = { field: keyof PlayForm; theirs: PlayForm };

/**
 * Merges unsaved edits with another user's save: untouched fields take their values, edited ones stay. Returns the form and
 * the fields that both changed differently.
 */
export function merged(mine: PlayForm, before: PlayForm, theirs: PlayForm) {
  const form = { ...mine };
  const conflicts: Conflict[] = [];
  for (const field of Object.keys(mine) as (keyof PlayForm)[]) {
    if (isSame(theirs[field], before[field])) continue;
    if (isSame(mine[field], before[field])) Object.assign(form, { [field]: theirs[field] });
    else if (!isSame(mine[field], theirs[field])) conflicts.push({ field, theirs });
  }
  return { form, conflicts };
}

export function isSameForm(one: PlayForm, other: PlayForm): boolean {
  return (Object.keys(one) as (keyof PlayForm)[]).every((field) => isSame(one[field], other[field]));
}

/** Ignores the keys of rows, which no user enters. */
function isSame(one: unknown, other: unknown): boolean {
  const text = (value: unknown) =>
    JSON.stringify(value, (key, part: unknown) => (key === 'key' ? undefined : part));
  return text(one) === text(other);
}
