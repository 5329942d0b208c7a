const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** RFC 5322 section 4.3; other names have no defined meaning. */
const ZONES: Record<string, string> = {
  EST: '-05:00',
  EDT: '-04:00',
  CST: '-06:00',
  CDT: '-05:00',
  MST: '-07:00',
  MDT: '-06:00',
  PST: '-08:00',
  PDT: '-07:00',
};

/**
 * A Date header (RFC 5322 section 3.3) as RFC 3339 with the sender's offset, or UTC if there is none. Null if invalid,
 * before 1990, or after 2099.
 */
export function mailDate(written: string): string | null {
  const match =
    /\b(\d{1,2})[ -]([A-Za-z]{3})[a-z]{0,6}[ -](\d{4}|\d{2})\s{1,3}(\d{1,2}):(\d{2})(?::(\d{2}))?\s{0,3}([+-]\d{4}|[A-Z]{1,4})?/.exec(
      written.slice(0, 100),
    );
  if (match === null) return null;
  const [, day, month_name, written_year, hour, minute, second, zone] = match;
  const month = MONTHS.indexOf((month_name ?? '').toLowerCase()) + 1;
  const year = fullYear(Number(written_year));
  if (month < 1 || year < 1990 || year > 2099) return null;
  const local = `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second ?? 0)}`;
  const written_at = `${local}${offsetOf(zone)}`;
  try {
    Temporal.PlainDateTime.from(local, { overflow: 'reject' });
    Temporal.Instant.from(written_at);
  } catch {
    return null;
  }
  return written_at;
}

/** Two digits mean this century, as in all current mail. */
function fullYear(year: number): number {
  return year < 100 ? 2000 + year : year;
}

function offsetOf(zone: string | undefined): string {
  if (zone === undefined) return '+00:00';
  if (/^[+-]/.test(zone)) {
    const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))];
    return hours <= 14 && minutes < 60 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : '+00:00';
  }
  return ZONES[zone] ?? '+00:00';
}

function two(value: string | number | undefined): string {
  return String(value ?? '').padStart(2, '0');
}
