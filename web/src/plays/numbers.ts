/** What was typed as a number, divided by `per`; undefined where nothing was typed, NaN where it is no number. */
export function numberOf(typed: string, per = 1): number | undefined {
  const text = typed.trim().replace(',', '.').replaceAll(/[\s_]/g, '');
  if (text === '') return undefined;
  // Binary fractions: 8 / 100 shall stay 0.08, and 7.1 / 100 become 0.071.
  return Number((Number(text) / per).toPrecision(12));
}

/** A share in per cent, as it is typed. */
export function percentOf(share: number | undefined): string {
  return share === undefined ? '' : String(Number((share * 100).toPrecision(12)));
}
