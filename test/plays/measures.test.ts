import { describe, expect, inject, it } from 'vitest';
import { type Measure, measure } from '../../src/core/plays/measures.ts';
import { seededRandom } from '../faults/seeded_random.ts';
import { scale } from '../scale.ts';
import { rowsOf } from './rows.ts';
import { type Simulated, simulateYear, TRUTH } from './simulated_year.ts';

/* Years in which the truth is known: the brain chooses better strata, people of one account share their luck, and deals are
   still open at the end. */

const YEARS = scale(60, 1_000);
/** Years of 100. The short run has few years, so it only finds gross faults. */
const HELD = { least: scale(85, 93), most: scale(100, 99) };
const MEASURES = Object.keys(TRUTH) as Measure[];

const held: Record<string, number> = {};
const held_pooled: Record<string, number> = {};
const random = seededRandom(inject('seed'));
for (let year = 0; year < YEARS; year += 1) {
  const people = simulateYear(random, 500, 12);
  count(held, people, ({ stratum }) => `stratum ${stratum}`);
  count(held_pooled, people, () => 'all');
}

function count(
  into: Record<string, number>,
  people: Simulated[],
  stratumOf: (one: Simulated) => string,
): void {
  const measured = measure(rowsOf(people, stratumOf), { people: 100, accounts: 20 });
  for (const { measure: name, comparison } of measured) {
    const { lowest, highest } = comparison!;
    into[name] = (into[name] ?? 0) + (lowest <= TRUTH[name] && TRUTH[name] <= highest ? 1 : 0);
  }
}

describe.each(MEASURES)('%s', (name) => {
  it('has an interval that holds the true effect as often as it says', () => {
    const share = (100 * held[name]!) / YEARS;
    process.stdout.write(
      `${name}: held in ${share.toFixed(1)} of 100, pooled ${((100 * held_pooled[name]!) / YEARS).toFixed(1)}\n`,
    );
    expect(share).toBeGreaterThanOrEqual(HELD.least);
    expect(share).toBeLessThanOrEqual(HELD.most);
  });

  it('would miss it without strata', () => {
    expect(held_pooled[name]! / YEARS).toBeLessThan(0.5);
  });
});
