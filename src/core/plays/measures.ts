/** The measures of outcomes: what each counts, and when there is enough to compare. Pure: no clock, no I/O. */
import { type Arm, type Cell, type Comparison, compare } from './comparison.ts';
import { type DealsOfDay, hasEnded, weightsOf } from './open_deals.ts';

/** Deals are followed for this long after they were opened: half as long as people, by default. */
export const DEAL_DAYS = 90;
/** An interval of a rate with fewer events would be too narrow. */
const EVENTS_MIN = 10;

export const MEASURES = [
  'meeting_rate',
  'opp_create_rate',
  'win_rate',
  'sales_cycle_days',
  'acv_cents',
] as const;
export type Measure = (typeof MEASURES)[number];

/** People who began, by the account that they belong to; one row per stratum, account, and group. */
export type PeopleRow = {
  stratum: string;
  account: string;
  arm: Arm;
  people: number;
  meetings: number;
  opportunities: number;
};
export type DealRow = DealsOfDay & { stratum: string; account: string; arm: Arm };
/** Won deals of one currency. */
export type WonRow = {
  stratum: string;
  account: string;
  arm: Arm;
  currency: string;
  deals: number;
  acv_cents: number;
};

export type Minimum = { people: number; accounts: number };

/** How many more each group needs before an interval is shown. All zero: enough, but no stratum has both groups. */
type Needs = { people: number; accounts: number; events: number };

export type Measured = {
  measure: Measure;
  /** An amount. */
  currency: string | null;
  with: Counts;
  without: Counts;
  comparison: Comparison | null;
  needs: Needs | null;
};

/** `of`: people, or deals of which the measure is taken. `events`: those that count as a success; for a mean, the same as `of`. */
type Counts = { of: number; events: number; accounts: number };

type Counted = Cell & { of: number; events: number };

/** Measures both groups. Below the minimum a measure has counts only, and says how much is missing. */
export function measure(
  { people, deals, won }: { people: readonly PeopleRow[]; deals: readonly DealRow[]; won: readonly WonRow[] },
  minimum: Minimum,
): Measured[] {
  const rate = (name: 'meetings' | 'opportunities') =>
    people.map(({ stratum, account, arm, people: of, [name]: events }) => {
      return { stratum, account, arm, of, events, total: events, base: of };
    });
  const currencies = [...new Set(won.map(({ currency }) => currency))].sort();
  return [
    measured('meeting_rate', null, rate('meetings'), minimum),
    measured('opp_create_rate', null, rate('opportunities'), minimum),
    measured('win_rate', null, cellsOfDeals(deals, winsOf), minimum),
    measured('sales_cycle_days', null, cellsOfDeals(deals, daysOf), minimum),
    ...currencies.map((currency) => {
      const own = won.filter((row) => row.currency === currency);
      const cells = own.map(({ stratum, account, arm, deals: of, acv_cents }) => {
        return { stratum, account, arm, of, events: of, total: acv_cents, base: of };
      });
      return measured('acv_cents', currency, cells, minimum);
    }),
  ];
}

const winsOf = (row: DealRow) => (hasEnded(row, DEAL_DAYS) && row.end === 'won' ? 1 : 0);
const daysOf = (row: DealRow) => Math.min(row.day, DEAL_DAYS);

/** Each group has its own weights, since its deals may be opened earlier or later. */
function cellsOfDeals(deals: readonly DealRow[], numberOf: (row: DealRow) => number): Counted[] {
  return (['with', 'without'] as const).flatMap((arm) => {
    const own = deals.filter((row) => row.arm === arm);
    const weightOf = weightsOf(own, DEAL_DAYS);
    return own.map((row) => {
      const base = weightOf(row) * row.deals;
      const { stratum, account, deals: of } = row;
      return {
        stratum,
        account,
        arm,
        of,
        events: hasEnded(row, DEAL_DAYS) ? of : 0,
        total: base * numberOf(row),
        base,
      };
    });
  });
}

function measured(
  name: Measure,
  currency: string | null,
  cells: readonly Counted[],
  minimum: Minimum,
): Measured {
  const counts = { with: countsOf(cells, 'with'), without: countsOf(cells, 'without') };
  const needs = needsOf(name, counts, minimum);
  const lacks = needs.people > 0 || needs.accounts > 0 || needs.events > 0;
  const comparison = lacks ? null : compare(cells);
  return { measure: name, currency, ...counts, comparison, needs: comparison === null ? needs : null };
}

function countsOf(cells: readonly Counted[], arm: Arm): Counts {
  const own = cells.filter((cell) => cell.arm === arm);
  const sum = (of: 'of' | 'events') => own.reduce((total, cell) => total + cell[of], 0);
  return { of: sum('of'), events: sum('events'), accounts: new Set(own.map(({ account }) => account)).size };
}

/** Deals are rarer than people: their minimum is that of accounts. */
function needsOf(name: Measure, counts: Record<Arm, Counts>, minimum: Minimum): Needs {
  const { with: one, without: other } = counts;
  const lack = (least: number, of: 'of' | 'events' | 'accounts') =>
    Math.max(0, least - Math.min(one[of], other[of]));
  const is_rate = name === 'meeting_rate' || name === 'opp_create_rate';
  return {
    people: lack(is_rate ? minimum.people : minimum.accounts, 'of'),
    accounts: lack(minimum.accounts, 'accounts'),
    events: lack(EVENTS_MIN, 'events'),
  };
}
