import type { ListedOpportunity } from '../api/schema.d.ts';

/** The stages in their order, with their labels. */
export const OPPORTUNITY_STAGES = [
  ['lead', 'Lead'],
  ['in_progress', 'In progress'],
  ['won', 'Won'],
  ['lost', 'Lost'],
] as const;

type Worth = Pick<ListedOpportunity, 'amount_cents' | 'currency' | 'term_months' | 'acv_cents' | 'acv_basis'>;

/** The worth of an opportunity: "€12,000.00 over 24 months, €6,000.00 a year. " Empty without an amount. */
export function moneyOf({ amount_cents, currency, term_months, acv_cents, acv_basis }: Worth): string {
  if (amount_cents === null || currency === null) return '';
  const amount = money(amount_cents, currency);
  if (acv_basis !== 'term' || acv_cents === null) return `${amount}. `;
  const months = term_months === 1 ? '1 month' : `${term_months} months`;
  return `${amount} over ${months}, ${money(acv_cents, currency)} a year. `;
}

function money(cents: number, currency: string): string {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(cents / 100);
}

/** Hundredths of a typed amount such as "1,200.50"; null if it is none. */
export function centsOf(typed: string): number | null {
  const plain = typed.trim().replaceAll(/[,\s]/g, '');
  return /^\d{1,13}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : null;
}
