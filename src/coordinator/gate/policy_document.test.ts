import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../errors.ts';
import { defaultPolicy, parsePolicy, policyDocument } from './policy_document.ts';

/** Paths and messages of the refusal, or a failure when there is none. */
function faults(overrides: unknown): string[] {
  try {
    parsePolicy(overrides);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error).toMatchObject({ code: 'policy_invalid', status: 422 });
    return error.errors?.map(({ path, message }) => `${path}: ${message}`) ?? [];
  }
  throw new Error('the policy was accepted');
}

describe('the default policy', () => {
  test('has the numbers from the specifications', () => {
    expect(defaultPolicy()).toMatchObject({
      touch_cap: { max_touches_per_window: 3, window_hours: 168, max_touches_per_day: 1 },
      unknown_tier: 'T2',
      t3_sales: 'refuse',
      routing_error_agent: 'AGT-202',
      stall_days: 7,
      escalation_business_days: 3,
      backlog_paused_leads: 10,
      active_play_drift: 30,
      business_hours: { enforce: true, start_minute: 480, end_minute: 1080 },
      keep_spacing: true,
      four_eyes: false,
    });
    expect(defaultPolicy()).toEqual(parsePolicy({}));
    expect(parsePolicy(null)).toEqual(parsePolicy(undefined));
  });

  test('is one frozen object', () => {
    expect(defaultPolicy()).toBe(defaultPolicy());
    expect(Object.isFrozen(defaultPolicy().conflict_matrix.T1.sales_fresher)).toBe(true);
  });

  test('gives a reason for every number', () => {
    const yaml = readFileSync(new URL('../../../policy/default.yaml', import.meta.url), 'utf8');
    const lines = yaml.split('\n').map((line) => line.trim());
    const unexplained = lines.filter((line, place) => {
      return /: .*\d/.test(line) && !line.startsWith('#') && !explained(lines, place);
    });
    expect(unexplained).toEqual([]);
  });

  /** The comment is right above the line, or above the lines that share it (no blank line in between). */
  function explained(lines: readonly string[], place: number): boolean {
    const above = lines.slice(0, place).reverse();
    const block = above.slice(0, above.indexOf(''));
    return block.some((line) => line.startsWith('#'));
  }
});

describe('overrides', () => {
  test('replace the default key by key', () => {
    const policy = parsePolicy({ touch_cap: { max_touches_per_window: 5 }, four_eyes: true });
    expect(policy.touch_cap).toEqual({
      max_touches_per_window: 5,
      window_hours: 168,
      max_touches_per_day: 1,
    });
    expect(policy.four_eyes).toBe(true);
    expect(policy.conflict_matrix).toEqual(defaultPolicy().conflict_matrix);
  });

  test('reach into the matrix and may set a value to null', () => {
    const policy = parsePolicy({ conflict_matrix: { T2: { sales_fresher: { loser_queued_hours: null } } } });
    expect(policy.conflict_matrix.T2.sales_fresher).toEqual({ winner: 'sales', loser_queued_hours: null });
    expect(policy.conflict_matrix.T2.marketing_fresher.loser_queued_hours).toBe(48);
  });

  test('may replace a list with another list, and a word with a list', () => {
    const { legal_moves } = parsePolicy({ legal_moves: { nurture: ['idle'], closing: 'any' } });
    expect(legal_moves).toMatchObject({
      nurture: ['idle'],
      closing: 'any',
      onboarding: ['closing', 'customer'],
    });
  });

  test('convert times of day to minutes', () => {
    const { business_hours } = parsePolicy({
      business_hours: { enforce: true, start: '09:30', end: '24:00' },
    });
    expect(business_hours).toEqual({
      enforce: true,
      weekdays: [1, 2, 3, 4, 5],
      start_minute: 570,
      end_minute: 1440,
    });
  });

  test('leave the default unchanged', () => {
    const before = structuredClone(defaultPolicy());
    const document = policyDocument({ touch_cap: { window_hours: 24 } });
    document.holidays.dates.push('2026-12-25');
    document.backlog_paused_leads = 8;
    expect(parsePolicy({})).toEqual(before);
  });

  test('can be edited and submitted again in their written form', () => {
    const document = policyDocument({ business_hours: { start: '07:00' } });
    expect(document.business_hours).toMatchObject({ start: '07:00', end: '18:00' });
    expect(parsePolicy(document)).toEqual(parsePolicy({ business_hours: { start: '07:00' } }));
  });
});

describe('faults name their path', () => {
  test.each([
    [{ touch_cap: { max_touches_per_window: -1 } }, 'touch_cap.max_touches_per_window'],
    [{ touch_cap: { max_touches_per_day: 1.5 } }, 'touch_cap.max_touches_per_day'],
    [{ touch_cap: { window_hours: 0 } }, 'touch_cap.window_hours'],
    [{ touch_cap: { window_hours: 2161 } }, 'touch_cap.window_hours'],
    [{ touch_cap: null }, 'touch_cap'],
    [{ retry_hours: Number.NaN }, 'retry_hours'],
    [{ stall_days: '7' }, 'stall_days'],
    [{ unknown_tier: 'T4' }, 'unknown_tier'],
    [
      { conflict_matrix: { T1: { sales_fresher: { winner: 'nobody' } } } },
      'conflict_matrix.T1.sales_fresher.winner',
    ],
    [
      { conflict_matrix: { T2: { sales_fresher: { loser_queued_hours: 0 } } } },
      'conflict_matrix.T2.sales_fresher.loser_queued_hours',
    ],
    [{ legal_moves: { nurture: ['paused'] } }, 'legal_moves.nurture'],
    [{ business_hours: { start: '8:00' } }, 'business_hours.start'],
    [{ business_hours: { end: '24:01' } }, 'business_hours.end'],
    [{ business_hours: { start: '18:00' } }, 'business_hours.end'],
    [{ business_hours: { weekdays: [] } }, 'business_hours.weekdays'],
    [{ business_hours: { weekdays: [0] } }, 'business_hours.weekdays.0'],
    [{ holidays: { dates: ['2026-02-30'] } }, 'holidays.dates.0'],
    [{ four_eyes: 'yes' }, 'four_eyes'],
  ])('%j', (overrides, path) => {
    expect(faults(overrides)).toEqual([expect.stringContaining(`${path}: `)]);
  });

  test('unknown keys are refused at every depth', () => {
    expect(faults({ toch_cap: 1 })).toEqual(['toch_cap: unknown key']);
    expect(faults({ touch_cap: { daily: 1, weekly: 2 } })).toEqual([
      'touch_cap.daily: unknown key',
      'touch_cap.weekly: unknown key',
    ]);
    expect(faults({ business_hours: { start_minute: 480 } })).toEqual([
      'business_hours.start_minute: unknown key',
    ]);
    expect(faults(JSON.parse('{"__proto__": {"x": 1}, "constructor": 1}'))).toHaveLength(2);
  });

  test('all faults are reported at once', () => {
    expect(
      faults({ touch_cap: { window_hours: 0, max_touches_per_day: -1 }, four_eyes: 1, x: 1 }),
    ).toHaveLength(4);
  });

  test.each([5, 'touch_cap', [], true])('%j is not a policy', (overrides) => {
    expect(faults(overrides)).toEqual([': expected an object']);
  });
});
