import { type ExitReason, type ExitTarget, exitsOf, type ListedCampaign } from './campaign.ts';

export type MapNode = { id: string; name: string; slug: string | null; x: number; y: number };
/** `port`: offset of the edge below the middle of the node’s side, which keeps the edges of a campaign apart. */
export type MapEdge = {
  from: MapNode;
  to: MapNode;
  port: number;
  reasons: readonly ExitReason[];
  is_gated: boolean;
};
export type ExitMap = { nodes: readonly MapNode[]; edges: readonly MapEdge[]; width: number; height: number };

export const NODE = { width: 196, height: 40 };
const COLUMN = NODE.width + 120;
const ROW = NODE.height + 30;
const EDGE = 10;
const PORT = 16;

type Link = { from: string; to: string; reasons: ExitReason[]; is_gated: boolean };

/**
 * Places campaigns in columns from left to right, each behind all campaigns that lead to it. Campaigns without links are
 * left out. Only hand-offs by a person can form a loop; one edge of the loop runs back.
 */
export function layoutOf(campaigns: readonly ListedCampaign[]): ExitMap {
  const links = campaigns.flatMap(linksOf);
  const names = new Map<string, string | null>();
  for (const { from, to } of links) {
    names.set(from, nameOf(campaigns, from));
    names.set(to, nameOf(campaigns, to));
  }
  const ranks = ranksOf([...names.keys()], links);
  const rows = new Map<number, number>();
  const nodes = [...names].map(([id, name]): MapNode => {
    const rank = ranks.get(id) ?? 0;
    const row = rows.get(rank) ?? 0;
    rows.set(rank, row + 1);
    const slug = name === null ? null : id;
    return { id, slug, name: name ?? 'A person decides', x: EDGE + rank * COLUMN, y: EDGE + row * ROW };
  });
  const at = new Map(nodes.map((node) => [node.id, node]));
  const edges = links.flatMap(({ from, to, ...edge }): MapEdge[] => {
    const [start, end] = [at.get(from), at.get(to)];
    if (start === undefined || end === undefined) return [];
    const siblings = links.filter((other) => other.from === from);
    const place = siblings.findIndex((other) => other.to === to && other.is_gated === edge.is_gated);
    const port = (place - (siblings.length - 1) / 2) * PORT;
    return [{ ...edge, from: start, to: end, port }];
  });
  return {
    nodes,
    edges,
    width: Math.max(0, ...nodes.map(({ x }) => x)) + NODE.width + EDGE,
    height: Math.max(0, ...nodes.map(({ y }) => y)) + NODE.height + EDGE,
  };
}

/** Exits of a campaign that lead somewhere, one link per target. */
function linksOf(campaign: ListedCampaign): Link[] {
  const links = new Map<string, Link>();
  for (const { reason, target } of exitsOf(campaign)) {
    const to = placeOf(campaign.slug, target);
    if (to === null) continue;
    const is_gated = typeof target !== 'string';
    const key = `${is_gated} ${to}`;
    const link = links.get(key) ?? { from: campaign.slug, to, reasons: [], is_gated };
    link.reasons.push(reason);
    links.set(key, link);
  }
  return [...links.values()];
}

function placeOf(slug: string, target: ExitTarget): string | null {
  if (target === null || typeof target === 'string') return target;
  return target.suggest ?? `${slug} ?`;
}

/** Null: a person decides without a suggestion. */
function nameOf(campaigns: readonly ListedCampaign[], id: string): string | null {
  if (id.endsWith(' ?')) return null;
  return campaigns.find(({ slug }) => slug === id)?.name ?? id.replaceAll('_', ' ');
}

/** Length of the longest path to each campaign. Edges that would close a loop are not followed. */
function ranksOf(ids: readonly string[], links: readonly Link[]): Map<string, number> {
  const ranks = new Map<string, number>();
  const under_way = new Set<string>();
  const rank = (id: string): number => {
    const known = ranks.get(id);
    if (known !== undefined) return known;
    under_way.add(id);
    const before = links.filter(({ from, to }) => to === id && !under_way.has(from));
    const own = Math.max(-1, ...before.map(({ from }) => rank(from))) + 1;
    under_way.delete(id);
    ranks.set(id, own);
    return own;
  };
  for (const id of ids) rank(id);
  return ranks;
}
