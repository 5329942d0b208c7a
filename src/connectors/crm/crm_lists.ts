/** The values that the CRM lacks, compared without case. Undefined if none, since an empty list would be a change. */
export function absentOf(wanted: readonly string[], stored: readonly string[]): string[] | undefined {
  const has = new Set(stored.map((value) => value.toLowerCase()));
  const absent = wanted.filter((value) => !has.has(value.toLowerCase()));
  return absent.length === 0 ? undefined : absent;
}
