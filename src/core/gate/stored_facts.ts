/**
 * A decision's facts as the log stores them beside the trace: `decide(factsFrom(row), policy)` repeats the decision. To
 * stay small, they omit harmless values, values that the event has as columns, and the signals of a lead without another
 * active sequence, because signals only settle conflicts between sequences.
 */
import type { Json } from '../../schema.gen.ts';
import type { Decision, Moment } from './decision.ts';
import { type Facts, NOTHING_AGAINST, type SequenceType } from './facts.ts';
import { localDay } from './schedule.ts';

/** The columns of a decision's event. `at_ms` is the `now_ms` of the facts. */
export type DecisionColumns = { moment: Moment; at_ms: number; sequence_type: SequenceType };

type Stored = Partial<Record<keyof Facts, unknown>>;

export function storedFacts(decision: Decision): Json {
  const { facts } = decision;
  const { moment: _moment, now_ms: _now, sequence_type: _type, ...others } = facts;
  const stored: Stored = {};
  for (const [name, value] of Object.entries(others)) {
    if (!isPlain(name, value)) stored[name as keyof Facts] = value;
  }
  if (facts.touches.length > 0)
    stored.touches = facts.touches.map(({ at_ms, local_day, settled }) => [at_ms, local_day, settled]);
  if (facts.active_sequences.length > 0)
    stored.active_sequences = facts.active_sequences.map(
      ({ enrollment_id, sequence_type, side, conflict_since_ms: since = null, priority }) => {
        const seen = [enrollment_id, sequence_type, side];
        if (priority !== 0) return [...seen, since, priority];
        return since === null ? seen : [...seen, since];
      },
    );
  else {
    delete stored.sales_signal_at_ms;
    delete stored.marketing_signal_at_ms;
  }
  const passed_over = holidaysPassedOver(decision);
  if (passed_over.length > 0) stored.public_holidays = passed_over;
  else delete stored.public_holidays;
  return stored as Json;
}

/** Null if none are stored: the decision is of an earlier version. */
export function factsFrom(
  stored: Json | null,
  { moment, at_ms, sequence_type }: DecisionColumns,
): Facts | null {
  if (stored === null) return null;
  const {
    touches = [],
    active_sequences = [],
    ...others
  } = stored as Stored & {
    touches?: [number, string, boolean][];
    active_sequences?: [string, SequenceType, Facts['side'], (number | null)?, number?][];
  };
  return {
    ...NOTHING_AGAINST,
    ...(others as Omit<Facts, keyof typeof NOTHING_AGAINST>),
    moment,
    now_ms: at_ms,
    sequence_type,
    touches: touches.map(([at, local_day, settled]) => ({ at_ms: at, local_day, settled })),
    active_sequences: active_sequences.map(([enrollment_id, type, side, since = null, priority = 0]) => {
      const waited = since === null ? {} : { conflict_since_ms: since };
      return { enrollment_id, sequence_type: type, side, priority, ...waited };
    }),
  };
}

function isPlain(name: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return Object.hasOwn(NOTHING_AGAINST, name) && (NOTHING_AGAINST as Stored)[name as keyof Facts] === value;
}

/** Holidays matter only to the end of a hold, so only those before it are stored. */
function holidaysPassedOver({ facts, outcome, until_ms }: Decision): readonly string[] {
  if (outcome !== 'hold' || until_ms === null || facts.public_holidays.length === 0) return [];
  const first = localDay(facts.now_ms, facts.time_zone);
  const last = localDay(until_ms, facts.time_zone);
  return facts.public_holidays.filter((date) => date >= first && date <= last);
}
