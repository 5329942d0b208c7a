import * as sql from '../../db/queries/suppressions.gen.ts';
import { lockFree } from '../gate/facts.ts';
import type { Batch, Scope } from '../gate/scope.ts';
import { stopLeads } from '../gate/stops.ts';

/** Values settled together; one domain may cover many leads. */
const VALUES_MAX = 50;

/**
 * Keeps the suppression list in effect: lifts suppressions whose end has passed, and ends the open work of leads whose
 * address or domain was added. The gates block such leads anyway; this ends work that would wait forever. Returns the
 * number of suppressions found.
 */
export async function settleSuppressions(
  scope: Scope,
  { limit, set_aside, claimed }: Batch,
): Promise<number> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const ended = await sql.liftEndedSuppressions.run({ org_id, now, limit }, tx);
  const added = await sql.claimUnsettledSuppressions.run({ org_id, set_aside, limit: VALUES_MAX }, tx);
  if (added.length === 0) return ended.length;
  claimed(added.map(({ id }) => id));
  const valuesOf = (kind: string) => added.flatMap((row) => (row.kind === kind ? row.value : []));
  const domains = valuesOf('domain');
  const bounds = domains.map(subdomainBounds);
  const values = {
    addresses: valuesOf('address'),
    domains,
    subdomains_from: bounds.map((bound) => bound.subdomains_from),
    subdomains_to: bounds.map((bound) => bound.subdomains_to),
  };
  const open = await sql.openLeadsOfSuppressions.run({ org_id, ...values, limit }, tx);
  const locked = await lockFree(scope, open);
  await stopLeads(scope, [...locked], 'compliance_block');
  // Leads that are locked, or beyond the limit, are found in the next round.
  if (open.length < limit && locked.size === open.length)
    await sql.noteSettledSuppressions.run({ org_id, ids: added.map(({ id }) => id), now }, tx);
  return ended.length + added.length;
}

/** The reversed domains (`leads.reversed_domain`) of all subdomains lie between these: `/` is the character after the dot. */
export function subdomainBounds(domain: string): { subdomains_from: string; subdomains_to: string } {
  const reversed = [...domain].reverse().join('');
  return { subdomains_from: `${reversed}.`, subdomains_to: `${reversed}/` };
}
