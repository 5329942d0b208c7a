import { type SharedClock, simulatedMs } from './shared_clock.ts';
import type { JournalEntry } from './storm_sink.ts';

/** The caps of a storm, written down again: the auditor trusts no line of the product. */
export const WINDOW_MS = 168 * 3_600_000;
export const PER_WINDOW = 3;

/** The caps by the sink's own times: three in any 168 hours, one a day in the lead's time zone. */
export function auditCaps(
  items: readonly { email: string; time_zone: string }[],
  { journal, clock }: { journal: readonly JournalEntry[]; clock: SharedClock },
): string[] {
  const findings: string[] = [];
  const zones = new Map(items.map(({ email, time_zone }) => [email, time_zone]));
  const delivered = journal.filter(({ end_ms }) => end_ms !== null);
  for (const [email, entries] of Map.groupBy(delivered, ({ to }) => to)) {
    const day_of = new Intl.DateTimeFormat('en-CA', {
      timeZone: zones.get(email) ?? 'UTC',
      dateStyle: 'short',
    });
    const times = entries.map(({ end_ms }) => simulatedMs(clock, end_ms!)).sort((a, b) => a - b);
    for (const [at, time_ms] of times.entries()) {
      const oldest_ms = times[at - PER_WINDOW];
      if (oldest_ms !== undefined && time_ms - oldest_ms < WINDOW_MS) {
        findings.push(`over cap: ${email} got more than ${PER_WINDOW} in 168 hours before ${iso(time_ms)}`);
      }
      const before_ms = times[at - 1];
      if (before_ms !== undefined && day_of.format(before_ms) === day_of.format(time_ms)) {
        findings.push(`over cap: ${email} got two on the day of ${iso(time_ms)}`);
      }
    }
  }
  return findings;
}

const iso = (ms: number) => new Date(ms).toISOString();
