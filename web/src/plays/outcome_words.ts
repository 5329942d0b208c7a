import type { AnalyticsOutcomesOutput } from '../api/schema.d.ts';
import { countWords } from '../ui/count.ts';

export type Outcome = AnalyticsOutcomesOutput['items'][number];

export const MEASURE_WORDS: Readonly<Record<Outcome['measure'], string>> = {
  meeting_rate: 'People who met',
  opp_create_rate: 'People with an opportunity',
  win_rate: 'Opportunities won within 90 days',
  sales_cycle_days: 'Days until an opportunity closes, up to 90',
  acv_cents: 'Value of a won deal per year',
};

/** `2026-Q3` as `Q3 2026`. */
export function quarterOf(quarter: string): string {
  return quarter.split('-').toReversed().join(' ');
}

/** A value of the measure: `12.3%`, `41.5 days`, or an amount; empty below the minimum. */
export function shownValue(item: Outcome, value: number | null): string {
  if (value === null) return '';
  switch (item.measure) {
    case 'sales_cycle_days':
      return `${digits(value)} days`;
    case 'acv_cents':
      return amountOf(item, value);
    default:
      return `${digits(value * 100)}%`;
  }
}

/** A difference with its sign; that of two rates is in points. */
export function differenceOf(item: Outcome, difference: number): string {
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '';
  return sign + unsigned(item, Math.abs(difference));
}

export function rangeOf(item: Outcome): string {
  const [lowest, highest] = [differenceOf(item, item.lowest!), differenceOf(item, item.highest!)];
  return `${lowest.replace(/ \w+$/, '')} to ${highest}`;
}

/** The people, accounts, and outcomes that are missing before a difference is shown. */
export function needsOf({ needs_people, needs_accounts, needs_events, measure }: Outcome): string {
  const noun = measure === 'meeting_rate' || measure === 'opp_create_rate' ? 'person' : 'deal';
  const people = noun === 'person' ? 'people' : 'deals';
  const needs = [
    needs_people > 0
      ? `${needs_people.toLocaleString('en')} more ${needs_people === 1 ? noun : people}`
      : null,
    needs_accounts > 0 ? countWords(needs_accounts, 'more account') : null,
    needs_events > 0 ? countWords(needs_events, 'more outcome') : null,
  ].filter((one) => one !== null);
  if (needs.length === 0) return 'No group of similar people has both.';
  return `The smaller group needs ${needs.join(', ')}.`;
}

function unsigned(item: Outcome, size: number): string {
  switch (item.measure) {
    case 'sales_cycle_days':
      return `${digits(size)} days`;
    case 'acv_cents':
      return amountOf(item, size);
    default:
      return `${digits(size * 100)} points`;
  }
}

function amountOf({ currency }: Outcome, cents: number): string {
  const options = { style: 'currency', currency: currency ?? 'USD', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat('en', options).format(cents / 100);
}

const digits = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
