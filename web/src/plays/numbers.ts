/** Parses a typed number and divides it by `per`; undefined if empty, NaN if invalid. */
export function numberOf(typed: string, per = 1): number | undefined {
  const text = typed.trim().replace(',', '.').replaceAll(/[\s_]/g, '');
  if (text === '') return undefined;
  // Rounds away binary fractions: 8 / 100 stays 0.08, and 7.1 / 100 becomes 0.071.
  return Number((Number(text) / per).toPrecision(12));
}

/** Formats a share as a typed percentage. */
export function percentOf(share: number | undefined): string {
  return share === undefined ? '' : String(Number((share * 100).toPrecision(12)));
}
