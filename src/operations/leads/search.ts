import { linkedinKey } from '../../core/gate/unreachable.ts';
import type { Queryable } from '../../db/pool.ts';
import { searchFewLeads, searchLeads, searchNextLeads } from '../../db/queries/lead_search.gen.ts';
import { FIRST_ID } from '../page.ts';
import { searchRange } from './fields.ts';

/** One page: up to `limit` leads after `after_id`, by id. */
type Filter = Omit<Parameters<typeof searchLeads.run>[0], 'q_from' | 'q_to'>;

/**
 * How far the bounded statements look. `few_max`: scanning costs no more than planning. `ahead`, rows scanned per lead of a
 * page: with fewer matches than one in ten, an index finds them sooner. `many_max`: sorting surely costs less than a scan
 * that the planner underestimates.
 */
type Bounds = { few_max: number; ahead: number; many_max: number };

const BOUNDS: Bounds = { few_max: 1_000, ahead: 10, many_max: 5_000 };

/** A number as E.164, as `address_key` in the database has it. */
const NUMBER = /^\+[\d\s()./-]+$/;

/** The range of keys that begin with a name, company, domain, or address, as people write or copy them. */
export function leadSearchRange(q: string): ReturnType<typeof searchRange> {
  return searchRange(linkedinKey(q) ?? (NUMBER.test(q) ? `+${q.replace(/\D/g, '')}` : q));
}

/** Leads by the beginning of a known name, address, or domain. Each answer is from one statement, so from one moment. */
export async function searchedLeads(db: Queryable, q: string, filter: Filter, bounds: Bounds = BOUNDS) {
  const sought = { ...filter, ...leadSearchRange(q) };
  const bounded = { ...sought, after_id: filter.after_id ?? FIRST_ID };
  const upTo = async (found_max: number) => {
    const found = await searchFewLeads.run({ ...bounded, found_max }, db);
    return found.some((lead) => lead.is_cut) ? null : found;
  };
  const few = await upTo(bounds.few_max);
  if (few !== null) return few;
  const next = await searchNextLeads.run({ ...bounded, ahead: bounds.ahead * filter.limit }, db);
  if (next.length === filter.limit) return next;
  return (await upTo(bounds.many_max)) ?? searchLeads.run(sought, db);
}
