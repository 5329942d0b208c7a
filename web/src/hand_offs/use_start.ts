import { useQuery } from '@tanstack/react-query';
import type { ListedCampaign } from '../api/schema.d.ts';
import { askGate, type GateAnswer, type HandOff } from './hand_off.ts';
import { OUTCOME_WORDS } from './words.ts';

type Campaign = Pick<ListedCampaign, 'slug' | 'status' | 'step_count'>;
type Start = { slug: string | null; suggested_answer: GateAnswer | undefined };

/** Campaigns previewed to find one for the lead. */
const TRIED_MAX = 5;

/**
 * The campaign that is chosen at first: the suggested one if the gates may enroll the lead there. After a meeting, else another
 * one. A requester named exactly one campaign, so no other replaces it.
 */
export function useStart(hand_off: HandOff, campaigns: readonly Campaign[] | undefined) {
  return useQuery({
    queryKey: ['hand_offs', 'start', hand_off.id],
    queryFn: () => startOf(hand_off, campaigns ?? []),
    enabled: campaigns !== undefined && hand_off.suggested !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

async function startOf({ id, type, suggested }: HandOff, campaigns: readonly Campaign[]): Promise<Start> {
  const first = suggested!.slug;
  const [suggested_answer] = await askGate(id, [first]);
  if (mayEnter(suggested_answer)) return { slug: first, suggested_answer };
  const none = { slug: null, suggested_answer };
  // Compliance blocks the lead everywhere.
  if (type === 'entry_requested' || suggested_answer?.reason === 'compliance_block') return none;
  const others = campaigns.filter(
    ({ slug, status, step_count }) => slug !== first && status === 'active' && step_count > 0,
  );
  for (const { slug } of others.slice(0, TRIED_MAX)) {
    const [answer] = await askGate(id, [slug]);
    if (mayEnter(answer)) return { slug, suggested_answer };
  }
  return none;
}

function mayEnter(answer: GateAnswer | undefined): boolean {
  const tone = OUTCOME_WORDS[answer?.outcome ?? '']?.tone;
  return tone === 'good' || tone === 'wait';
}
