import type { StepContent } from './step.ts';

export const CHANNEL_WORDS: Record<StepContent['channel'], string> = {
  email: 'E-mail',
  linkedin: 'LinkedIn',
};

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
