import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import { type LineageOfResult, lineageOf } from '../../db/queries/lineage.gen.ts';
import { existing, id, noun } from '../fields.ts';
import { operation } from '../operation.ts';

const KINDS = [
  ...(['lead', 'account', 'request', 'enrollment', 'queue_item', 'draft', 'touch', 'opportunity'] as const),
  ...(['inbound_message', 'campaign', 'play', 'proposal'] as const),
];
type Kind = (typeof KINDS)[number];
/** As long as the CRM record of a lead may be. */
const KEY_MAX = 200;

/** An id in examples. */
export const EXAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

/** Any id of this organization, or the CRM record of a lead. */
export const lineageKey = z
  .string()
  .trim()
  .min(1)
  .max(KEY_MAX)
  .meta({ examples: [EXAMPLE_ID] });

export type Lineage = Omit<LineageOfResult, 'kind'> & { kind: Kind };

/** The ids that a row hands on. */
export const lineageIds = {
  lead_id: id.nullable().describe('the person: the surviving lead after a merge'),
  account_id: id.nullable().describe('that of the opportunity or play, else the lead’s'),
  enrollment_id: id.nullable(),
  opportunity_id: id.nullable(),
  campaign_id: id.nullable(),
  play_id: id.nullable(),
  originating_proposal_id: id.nullable().describe('the proposal of the brain that began it'),
};

/** The lineage of each key; a key that names nothing in this organization is missing. */
export async function lineagesOf(
  db: Queryable,
  org_id: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Lineage>> {
  const asked = [...new Set(keys)];
  const ids = asked.map((key) => (id.safeParse(key).success ? key : null));
  const found = await lineageOf.run({ org_id, keys: asked, ids }, db);
  return new Map(found.map((row) => [row.key, row as Lineage]));
}

const get = operation({
  name: 'get_lineage',
  summary:
    'Show what an id names, and its lineage: person, account, enrollment, campaign, play, and the proposal that began it.',
  http: { method: 'GET', path: '/lineage/{id}' },
  cli: { command: 'lineage', args: ['id'] },
  mcp: { tool: 'get_lineage', title: 'Show a lineage' },
  input: z.object({
    id: lineageKey.describe(`id of a ${KINDS.join(', ').replaceAll('_', ' ')}, or CRM record of a lead`),
  }),
  output: noun('Lineage', {
    id: id.describe('what was asked for; of a merged lead its own, with the surviving one in `lead_id`'),
    kind: z.enum(KINDS).meta({ id: 'LineageKind' }),
    ...lineageIds,
  }),
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input }) => {
    const found = (await lineagesOf(context.db, org_id, [input.id])).get(input.id);
    const hint = 'Give an id of Touchline, or the CRM record of a lead.';
    const { key: _, is_erased: __, ...shown } = existing(found, 'id', hint);
    return shown;
  },
});

export const lineageOperations = [get] as const;
