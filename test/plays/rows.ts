import type { Arm } from '../../src/core/plays/comparison.ts';
import type { DealRow, PeopleRow, WonRow } from '../../src/core/plays/measures.ts';
import type { Simulated } from './simulated_year.ts';

/** The rows of simulated people, as the product's query counts them. */
export function rowsOf(people: readonly Simulated[], stratumOf: (one: Simulated) => string) {
  const rows: { people: PeopleRow[]; deals: DealRow[]; won: WonRow[] } = { people: [], deals: [], won: [] };
  for (const one of people) {
    const { account, arm, has_meeting, deal } = one;
    const at: { stratum: string; account: string; arm: Arm } = {
      stratum: stratumOf(one),
      account: String(account),
      arm,
    };
    const opportunities = deal === null ? 0 : 1;
    rows.people.push({ ...at, people: 1, meetings: has_meeting ? 1 : 0, opportunities });
    if (deal === null) continue;
    rows.deals.push({ ...at, day: deal.day, end: deal.end, deals: 1 });
    if (deal.end === 'won') rows.won.push({ ...at, currency: 'EUR', deals: 1, acv_cents: deal.acv_cents });
  }
  return rows;
}
