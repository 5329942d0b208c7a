/** Facts for tests of the gate: a lead without obstacles, and arbitraries that favor edge cases. */
import fc from 'fast-check';
import {
  type ActiveSequence,
  type Facts,
  type IcpTier,
  NOTHING_AGAINST,
  type SequenceType,
  type Side,
  type TouchFact,
} from '../../src/core/gate/facts.ts';
import type { Policy } from '../../src/core/gate/policy.ts';
import {
  CADENCE_STATE_VALUES,
  GATE_MOMENT_VALUES,
  type GateName,
  ICP_TIER_VALUES,
  SEQUENCE_TYPE_VALUES,
  SIDE_VALUES,
} from '../../src/schema.gen.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const MOMENTS = GATE_MOMENT_VALUES;
export const TIERS: readonly (IcpTier | null)[] = [...ICP_TIER_VALUES, null];
export const TYPES = SEQUENCE_TYPE_VALUES;
export const SIDES = SIDE_VALUES;
export const STATES = CADENCE_STATE_VALUES;
export const ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Havana',
  'America/Santiago',
  'Africa/Cairo',
  'Pacific/Kiritimati',
  'Pacific/Honolulu',
  'Asia/Kathmandu',
  'UTC',
] as const;

/** Epoch milliseconds of `2026-11-16T12:00Z` or `2026-03-08T02:30[America/New_York]`. */
export function at(text: string): number {
  return text.includes('[')
    ? Temporal.ZonedDateTime.from(text).epochMilliseconds
    : Temporal.Instant.from(text).epochMilliseconds;
}

const NOON = at('2026-11-16T12:00Z');

/** A prospecting request by sales, at noon UTC on a Monday, for an idle T2 lead in UTC without obstacles. */
export function facts(over: Partial<Facts> = {}): Facts {
  return {
    ...NOTHING_AGAINST,
    moment: 'requested',
    now_ms: NOON,
    time_zone: 'UTC',
    requested_by: 'roles.bdr',
    sequence_type: 'prospecting',
    side: 'sales',
    icp_tier: 'T2',
    cadence_state: 'idle',
    ...over,
  };
}

/** A settled touch with its local day. */
export function touch(at_ms: number, over: Partial<TouchFact> & { time_zone?: string } = {}): TouchFact {
  const { time_zone = 'UTC', ...rest } = over;
  return { at_ms, local_day: dateIn(at_ms, time_zone), settled: true, ...rest };
}

export function dateIn(ms: number, time_zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(time_zone).toPlainDate().toString();
}

export function active(
  side: Side,
  enrollment_id = `e-${side}`,
  sequence_type?: SequenceType,
): ActiveSequence {
  return {
    enrollment_id,
    side,
    sequence_type: sequence_type ?? (side === 'marketing' ? 'nurture' : 'prospecting'),
    priority: 0,
  };
}

/** For each gate, facts that only this gate stops: the first at any moment, each of the others for another case. */
export const HINDRANCES: Readonly<Record<GateName, readonly [Partial<Facts>, ...Partial<Facts>[]]>> = {
  compliance: [
    { opt_out_flag: true },
    { unsubscribe_flag: true },
    { suppressed_address: true },
    { organization: 'placeholder' },
    { entry_lacks: 'routing' },
    { entry_lacks: 'executive' },
  ],
  abm_backstop: [
    { sequence_type: 'nurture', side: 'marketing', abm_active: true },
    { sequence_type: 'nurture', side: 'marketing', abm_active: false },
  ],
  touch_cap: [{ touches: [touch(NOON - 1)] }],
  concurrency: [{ side: 'marketing', active_sequences: [active('sales')] }],
  transition: [{ cadence_state: 'paused' }],
};

/** Instants of 2024 to 2030: anywhere, and close to where a zone changes its clock or its date. */
export function instantIn(time_zone: string): fc.Arbitrary<number> {
  const anywhere = fc.integer({ min: at('2024-01-01T00:00Z'), max: at('2031-01-01T00:00Z') });
  const near_midnight = fc.tuple(anywhere, fc.integer({ min: -2, max: 2 })).map(([ms, off]) => {
    const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(time_zone);
    return local.startOfDay().epochMilliseconds + off;
  });
  const near_change = fc.tuple(anywhere, fc.integer({ min: -9 * DAY, max: 9 * DAY })).map(([ms, off]) => {
    const change = Temporal.Instant.fromEpochMilliseconds(ms)
      .toZonedDateTimeISO(time_zone)
      .getTimeZoneTransition('next');
    return change === null ? ms : change.epochMilliseconds + off;
  });
  return fc.oneof(anywhere, near_midnight, near_change);
}

/** `usual` in n of n + 1 cases. */
export const mostly = <Usual, Other>(
  weight: number,
  usual: fc.Arbitrary<Usual>,
  other: fc.Arbitrary<Other>,
) => fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });

/** Touches around `now_ms`: at the edge of the window, at the edge of days, in the future, in other zones. */
export function touchesAround(
  now_ms: number,
  time_zone: string,
  window_hours: number,
): fc.Arbitrary<TouchFact[]> {
  const window_ms = window_hours * HOUR;
  const near = fc.integer({ min: -2, max: 2 });
  const midnight = fc.integer({ min: -9, max: 9 }).map((days) => {
    const local = Temporal.Instant.fromEpochMilliseconds(now_ms).toZonedDateTimeISO(time_zone);
    return local.add({ days }).startOfDay().epochMilliseconds;
  });
  const at_ms = fc.oneof(
    near.map((off) => now_ms - window_ms + off),
    fc.integer({ min: -15 * DAY, max: DAY }).map((off) => now_ms + off),
    fc.integer({ min: 0, max: 2 * DAY }).map((ago) => now_ms - ago),
    fc.integer({ min: 0, max: window_ms + DAY }).map((ago) => now_ms - ago),
    fc.tuple(midnight, near).map(([start, off]) => start + off),
    // It leaves the window close to a midnight.
    fc.tuple(midnight, near).map(([start, off]) => start - window_ms + off),
  );
  const zone = mostly(5, fc.constant(time_zone), fc.constantFrom<string>(...ZONES));
  const days_off = mostly(9, fc.constant(0), fc.integer({ min: 1, max: 5 }));
  const one = fc
    .record({ at_ms, zone, days_off, settled: mostly(15, fc.constant(true), fc.constant(false)) })
    .map((made) => {
      const local_day = dateIn(made.at_ms + made.days_off * DAY, made.zone);
      return { at_ms: made.at_ms, local_day, settled: made.settled };
    });
  return mostly(3, fc.array(one, { maxLength: 4 }), fc.array(one, { maxLength: 12 }));
}

/** Local dates around `now_ms`, as public holidays. */
export function holidaysAround(now_ms: number): fc.Arbitrary<string[]> {
  const near = fc.integer({ min: -2, max: 12 }).map((days) => dateIn(now_ms + days * DAY, 'UTC'));
  return fc.array(near, { maxLength: 4 });
}

/** A policy that allows touches at any hour of any day, so that only the caps set the time. */
export const ANY_HOUR_POLICY = { business_hours: { enforce: false }, holidays: { enforce: false } };

const SIDE_OF: Record<SequenceType, Side> = {
  nurture: 'marketing',
  prospecting: 'sales',
  closing: 'sales',
  onboarding: 'service',
  transactional: 'none',
};

/** A sequence type and its side, which sometimes differ. */
const anySequence = fc
  .constantFrom<SequenceType>('nurture', 'nurture', 'prospecting', 'prospecting', ...TYPES)
  .chain((sequence_type) =>
    fc.record({
      sequence_type: fc.constant(sequence_type),
      side: mostly(3, fc.constant(SIDE_OF[sequence_type]), fc.constantFrom(...SIDES)),
    }),
  );

const anyPriority = fc.constantFrom(0, 0, 0, -1, 1, 5);

/** Signals of both sides: close together, long ago, or none. */
function signalsAround(now_ms: number) {
  const at_ms = fc.constantFrom(null, 0, 0, now_ms, now_ms - DAY, now_ms - 60 * DAY);
  return at_ms.chain((sales_signal_at_ms) =>
    fc.record({
      sales_signal_at_ms: fc.constant(sales_signal_at_ms),
      marketing_signal_at_ms: fc.oneof(
        fc.integer({ min: -1, max: 1 }).map((off) => (sales_signal_at_ms ?? now_ms) + off),
        at_ms,
      ),
    }),
  );
}

/** Facts of any kind, with their edges close together; most of them pass several gates. */
export function anyFacts(policy: Policy): fc.Arbitrary<Facts> {
  const rarely = mostly(30, fc.constant(false), fc.constant(true));
  const organization = mostly<Facts['organization'], Facts['organization']>(
    30,
    fc.constantFrom('own', 'not_asked'),
    fc.constant('placeholder'),
  );
  return fc
    .tuple(fc.constantFrom(...ZONES), anySequence)
    .chain(([time_zone, asking]) => fc.tuple(fc.constant({ time_zone, ...asking }), instantIn(time_zone)))
    .chain(([asking, now_ms]) => {
      const { time_zone, sequence_type } = asking;
      const own_state = sequence_type === 'transactional' ? 'idle' : sequence_type;
      const since = mostly(
        2,
        fc.constant(null),
        fc.integer({ min: -72, max: 1 }).map((hours) => now_ms + hours * HOUR),
      );
      const running = fc
        .tuple(fc.constantFrom('e-1', 'e-2', 'e-3'), anySequence, anyPriority, since)
        .map(([enrollment_id, sequence, priority, at]) => ({
          enrollment_id,
          ...sequence,
          priority,
          ...(at === null ? {} : { conflict_since_ms: at }),
        }));
      const side = fc.constantFrom<Side>('sales', 'marketing');
      const on_a_side = fc.tuple(running, side).map(([one, other]) => ({ ...one, side: other }));
      return fc
        .tuple(
          signalsAround(now_ms),
          fc.record<Omit<Facts, 'sales_signal_at_ms' | 'marketing_signal_at_ms'>>({
            moment: fc.constantFrom(...MOMENTS),
            now_ms: fc.constant(now_ms),
            time_zone: fc.constant(time_zone),
            public_holidays: holidaysAround(now_ms),
            requested_by: fc.constantFrom('AGT-304', 'roles.sales'),
            sequence_type: fc.constant(sequence_type),
            side: fc.constant(asking.side),
            priority: anyPriority,
            unsubscribe_flag: rarely,
            opt_out_flag: rarely,
            suppressed_address: rarely,
            entry_lacks: mostly(
              30,
              fc.constant(null),
              fc.constantFrom('routing' as const, 'executive' as const),
            ),
            organization,
            abm_active: mostly(3, fc.constant(false), fc.constant(true)),
            icp_tier: fc.constantFrom(...TIERS),
            conflict_since_ms: mostly(
              2,
              fc.constant(null),
              fc.integer({ min: -72, max: 1 }).map((hours) => now_ms + hours * HOUR),
            ),
            touches: touchesAround(now_ms, time_zone, policy.touch_cap.window_hours),
            active_sequences: fc.array(fc.oneof(running, on_a_side), { maxLength: 3 }),
            earlier_count: fc.option(fc.integer({ min: 0, max: 3 })),
            cadence_state: mostly(2, fc.constantFrom(...STATES), fc.constant(own_state)),
          }),
        )
        .map(([signals, others]) => ({ ...others, ...signals }));
    });
}
