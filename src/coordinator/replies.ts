import type { Scope } from './scope.ts';

/** What a reply can mean (product: campaigns, hand-offs and replies). */
export const REPLY_INTENTS = [
  'interested',
  'meeting',
  'question',
  'not_now',
  'not_interested',
  'unsubscribe',
  'wrong_person',
  'out_of_office',
  'other',
] as const;

/** How a reply was read. `return_date`: the day on which someone who is away is back. */
export type ReadReply = { intent: (typeof REPLY_INTENTS)[number]; note?: string; return_date?: string };

/**
 * What a reply that was read brings about: here its effects belong. Called as the coordinator, under the lead's lock, in
 * the transaction that ends its task. What it returns is kept as the task's result.
 */
export async function applyReply(
  _scope: Scope,
  _task: { id: string; lead_id: string; enrollment_id: string | null },
  reply: ReadReply,
): Promise<Record<string, string>> {
  return { ...reply };
}
