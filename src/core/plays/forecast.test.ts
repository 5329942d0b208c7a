import { describe, expect, it } from 'vitest';
import { touchesByWeek } from './forecast.ts';

describe('the touches of a play by week', () => {
  it.each([
    { days: [], leads: 10, cap: 3, expected: [] },
    { days: [0], leads: 10, cap: 3, expected: [10] },
    { days: [0, 4, 7, 21], leads: 2, cap: 3, expected: [4, 2, 0, 2] },
    { days: [0, 1, 2, 3, 4], leads: 10, cap: 3, expected: [30] },
    { days: [0, 1, 2, 3, 4], leads: 10, cap: null, expected: [50] },
    { days: [6, 7], leads: 1, cap: 3, expected: [1, 1] },
    { days: [0], leads: 0, cap: 3, expected: [0] },
    { days: [0, 8], leads: 5, cap: 0, expected: [0, 0] },
  ])('$days for $leads leads under a cap of $cap', ({ days, leads, cap, expected }) => {
    const steps = days.map((delay_days) => ({ delay_days }));
    const weeks = touchesByWeek(steps, leads, cap);
    expect(weeks.map(({ touches }) => touches)).toEqual(expected);
    expect(weeks.map(({ week }) => week)).toEqual(expected.map((_, at) => at + 1));
  });
});
