/** How a lead may enter a campaign, and the right by which a request enters. */
import type { CampaignEntry, EntryRight } from '../../schema.gen.ts';

/** The right that a request lacks to enter: `routing` by a person, or an `executive`. Null: nothing. */
export type EntryLack = 'routing' | 'executive' | null;

/** The rights that suffice; the same as may_enter in the database. */
const MAY_ENTER: Readonly<Record<Exclude<CampaignEntry, 'open'>, readonly EntryRight[]>> = {
  routed: ['routing', 'exit', 'executive', 'merge'],
  executive: ['routing', 'executive', 'merge'],
};

export function entryLack(entry: CampaignEntry, right: EntryRight | null): EntryLack {
  if (entry === 'open' || (right !== null && MAY_ENTER[entry].includes(right))) return null;
  return entry === 'routed' ? 'routing' : 'executive';
}
