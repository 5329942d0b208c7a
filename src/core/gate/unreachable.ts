/** Steps that cannot reach a lead without an address for their channel, and what follows. */
import type { Channel, WhenUnreachable } from '../../schema.gen.ts';
import { ADDRESSES, type Address, CHANNELS } from '../channels.ts';

/** The logged reason of a pause, a refusal, or an exit when a step cannot reach its lead. */
export const UNREACHABLE = 'unreachable';

/** Which addresses a lead has. */
export type Reach = Readonly<Record<`has_${Address}`, boolean>>;

export type AddressedStep = { step_number: number; channel: Channel; when_unreachable: WhenUnreachable };

/** A step whose address the lead lacks, and what happens then (`when_unreachable`). */
export type UnreachableStep = {
  step_number: number;
  channel: Channel;
  missing: Address;
  when_unreachable: WhenUnreachable;
};

/**
 * Whether this is a LinkedIn page, the only address of a LinkedIn touch; `is_linkedin_profile` in the database. The sample
 * uses linkedin.example, which cannot be registered.
 */
export function isLinkedinProfile(address: string): boolean {
  return /^https?:\/\/([a-z0-9_-]+[.])*linkedin[.](com|example)(:[0-9]+)?([/?#].*)?$/i.test(address);
}

const PERSONAL =
  /^https?:\/\/(?:[a-z0-9_-]+\.)*linkedin\.(?:com|example)(?::\d+)?(\/+(?:in\/+[^/?#]+|(?:pub|sales\/lead|sales\/people)\/+[^?#]+))/i;

/** The person's page in the form in which two addresses are equal; null for another page. `address_key` in the database. */
export function linkedinKey(address: string): string | null {
  const path = PERSONAL.exec(address)?.[1]?.replace(/\/+/g, '/').replace(/\/$/, '');
  const key = path === undefined ? '/' : decoded(path).replace(/\s+/g, '').normalize().toLowerCase();
  return key.endsWith('/') ? null : key;
}

/** Unchanged unless every `%XX` is UTF-8. */
function decoded(path: string): string {
  try {
    return path.includes('%00') ? path : decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The address that the lead lacks for a channel; null if the channel reaches the lead. */
export function missingAddress(channel: Channel, reach: Reach): Address | null {
  const { address } = CHANNELS[channel];
  return reach[`has_${address}`] ? null : address;
}

/** In the order of the steps; empty if all reach the lead. */
export function unreachableSteps(steps: readonly AddressedStep[], reach: Reach): UnreachableStep[] {
  return steps.flatMap(({ step_number, channel, when_unreachable }) => {
    const missing = missingAddress(channel, reach);
    return missing === null ? [] : [{ step_number, channel, missing, when_unreachable }];
  });
}

/**
 * The steps that this lead will get: those that reach it, up to the first unreachable step that pauses or ends the
 * sequence.
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

/** Whether nothing would ever be sent: no step reaches the lead before the sequence ends, and none pauses for a person. */
export function reachesNobody(steps: readonly AddressedStep[], reach: Reach): boolean {
  if (stepsAhead(steps, reach).length > 0) return false;
  const first_stop = unreachableSteps(steps, reach).find(
    ({ when_unreachable }) => when_unreachable !== 'skip',
  );
  return first_stop?.when_unreachable !== 'ask';
}

const STOP_WORDS: Record<WhenUnreachable, string> = {
  skip: 'skipped',
  ask: 'the enrollment pauses',
  end: 'the sequence ends',
};

/** `The lead has no LinkedIn profile: step 2 (LinkedIn): skipped.` Empty if all steps reach the lead. */
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
