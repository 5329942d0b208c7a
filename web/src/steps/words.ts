import type { StepContent, WhenUnreachable } from './step.ts';

export const CHANNEL_WORDS: Record<StepContent['channel'], string> = {
  email: 'E-mail',
  linkedin: 'LinkedIn',
};

/** What happens at a step that a lead lacks the address for. */
export const UNREACHABLE_WORDS: Record<WhenUnreachable, string> = {
  skip: 'Skip this step',
  ask: 'Wait for a person',
  end: 'End the sequence',
};

type UnreachableStep = {
  step_number: number;
  channel: StepContent['channel'];
  missing: 'email' | 'linkedin_url';
  when_unreachable: WhenUnreachable;
};

const STOP_WORDS: Record<WhenUnreachable, string> = {
  skip: 'is skipped',
  ask: 'waits for a person',
  end: 'ends the sequence',
};

/** "Step 2 (LinkedIn) is skipped: no LinkedIn profile." */
export function unreachableWords({
  step_number,
  channel,
  missing,
  when_unreachable,
}: UnreachableStep): string {
  const lacking = missing === 'email' ? 'no email address' : 'no LinkedIn profile';
  return `Step ${step_number} (${channel === 'linkedin' ? 'LinkedIn' : 'email'}) ${STOP_WORDS[when_unreachable]}: ${lacking}.`;
}

/** What a touch is for. */
export const CONTENT_WORDS: Record<StepContent['content_type'], string> = {
  follow_up: 'Follow-up',
  proof: 'Proof',
  boss_arming: 'Case for the boss',
  campaign_visibility: 'Campaign visibility',
  personal_visibility: 'Personal visibility',
  marketing_relief: 'Marketing relief',
  close: 'Close',
  exit: 'Farewell',
};

/** "Day 3, e-mail, proof". */
export function stepWords({
  delay_days,
  channel,
  content_type,
}: Pick<StepContent, 'delay_days' | 'channel' | 'content_type'>): string {
  const where = channel === 'linkedin' ? 'LinkedIn' : 'e-mail';
  return `Day ${delay_days}, ${where}, ${CONTENT_WORDS[content_type].toLowerCase()}`;
}
