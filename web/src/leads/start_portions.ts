import { api, read } from '../api/client.ts';
import type { BatchedRequest, RequestSequencesOutput } from '../api/schema.d.ts';

type Answered = RequestSequencesOutput;
export type Item = BatchedRequest;
export type Outcome = Item['outcome'];

/** As many as the server takes at once. */
const PORTION = 200;
/** So many leads are named for each reason; the others are counted. */
const NAMED = 20;

/** Those of whom the gate said the same, for the same reason. */
export type Reason = { outcome: Outcome; reason: Item['reason']; count: number; named: readonly Item[] };

type UnreachableStep = Item['unreachable_steps'][number];
/** `count`: of how many leads. */
type Lacking = UnreachableStep & { count: number };

/** What was answered so far to the first `done` leads. */
export type Told = {
  done: number;
  counts: Readonly<Partial<Record<Outcome, number>>>;
  reasons: readonly Reason[];
  /** Steps that some of those who may begin lack the address for. */
  lacking: readonly Lacking[];
};

export const NOTHING_TOLD: Told = { done: 0, counts: {}, reasons: [], lacking: [] };

type Asking = {
  leads: readonly string[];
  campaign: string;
  dry_run: boolean;
  /** Where an earlier asking came to. */
  from: Told;
  signal: AbortSignal;
  onTold(told: Told): void;
};

/**
 * Asks the gate for any number of leads, portion by portion. What was told stays told when a portion is refused: it throws,
 * and the next asking goes on from there.
 */
export async function askInPortions({ leads, campaign, dry_run, from, signal, onTold }: Asking) {
  let told = from;
  while (told.done < leads.length) {
    signal.throwIfAborted();
    const portion = leads.slice(told.done, told.done + PORTION);
    const body = { leads: portion, campaign_slug: campaign, dry_run };
    // A portion that is under way is waited for: it may be done already, and then it counts.
    const answered = await read(api.POST('/sequence_requests/batch', { body }));
    told = added(told, answered, portion.length);
    onTold(told);
  }
  return told;
}

/** Of how many the gate lets something begin, now or later. */
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
