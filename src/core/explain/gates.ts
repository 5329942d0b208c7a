/** What each gate said, and the facts it saw, in sentences. */

import type { CadenceState, Json, SequenceType } from '../../schema.gen.ts';
import type { GateName, GateTrace } from '../gate/decision.ts';
import { isRecord } from '../json.ts';
import { plainWords, SEQUENCE_WORDS, type Speaker, STATE_WORDS, sentence, touchCount } from './words.ts';

type Saw = GateTrace['saw'];
type Words = (saw: Saw, about: GateContext, says: GateTrace['says']) => string;

export type GateContext = {
  speaker: Speaker;
  /** Hours of the window, where the decision was made by the policy that is in force; else null. */
  window_hours: number | null;
};

/** The exact case of a gate's answer, in one or two sentences that hold by themselves. */
export function gateSentence(trace: GateTrace, about: GateContext): string {
  const words = GATE_WORDS[trace.gate]?.[trace.because];
  if (words !== undefined) return words(trace.saw, about, trace.says);
  // A trace of an earlier version, whose word is no longer known.
  return `The gate answered “${plainWords(trace.because)}”.`;
}

/** Whether there are words for this case: asked by tests of every case that the gates can give. */
export function hasGateWords(trace: GateTrace): boolean {
  return GATE_WORDS[trace.gate]?.[trace.because] !== undefined;
}

/** The trace as it lies in the log. What has another form is left out: then there is nothing to say about it. */
export function readTrace(stored: Json | null): GateTrace[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((entry) => {
    if (!isRecord(entry)) return [];
    const { gate, says, because, saw } = entry;
    if (typeof gate !== 'string' || typeof says !== 'string' || typeof because !== 'string') return [];
    return [{ gate, says, because, saw: isRecord(saw) ? saw : {} } as GateTrace];
  });
}

const GATE_WORDS: Record<GateName, Readonly<Record<string, Words>>> = {
  compliance: {
    clear: () =>
      'The lead has neither unsubscribed nor opted out, and the address is on no suppression list.',
    unsubscribed: () => 'The lead unsubscribed, so nobody may write to them, with anything.',
    opted_out: () => 'The lead opted out, so nobody may write to them, with anything.',
    suppressed_address: () => 'The address or its domain is on the suppression list.',
    organization_not_set: () =>
      'The organization still has a placeholder’s name and postal address, and the law asks for its own under each message. ' +
      'An admin gives them in the settings or with touchline organization set; then the message leaves automatically.',
  },
  abm_backstop: {
    not_nurture: () => 'This is no nurture, so account-based marketing does not matter here.',
    abm_inactive: () => 'No account-based marketing works on this company.',
    nurture_under_abm: () =>
      'Account-based marketing works on this company, and such a company gets no nurture.',
  },
  touch_cap: {
    transactional: () => 'A transactional message neither counts nor waits.',
    cap_zero: () => 'The policy sets a cap of 0: none may be sent until the policy changes.',
    clock_unreadable: () => 'The time could not be read, so nothing may leave.',
    under_cap: (saw, about) => `${counts(saw, about)}. One more fits.`,
    window_full: (saw, about) => `${counts(saw, about)}. No more fit.${hoursAfter(saw, about)}`,
    day_full: (saw, about) => `${counts(saw, about)}. No more fit on that day.${hoursAfter(saw, about)}`,
    window_and_day_full: (saw, about) =>
      `${counts(saw, about)}. Neither the window nor the day has room.${hoursAfter(saw, about)}`,
  },
  concurrency: {
    transactional: () => 'A transactional message collides with nothing.',
    side_conflicts_with_none: () => 'Only sales and marketing get in each other’s way; this is neither.',
    other_side_inactive: (saw) => `${sentence(otherSide(saw))} has no sequence running for this lead.`,
    t3_sales: (saw) =>
      `${tier(saw)}, and sales should never work on T3: the lead was routed wrongly, and its router was told.`,
    t1_sales_fresher: conflict,
    t1_marketing_fresher: conflict,
    t2_sales_fresher: conflict,
    t2_marketing_fresher: conflict,
    t3_sales_fresher: conflict,
    t3_marketing_fresher: conflict,
  },
  transition: {
    paused_admits_transactional: () => 'The lead is paused, but a transactional message may go.',
    legal_move: (saw) => `${sentence(type(saw))} may run while the lead is ${state(saw)}.`,
    own_state: () => 'The sequence goes on in the state that it made itself.',
    illegal_move: (saw) => `${sentence(type(saw))} may not begin while the lead is ${state(saw)}.`,
    lead_paused: (_saw, _about, says) =>
      says === 'refuse'
        ? 'The lead is paused, so no sequence may begin.'
        : 'The lead is paused, so nothing scheduled leaves until a person lets the lead go on.',
    out_of_place: (saw) => `The lead is ${state(saw)} now, where ${type(saw)} is out of place.`,
  },
};

function counts(saw: Saw, { window_hours }: GateContext): string {
  const window = window_hours === null ? 'in the rolling window' : `in the last ${hoursWords(window_hours)}`;
  const { touches_in_window, max_touches_per_window, touches_today, max_touches_per_day } = saw;
  return (
    `${number(touches_in_window)} of at most ${touchCount(number(max_touches_per_window))} ${window}, ` +
    `${number(touches_today)} of at most ${number(max_touches_per_day)} on the lead’s day`
  );
}

/** Why a hold ends later than the caps ask: the room comes at night, on a weekend or on a holiday. */
function hoursAfter({ room_from_ms }: Saw, { speaker }: GateContext): string {
  if (typeof room_from_ms !== 'number') return '';
  return ` One more fits from ${speaker.when(room_from_ms)}, outside sending hours, so the hold ends when they begin.`;
}

/** `7 days` where that is exact; a day of 24 hours, as the window counts. */
export function hoursWords(hours: number): string {
  if (hours % 24 !== 0) return `${hours} hours`;
  return hours === 24 ? '24 hours' : `${hours / 24} days`;
}

/** Who wins, and by which facts: for the side that asks and wins (`pass`) and for the one that waits. */
function conflict(saw: Saw, { speaker }: GateContext, says: GateTrace['says']): string {
  const seen = (['sales', 'marketing'] as const).map((side) => {
    const at_ms = saw[`${side}_signal_at_ms`];
    return typeof at_ms === 'number' ? `${side} saw interest on ${speaker.when(at_ms)}` : `${side} saw none`;
  });
  const waits = says === 'pass' ? otherSide(saw) : String(saw.side);
  return (
    `${sentence(otherSide(saw))} is active on this lead too. ${tier(saw)}; ${seen.join(', ')}. ` +
    `So by the conflict rules ${String(saw.winner)} goes first and ${waits} waits.`
  );
}

function tier({ icp_tier, counts_as }: Saw): string {
  return icp_tier === null ? `The lead has no tier and counts as ${counts_as}` : `The lead is ${icp_tier}`;
}

function otherSide({ side }: Saw): string {
  return side === 'sales' ? 'marketing' : 'sales';
}

function type({ sequence_type }: Saw): string {
  return SEQUENCE_WORDS[sequence_type as SequenceType] ?? 'the sequence';
}

function state({ cadence_state }: Saw): string {
  return STATE_WORDS[cadence_state as CadenceState] ?? 'in another state';
}

function number(value: Saw[string] | undefined): string {
  return typeof value === 'number' ? String(value) : 'some';
}
