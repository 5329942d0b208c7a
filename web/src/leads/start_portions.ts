import { api, read } from '../api/client.ts';
import type { BatchedRequest, RequestSequencesOutput } from '../api/schema.d.ts';

type Answered = RequestSequencesOutput;
export type Item = BatchedRequest;
export type Outcome = Item['outcome'];

/** The largest batch the server accepts. */
const PORTION = 200;
/** Names this many leads per reason; the others are only counted. */
const NAMED = 20;

/** Leads with the same outcome and reason. */
export type Reason = { outcome: Outcome; reason: Item['reason']; count: number; named: readonly Item[] };

type UnreachableStep = Item['unreachable_steps'][number];
/** `count`: the number of leads. */
type Lacking = UnreachableStep & { count: number };

/** The results for the first `done` leads. */
export type Told = {
  done: number;
  counts: Readonly<Partial<Record<Outcome, number>>>;
  reasons: readonly Reason[];
  /** Steps that some enrollable leads lack the address for. */
  lacking: readonly Lacking[];
};

export const NOTHING_TOLD: Told = { done: 0, counts: {}, reasons: [], lacking: [] };

type Asking = {
  leads: readonly string[];
  campaign: string;
  dry_run: boolean;
  /** The results of earlier batches. */
  from: Told;
  signal: AbortSignal;
  onTold(told: Told): void;
};

/**
 * Requests any number of leads in batches. If a batch fails, this throws and keeps the earlier results, from which the next
 * call continues.
 */
export async function askInPortions({ leads, campaign, dry_run, from, signal, onTold }: Asking) {
  let told = from;
  while (told.done < leads.length) {
    signal.throwIfAborted();
    const portion = leads.slice(told.done, told.done + PORTION);
    const body = { leads: portion, campaign_slug: campaign, dry_run };
    // Awaits a batch in progress even after a stop: it may be done already, and then it counts.
    const answered = await read(api.POST('/sequence_requests/batch', { body }));
    told = added(told, answered, portion.length);
    onTold(told);
  }
  return told;
}

/** Counts the leads that would be enrolled now or later. */
export function worthOf({ counts }: Told): number {
  return (counts.allow ?? 0) + (counts.hold ?? 0) + (counts.queue ?? 0);
}

function added(told: Told, { counts, items }: Answered, asked: number): Told {
  const sums = { ...told.counts };
  for (const [outcome, count] of Object.entries(counts) as [Outcome, number][]) {
    sums[outcome] = (sums[outcome] ?? 0) + count;
  }
  const reasons = [...told.reasons];
  for (const item of items.filter(({ outcome }) => outcome !== 'allow')) {
    const isIts = (one: Reason) => one.outcome === item.outcome && one.reason === item.reason;
    const at = reasons.findIndex(isIts);
    const known = reasons[at] ?? { outcome: item.outcome, reason: item.reason, count: 0, named: [] };
    const named = known.named.length < NAMED ? [...known.named, item] : known.named;
    reasons.splice(at === -1 ? reasons.length : at, 1, { ...known, count: known.count + 1, named });
  }
  const begin = items.filter(
    ({ outcome }) => outcome === 'allow' || outcome === 'hold' || outcome === 'queue',
  );
  const lacking = begin.flatMap(({ unreachable_steps }) => unreachable_steps).reduce(counted, told.lacking);
  return { done: told.done + asked, counts: sums, reasons, lacking };
}

function counted(all: readonly Lacking[], step: UnreachableStep): readonly Lacking[] {
  const isIts = (one: Lacking) => one.step_number === step.step_number && one.missing === step.missing;
  if (!all.some(isIts)) return [...all, { ...step, count: 1 }];
  return all.map((one) => (isIts(one) ? { ...one, count: one.count + 1 } : one));
}
