import type { OnExitTarget } from '../../coordinator/cadence/exits.ts';
import type { Tx } from '../../db/pool.ts';
import * as campaigns from '../../db/queries/campaigns.gen.ts';
import { AppError } from '../../errors.ts';
import { type CampaignDefinition, campaignInvalid } from './definition.ts';
import type { Fault } from './template_checks.ts';

const CAMPAIGNS_MAX = 100_000;
const CAMPAIGNS_LOOKED_AT = 200;

type ExitMap = Readonly<Record<string, OnExitTarget | undefined>>;

/**
 * Checks campaigns before they are written, and locks their references until the transaction ends. Throws `unknown_client`,
 * `unknown_agent`, `campaign_invalid`, `on_exit_loop`, or `campaign_in_use`.
 */
export async function checkReferences(
  tx: Tx,
  org_id: string,
  definitions: readonly CampaignDefinition[],
): Promise<void> {
  await campaigns.lockDefinitions.run({ org_id }, tx);
  await checkOwners(tx, org_id, definitions);
  await checkSuccessors(tx, org_id, definitions);
  await checkUse(tx, org_id, definitions);
}

async function checkOwners(
  tx: Tx,
  org_id: string,
  definitions: readonly CampaignDefinition[],
): Promise<void> {
  const client_ids = definitions.map(({ client_id }) => client_id);
  const clients = await campaigns.knownClients.run({ org_id, client_ids }, tx);
  const ids = definitions.map(({ owner_role }) => owner_role);
  const agents = await campaigns.knownAgents.run({ org_id, ids }, tx);
  for (const { slug, client_id, owner_role } of definitions) {
    if (!clients.some((known) => known.client_id === client_id))
      throw unknown('client', 'client_id', client_id, slug, await clientsHint(tx, org_id));
    if (!agents.some(({ id }) => id === owner_role)) throw unknown('agent', 'owner_role', owner_role, slug);
  }
}

/** Every successor exists, and automatic hand-offs form no cycle. */
async function checkSuccessors(
  tx: Tx,
  org_id: string,
  definitions: readonly CampaignDefinition[],
): Promise<void> {
  const stored = await campaigns.listExitMaps.run({ org_id, limit: CAMPAIGNS_MAX }, tx);
  const maps = new Map(stored.map(({ slug, on_exit }) => [slug, on_exit as ExitMap]));
  for (const { slug, on_exit } of definitions) maps.set(slug, on_exit as ExitMap);
  const many = definitions.length > 1;
  const faults = definitions.flatMap(({ slug, on_exit }) =>
    Object.entries(on_exit as ExitMap).flatMap(([reason, target]): Fault[] => {
      const next = targetSlug(target);
      if (next === null || maps.has(next)) return [];
      return [
        { path: ['on_exit', reason], message: `${many ? `${slug}: ` : ''}there is no campaign ${next}` },
      ];
    }),
  );
  if (faults.length > 0) throw campaignInvalid(faults);
  refuseLoops(maps, definitions);
}

/** The database refuses loops from any writer. */
function refuseLoops(maps: ReadonlyMap<string, ExitMap>, definitions: readonly CampaignDefinition[]): void {
  const errors = definitions.flatMap(({ slug, on_exit }) =>
    Object.entries(on_exit as ExitMap).flatMap(([reason, target]) => {
      const round = typeof target === 'string' ? wayBack(maps, target, slug) : null;
      if (round === null) return [];
      const message = `leads in a circle: ${[slug, ...round].join(' → ')}`;
      return [{ path: `on_exit.${reason}`, message }];
    }),
  );
  if (errors.length === 0) return;
  throw new AppError('on_exit_loop', `The exits lead back to where they begin: ${errors[0]!.message}.`, {
    errors,
    hint: 'Let a person route one of the hand-offs: { gate: exec, suggest: <slug or null> }.',
  });
}

/** The path between campaigns by automatic hand-offs, or null. It ends where a person routes. */
function wayBack(maps: ReadonlyMap<string, ExitMap>, from: string, to: string): string[] | null {
  const came_from = new Map<string, string | null>([[from, null]]);
  const open = [from];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    if (at === to) return trail(came_from, at);
    for (const target of Object.values(maps.get(at) ?? {})) {
      if (typeof target !== 'string' || came_from.has(target)) continue;
      came_from.set(target, at);
      open.push(target);
    }
  }
  return null;
}

function trail(came_from: ReadonlyMap<string, string | null>, end: string): string[] {
  const way: string[] = [];
  for (let at: string | null | undefined = end; at != null; at = came_from.get(at)) way.unshift(at);
  return way;
}

function targetSlug(target: OnExitTarget | undefined): string | null {
  if (typeof target === 'string') return target;
  return target?.suggest ?? null;
}

/** A lead's state depends on its sequence type, so the type of a campaign in use cannot change. */
async function checkUse(tx: Tx, org_id: string, definitions: readonly CampaignDefinition[]): Promise<void> {
  const slugs = definitions.map(({ slug }) => slug);
  if (new Set(slugs).size < slugs.length) {
    const twice = slugs.find((slug, at) => slugs.indexOf(slug) !== at);
    throw campaignInvalid([{ path: ['slug'], message: `${twice} is defined twice` }]);
  }
  const current = await campaigns.lockCampaignsBySlug.run({ org_id, slugs }, tx);
  for (const row of current) {
    const wanted = definitions.find(({ slug }) => slug === row.slug);
    if (wanted === undefined || !row.in_use) continue;
    if (wanted.sequence_type === row.sequence_type && wanted.side === row.side) continue;
    throw new AppError('campaign_in_use', `Not saved: leads are enrolled in ${row.slug}.`, {
      hint: 'Its type and side cannot change now. Define a campaign with another slug, or wait until no leads are enrolled.',
    });
  }
}

/** Clients that have campaigns. */
async function clientsHint(tx: Tx, org_id: string): Promise<string | undefined> {
  const used = await campaigns.listCampaigns.run(
    { org_id, after_slug: null, count_limit: 0, limit: CAMPAIGNS_LOOKED_AT },
    tx,
  );
  const ids = [...new Set(used.map(({ client_id }) => client_id))].sort();
  return ids.length === 0 ? undefined : `Clients with campaigns: ${ids.join(', ')}.`;
}

const unknown = (noun: 'client' | 'agent', path: string, value: string, slug: string, hint?: string) =>
  new AppError(`unknown_${noun}`, `There is no ${noun} ${value} (campaign ${slug}).`, {
    errors: [{ path, message: `no ${noun} has this id` }],
    ...(hint === undefined ? {} : { hint }),
  });
