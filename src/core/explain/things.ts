/** The parts of a next step: what waits, and where it belongs. */
import type { WakeCondition } from '../../schema.gen.ts';
import { WAKES, type WaitsFor } from '../gate/wakes.ts';
import type { HistoryItem, LeadHistory, NextThing } from './history.ts';
import { isoOf, type Speaker } from './words.ts';

export type Context = { history: LeadHistory; speaker: Speaker; free_ms: number | null };

/** A step that waits: until an instant if known, else until its condition is met. */
export function waiting(
  place: Place,
  context: Context,
  until: Date | null,
  wake: WakeCondition | null,
  what: string,
  then: string,
): NextThing {
  if (place.campaign_status !== 'active') return campaignInactive(place, what);
  const ends = WAKES[wake ?? 'never'];
  if (until === null) return thing(place, null, ends.waits_for, `${what} until ${ends.until}; ${then}.`);
  const { now_ms } = context.history;
  const until_ms = until.getTime();
  if (until_ms <= now_ms)
    return thing(place, now_ms, 'nothing', `${what}, but the wait is over: the gates run next.`);
  return thing(place, until_ms, 'time', `${what} until ${context.speaker.when(until_ms)}; ${then}.`);
}

export function campaignInactive(place: Place, what: string): NextThing {
  return byPerson(
    place,
    `${what}: its campaign is ${place.campaign_status}, and a person can make it active.`,
  );
}

export type Place = Pick<HistoryItem, 'campaign_slug' | 'campaign_status'> & { step_number: number | null };

export function thing(place: Place, at_ms: number | null, waits_for: WaitsFor, text: string): NextThing {
  const at = at_ms === null ? null : isoOf(at_ms);
  return { at, text, waits_for, campaign: place.campaign_slug, step_number: place.step_number };
}

export function byPerson(place: Place, text: string): NextThing {
  return thing(place, null, 'person', text);
}

export function nothing(text: string): NextThing {
  return { at: null, text, waits_for: 'nothing', campaign: null, step_number: null };
}
