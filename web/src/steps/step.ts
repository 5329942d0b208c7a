import type { SuggestedCadence } from '../api/schema.d.ts';
import { CHANNELS } from '../channels.gen.ts';

type Cadence = SuggestedCadence;

/** A step of a play or campaign, without its number. */
export type StepContent = NonNullable<Cadence['steps']>[number];

export type WhenUnreachable = NonNullable<StepContent['when_unreachable']>;

/** A step as form fields: typed values are text, and the key identifies the row while it moves. */
export type StepFields = {
  key: string;
  delay_days: string;
  channel: StepContent['channel'];
  content_type: StepContent['content_type'];
  template_instructions: string;
  requires_personal_send: boolean;
  when_unreachable: WhenUnreachable;
  subject: string;
  body: string;
};

const STEPS_MAX = 100;
const DAYS_MAX = 3_650;
const NEXT_STEP_DAYS = 3;

let keys = 0;

function newKey(): string {
  keys += 1;
  return `step ${keys}`;
}

export function fieldsOf(steps: readonly StepContent[]): StepFields[] {
  return steps.map(({ delay_days, template, ...step }) => ({
    ...step,
    key: newKey(),
    delay_days: String(delay_days),
    requires_personal_send: step.requires_personal_send ?? false,
    when_unreachable: step.when_unreachable ?? 'skip',
    subject: template?.subject ?? '',
    body: template?.body ?? '',
  }));
}

export function stepsOf(rows: readonly StepFields[]): StepContent[] {
  return rows.map(({ delay_days, channel, content_type, template_instructions, ...row }) => ({
    delay_days: Number(delay_days),
    channel,
    content_type,
    template_instructions: template_instructions.trim(),
    ...(row.requires_personal_send ? { requires_personal_send: true } : {}),
    ...(row.when_unreachable === 'skip' ? {} : { when_unreachable: row.when_unreachable }),
    ...(row.body.trim() === '' && row.subject.trim() === '' ? {} : { template: templateOf(channel, row) }),
  }));
}

/** A new step a few days after the last one. */
export function stepAfter(rows: readonly StepFields[]): StepFields {
  const last = Number(rows.at(-1)?.delay_days ?? -NEXT_STEP_DAYS);
  return {
    key: newKey(),
    delay_days: String(Math.max(0, (Number.isFinite(last) ? last : 0) + NEXT_STEP_DAYS)),
    channel: 'email',
    content_type: 'follow_up',
    template_instructions: '',
    requires_personal_send: false,
    when_unreachable: 'skip',
    subject: '',
    body: '',
  };
}

/** Finds errors while the user types, keyed by field path, for example `0.delay_days`. */
export function stepFaults(rows: readonly StepFields[]): Map<string, string> {
  const faults = new Map<string, string>();
  if (rows.length === 0) faults.set('', 'Add at least one step.');
  if (rows.length > STEPS_MAX) faults.set('', `At most ${STEPS_MAX} steps.`);
  rows.forEach((row, at) => {
    const before = rows[at - 1];
    const days = Number(row.delay_days);
    if (!/^\d+$/.test(row.delay_days.trim()) || days > DAYS_MAX)
      faults.set(`${at}.delay_days`, `Enter a whole number of days, at most ${DAYS_MAX}.`);
    else if (before !== undefined && days < Number(before.delay_days))
      faults.set(`${at}.delay_days`, `Must be day ${before.delay_days} or later, after the previous step.`);
    if (row.template_instructions.trim() === '')
      faults.set(`${at}.template_instructions`, 'Describe what to write.');
    if (row.body.trim() === '' && row.subject.trim() !== '')
      faults.set(`${at}.template.body`, 'Enter the template text.');
    if (CHANNELS[row.channel].has_subject && row.body.trim() !== '' && row.subject.trim() === '')
      faults.set(`${at}.template.subject`, 'Templates for this channel need a subject.');
  });
  return faults;
}

function templateOf(
  channel: StepContent['channel'],
  { subject, body }: Pick<StepFields, 'subject' | 'body'>,
) {
  return CHANNELS[channel].has_subject ? { subject, body } : { body };
}
