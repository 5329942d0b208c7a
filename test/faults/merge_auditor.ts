import { type SharedClock, simulatedMs } from './shared_clock.ts';
import type { JournalEntry } from './storm_sink.ts';

/** `at_ms` is simulated. */
export type Merge = { lead_id: string; into_lead_id: string; at_ms: number };

/** The lead that opted out, the row merged into it, and the messages to either that had begun to leave by then. */
export type OptOut = { lead_id: string; other_lead_id: string; begun: ReadonlySet<string> };

type MergesOf = {
  journal: readonly JournalEntry[];
  clock: SharedClock;
  /** The address of each lead at the beginning: a merged lead has none later. */
  addresses: ReadonlyMap<string, string>;
  /** The merges of the storm: one lead became another. */
  merges: readonly Merge[];
};
type Caps = { WINDOW_MS: number; PER_WINDOW: number };

/**
 * From the instant of a merge, touches of both count: nothing more goes to the merged lead, and each message to the other one
 * keeps the caps with the messages of both before it.
 */
export function auditMerges(
  items: readonly { lead_id: string; time_zone: string }[],
  { journal, clock, addresses, merges }: MergesOf,
  { WINDOW_MS, PER_WINDOW }: Caps,
): string[] {
  const zones = new Map(items.map(({ lead_id, time_zone }) => [lead_id, time_zone]));
  const timesOf = (lead_id: string) =>
    journal.flatMap(({ to, end_ms }) =>
      to === addresses.get(lead_id) && end_ms !== null ? [simulatedMs(clock, end_ms)] : [],
    );
  return merges.flatMap(({ lead_id, into_lead_id, at_ms }) => {
    const findings: string[] = [];
    const [gone, kept] = [timesOf(lead_id), timesOf(into_lead_id)];
    const late = gone.filter((time_ms) => time_ms > at_ms);
    if (late.length > 0)
      findings.push(`${lead_id} got a message after it was merged, ${new Date(late[0]!).toISOString()}`);
    const day_of = new Intl.DateTimeFormat('en-CA', {
      timeZone: zones.get(into_lead_id) ?? 'UTC',
      dateStyle: 'short',
    });
    for (const time_ms of kept.filter((one) => one > at_ms)) {
      const earlier = [...gone, ...kept].filter((one) => one < time_ms);
      const recent = earlier.filter((one) => time_ms - one < WINDOW_MS);
      const to = addresses.get(into_lead_id);
      if (recent.length >= PER_WINDOW)
        findings.push(`over cap: ${to}, merged, got more than ${PER_WINDOW} in 168 hours`);
      if (earlier.some((one) => day_of.format(one) === day_of.format(time_ms)))
        findings.push(`over cap: ${to}, merged, got two on the day of ${new Date(time_ms).toISOString()}`);
    }
    return findings;
  });
}

/** After an opt-out, no further message goes to any address of the person. */
export function auditOptOuts({
  journal,
  addresses,
  opt_outs,
}: Pick<MergesOf, 'journal' | 'addresses'> & { opt_outs: readonly OptOut[] }): string[] {
  return opt_outs.flatMap(({ lead_id, other_lead_id, begun }) => {
    const own = [addresses.get(lead_id), addresses.get(other_lead_id)];
    const late = journal.filter(
      ({ to, end_ms, message_id }) => own.includes(to) && end_ms !== null && !begun.has(message_id ?? ''),
    );
    return late.map(({ to, message_id }) => `after the opt-out: ${to} got ${message_id}`);
  });
}
