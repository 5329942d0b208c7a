/** Steps that cannot reach a lead, because the lead lacks the address for their channel, and what follows. */
import type { Channel, WhenUnreachable } from '../../schema.gen.ts';
import { ADDRESSES, type Address, CHANNELS } from '../channels.ts';

/** In the log, the reason of a pause and of a refusal, and how a sequence ended, where a step cannot reach its lead. */
export const UNREACHABLE = 'unreachable';

/** Which addresses a lead has. */
export type Reach = Readonly<Record<`has_${Address}`, boolean>>;

export type AddressedStep = { step_number: number; channel: Channel; when_unreachable: WhenUnreachable };

/** A step that a lead lacks the address for; `when_unreachable` is what happens at it. */
export type UnreachableStep = {
  step_number: number;
  channel: Channel;
  missing: Address;
  when_unreachable: WhenUnreachable;
};

/**
 * Whether this is a page of LinkedIn, the one place where a LinkedIn touch finds the lead; `is_linkedin_profile` in the
 * database. linkedin.example, which nobody can own, stands for it in the sample.
 */
export function isLinkedinProfile(address: string): boolean {
  return /^https?:\/\/([a-z0-9_-]+[.])*linkedin[.](com|example)(:[0-9]+)?([/?#].*)?$/i.test(address);
}

/** The address of a channel that the lead lacks; null where the channel reaches the lead. */
export function missingAddress(channel: Channel, reach: Reach): Address | null {
  const { address } = CHANNELS[channel];
  return reach[`has_${address}`] ? null : address;
}

/** In the order of the steps; empty where all reach the lead. */
export function unreachableSteps(steps: readonly AddressedStep[], reach: Reach): UnreachableStep[] {
  return steps.flatMap(({ step_number, channel, when_unreachable }) => {
    const missing = missingAddress(channel, reach);
    return missing === null ? [] : [{ step_number, channel, missing, when_unreachable }];
  });
}

/**
 * The steps that will be sent to the lead as it is: those that reach it, up to the first out of reach at which the
 * sequence waits or ends.
 */
export function stepsAhead<Step extends Omit<AddressedStep, 'step_number'>>(
  steps: readonly Step[],
  reach: Reach,
): Step[] {
  const ahead: Step[] = [];
  for (const step of steps) {
    if (missingAddress(step.channel, reach) === null) ahead.push(step);
    else if (step.when_unreachable !== 'skip') break;
  }
  return ahead;
}

/** Whether nothing would ever be sent: no step reaches the lead before the sequence ends, and no person is asked. */
export function reachesNobody(steps: readonly AddressedStep[], reach: Reach): boolean {
  if (stepsAhead(steps, reach).length > 0) return false;
  const first_stop = unreachableSteps(steps, reach).find(
    ({ when_unreachable }) => when_unreachable !== 'skip',
  );
  return first_stop?.when_unreachable !== 'ask';
}

const STOP_WORDS: Record<WhenUnreachable, string> = {
  skip: 'skipped',
  ask: 'the sequence waits for a person',
  end: 'the sequence ends',
};

/** `The lead has no LinkedIn profile: step 2 (LinkedIn): skipped.` Empty where all steps reach the lead. */
export function unreachableWords(steps: readonly UnreachableStep[]): string {
  const by_address = Map.groupBy(steps, ({ missing }) => missing);
  return [...by_address]
    .map(([missing, lacking]) => {
      const each = lacking.map(
        ({ step_number, channel, when_unreachable }) =>
          `step ${step_number} (${CHANNELS[channel].label}): ${STOP_WORDS[when_unreachable]}`,
      );
      return `The lead has no ${ADDRESSES[missing]}: ${each.join('; ')}.`;
    })
    .join(' ');
}
