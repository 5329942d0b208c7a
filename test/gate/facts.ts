/** Facts for the tests of the gate: a lead with nothing against it, and arbitraries that seek the edges. */
import fc from 'fast-check';
import type {
  ActiveSequence,
  Facts,
  IcpTier,
  SequenceType,
  Side,
  TouchFact,
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

/** A prospecting request of sales, at noon UTC on a Monday, for an idle T2 lead in UTC that nothing hinders. */
export function facts(over: Partial<Facts> = {}): Facts {
  return {
    moment: 'requested',
    now_ms: NOON,
    time_zone: 'UTC',
    public_holidays: [],
    requested_by: 'roles.bdr',
    sequence_type: 'prospecting',
    side: 'sales',
    unsubscribe_flag: false,
    opt_out_flag: false,
    suppressed_address: false,
    organization: 'not_asked',
    abm_active: false,
    icp_tier: 'T2',
    sales_signal_at_ms: null,
    marketing_signal_at_ms: null,
    touches: [],
    active_sequences: [],
    cadence_state: 'idle',
    ...over,
  };
}

/** A settled touch with the local day that belongs to it. */
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
  };
}

/** For each gate facts that it alone stops: the first of them at any moment, each of the others for another case. */
export const HINDRANCES: Readonly<Record<GateName, readonly [Partial<Facts>, ...Partial<Facts>[]]>> = {
  compliance: [
    { opt_out_flag: true },
    { unsubscribe_flag: true },
    { suppressed_address: true },
    { organization: 'placeholder' },
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

/** Touches around `now_ms`: on the edge of the window, on the edge of days, in the future, of other zones. */
export function touchesAround(
  now_ms: number,
  time_zone: string,
  window_hours: number,
): fc.Arbitrary<TouchFact[]> {
  const edge = fc.integer({ min: -2, max: 2 }).map((off) => now_ms - window_hours * HOUR + off);
  const near = fc.integer({ min: -15 * DAY, max: DAY }).map((off) => now_ms + off);
  const on_midnight = fc
    .tuple(fc.integer({ min: -9, max: 1 }), fc.integer({ min: -2, max: 2 }))
    .map(([days, off]) => {
      const local = Temporal.Instant.fromEpochMilliseconds(now_ms).toZonedDateTimeISO(time_zone);
      return local.add({ days }).startOfDay().epochMilliseconds + off;
    });
  const one = fc
    .record({
      at_ms: fc.oneof(near, edge, on_midnight),
      zone: fc.oneof({ weight: 4, arbitrary: fc.constant(time_zone) }, fc.constantFrom(...ZONES)),
      settled: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, fc.constant(false)),
    })
    .map(({ at_ms, zone, settled }) => ({ at_ms, local_day: dateIn(at_ms, zone), settled }));
  return fc.array(one, { maxLength: 6 });
}

/** Local dates around `now_ms`, as public holidays. */
export function holidaysAround(now_ms: number): fc.Arbitrary<string[]> {
  const near = fc.integer({ min: -2, max: 12 }).map((days) => dateIn(now_ms + days * DAY, 'UTC'));
  return fc.array(near, { maxLength: 4 });
}

/** A policy by which a touch may leave at any hour of any day, so that only the caps say when. */
export const ANY_HOUR_POLICY = { business_hours: { enforce: false }, holidays: { enforce: false } };

/** Facts of any kind, with their edges near each other. */
export function anyFacts(policy: Policy): fc.Arbitrary<Facts> {
  return fc
    .constantFrom(...ZONES)
    .chain((time_zone) => fc.tuple(fc.constant(time_zone), instantIn(time_zone)))
    .chain(([time_zone, now_ms]) => {
      const rarely = fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.constant(true));
      const signal = fc.option(fc.integer({ min: -2, max: 2 }).map((off) => now_ms + off));
      const sequence = fc.record({
        enrollment_id: fc.constantFrom('e-1', 'e-2', 'e-3'),
        sequence_type: fc.constantFrom(...TYPES),
        side: fc.constantFrom(...SIDES),
      });
      return fc.record<Facts>({
        moment: fc.constantFrom(...MOMENTS),
        now_ms: fc.constant(now_ms),
        time_zone: fc.constant(time_zone),
        public_holidays: holidaysAround(now_ms),
        requested_by: fc.constantFrom('AGT-304', 'roles.sales'),
        sequence_type: fc.constantFrom(...TYPES),
        side: fc.constantFrom(...SIDES),
        unsubscribe_flag: rarely,
        opt_out_flag: rarely,
        suppressed_address: rarely,
        organization: fc.constantFrom(
          'own',
          'own',
          'own',
          'placeholder',
          'not_asked',
          'not_asked',
          'not_asked',
        ),
        abm_active: fc.boolean(),
        icp_tier: fc.constantFrom(...TIERS),
        sales_signal_at_ms: signal,
        marketing_signal_at_ms: signal,
        touches: touchesAround(now_ms, time_zone, policy.touch_cap.window_hours),
        active_sequences: fc.array(sequence, { maxLength: 3 }),
        cadence_state: fc.constantFrom(...STATES),
      });
    });
}
