import { ADDRESSES, CHANNELS, type Channel } from '../channels.gen.ts';
import type { StepContent, WhenUnreachable } from './step.ts';

export const CHANNEL_LABELS = Object.fromEntries(
  Object.entries(CHANNELS).map(([channel, { label }]) => [channel, label]),
) as Record<Channel, string>;

/** What happens at a step if the lead lacks its address. */
export const UNREACHABLE_WORDS: Record<WhenUnreachable, string> = {
  skip: 'Skip this step',
  ask: 'Wait for a person',
  end: 'End the enrollment',
};

type UnreachableStep = {
  step_number: number;
  channel: StepContent['channel'];
  missing: keyof typeof ADDRESSES;
  when_unreachable: WhenUnreachable;
};

const STOP_WORDS: Record<WhenUnreachable, string> = {
  skip: 'is skipped',
  ask: 'waits for a person',
  end: 'ends the enrollment',
};

/** "Step 2 (LinkedIn) is skipped: no LinkedIn profile." */
export function unreachableWords({
  step_number,
  channel,
  missing,
  when_unreachable,
}: UnreachableStep): string {
  const lacking = `no ${ADDRESSES[missing]}`;
  return `Step ${step_number} (${CHANNELS[channel].label}) ${STOP_WORDS[when_unreachable]}: ${lacking}.`;
}

/** The purposes of steps. */
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

/** "Day 3, Email, proof". */
export function stepWords({
  delay_days,
  channel,
  content_type,
}: Pick<StepContent, 'delay_days' | 'channel' | 'content_type'>): string {
  return `Day ${delay_days}, ${CHANNELS[channel].label}, ${CONTENT_WORDS[content_type].toLowerCase()}`;
}
