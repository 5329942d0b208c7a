import { fieldsOf, type StepFields, stepFaults, stepsOf } from '../steps/step.ts';
import { type Campaign, EXIT_REASONS, type ExitReason, type ExitTarget } from './campaign.ts';

/** Choice for each exit: see `exitChoice`. */
export type ExitChoices = Readonly<Record<ExitReason, string>>;

/** Form fields of a new campaign. */
export type CampaignForm = {
  name: string;
  slug: string;
  client_id: string;
  type: Exclude<Campaign['type'], 'play'>;
  owner_role: string;
  send_rule: Campaign['send_rule'];
  entry: Campaign['entry'];
  /** As typed. */
  priority: string;
  approvers: Campaign['approvers'];
  /** Empty: the owner’s default. */
  sequence_type: Campaign['sequence_type'] | '';
  side: Campaign['side'] | '';
  on_exit: ExitChoices;
  steps: readonly StepFields[];
};

/** Agents whose messages may send without a person reading each one. */
const OWNERS_WITH_OTHER_RULES: readonly string[] = ['AGT-301', 'AGT-304'];

const NOTHING = '';
const GATE = 'gate ';

export const EMPTY_FORM: CampaignForm = {
  name: '',
  slug: '',
  client_id: '',
  type: 'membership',
  owner_role: 'roles.sales',
  send_rule: 'approve_each',
  entry: 'open',
  priority: '0',
  approvers: 'anyone',
  sequence_type: '',
  side: '',
  on_exit: {
    converted: NOTHING,
    meeting: GATE,
    registered: NOTHING,
    no_engagement: NOTHING,
    rejected: NOTHING,
  },
  steps: fieldsOf([
    { delay_days: 0, channel: 'email', content_type: 'follow_up', template_instructions: '' },
  ]),
};

export function hasOtherRules(owner_role: string): boolean {
  return OWNERS_WITH_OTHER_RULES.includes(owner_role);
}

/** Value of an exit target in a select. */
export function exitChoice(target: ExitTarget): string {
  if (target === null) return NOTHING;
  return typeof target === 'string' ? target : `${GATE}${target.suggest ?? ''}`;
}

export function exitTarget(choice: string): ExitTarget {
  if (choice === NOTHING) return null;
  if (!choice.startsWith(GATE)) return choice;
  return { gate: 'exec', suggest: choice.slice(GATE.length) || null };
}

/** Default slug for a name: "Spring close" becomes `spring_close`. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase();
  return plain
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 63);
}

export function definitionOf(form: CampaignForm) {
  const { sequence_type, side, on_exit, steps, name, slug, priority, ...rest } = form;
  const exits = EXIT_REASONS.map((reason) => [reason, exitTarget(on_exit[reason])] as const);
  return {
    ...rest,
    name: name.trim(),
    slug: slug || slugOf(name),
    priority: Number(priority),
    ...(sequence_type === '' ? {} : { sequence_type }),
    ...(side === '' ? {} : { side }),
    on_exit: Object.fromEntries(exits),
    steps: stepsOf(steps).map((step, at) => ({ ...step, step_number: at + 1 })),
  };
}

/** Faults that the form can find before the server does. An existing campaign is never overwritten. */
export function formFaults(form: CampaignForm, slugs: readonly string[]): Map<string, string> {
  const faults = new Map<string, string>();
  const slug = form.slug || slugOf(form.name);
  if (form.name.trim() === '') faults.set('name', 'Enter a name.');
  else if (slug === '') faults.set('slug', 'Use lowercase letters, digits, _ and -.');
  if (slugs.includes(slug)) faults.set('slug', 'This short name is taken.');
  if (form.client_id === '') faults.set('client_id', 'Choose a brand.');
  for (const [path, message] of stepFaults(form.steps))
    faults.set(path === '' ? 'steps' : `steps.${path}`, message);
  return faults;
}
