import type { OpportunitiesRow } from '../../schema.gen.ts';
import { inputInvalid } from '../fields.ts';

type Worth = {
  [Key in 'amount_cents' | 'currency' | 'term_months' | 'lost_reason']?: OpportunitiesRow[Key] | undefined;
};
type Settled = Worth & Pick<OpportunitiesRow, 'name' | 'stage' | 'opened_at' | 'closed_at'>;

/**
 * The row as the database accepts it: a closed one has its time, an open one has neither time nor reason. Throws `input_invalid`
 * with the path of each value that does not fit.
 */
export function settled(row: Settled, asked: { closed_at?: string | undefined }, now: Date) {
  const { name, stage, opened_at, amount_cents = null, currency = null, term_months = null } = row;
  const is_closed = stage === 'won' || stage === 'lost';
  const closed_at = asked.closed_at === undefined ? (row.closed_at ?? now) : new Date(asked.closed_at);
  const lost_reason = stage === 'lost' ? (row.lost_reason ?? null) : null;
  const faults: [boolean, string, string][] = [
    [amount_cents !== null && currency === null, 'currency', 'an amount needs a currency'],
    [amount_cents === null && currency !== null, 'amount_cents', 'a currency needs an amount'],
    [amount_cents === null && term_months !== null, 'term_months', 'a term needs an amount'],
    [opened_at > now, 'opened_at', 'is in the future'],
    [!is_closed && asked.closed_at !== undefined, 'closed_at', 'only a won or lost opportunity is closed'],
    [is_closed && closed_at > now, 'closed_at', 'is in the future'],
    [is_closed && closed_at < opened_at, 'closed_at', 'is before the opening'],
  ];
  const errors = faults.flatMap(([is_wrong, path, message]) => (is_wrong ? [{ path, message }] : []));
  if (errors.length > 0) throw inputInvalid(...errors);
  return {
    name,
    stage,
    amount_cents,
    currency,
    term_months,
    lost_reason,
    opened_at,
    closed_at: is_closed ? closed_at : null,
  };
}

/** The fields that have a value. */
export function present<Values extends object>(
  values: Values,
): Partial<{ [Key in keyof Values]: Exclude<Values[Key], undefined> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<{
    [Key in keyof Values]: Exclude<Values[Key], undefined>;
  }>;
}
