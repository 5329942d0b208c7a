import { z } from 'zod';
import { refuseErased } from '../../coordinator/sending/erased_addresses.ts';
import { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import type { Queryable } from '../../db/pool.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import * as leads from '../../db/queries/leads.gen.ts';
import { CADENCE_STATE_VALUES, ICP_TIER_VALUES, type IcpTier } from '../../schema.gen.ts';
import { id } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { rowsInScope, scope } from '../ownership.ts';
import { BY_ID, FIRST_ID, pagedList } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import { findLead, lead, leadDetail, readLead } from './access.ts';
import { notifyAssigned } from './assigning.ts';
import { patchOf, searchText } from './fields.ts';
import { optOutLead } from './opt_out.ts';
import { leadSearchRange, searchedLeads } from './search.ts';

const list = pagedList({
  name: 'list_leads',
  summary: 'List or search leads.',
  path: '/leads',
  cli: {
    command: 'leads',
    empty: 'No leads. Import some: touchline import leads.csv',
    columns: `
      email first_name last_name company effective_icp_tier cadence_state current_step last_touch_at
      unsubscribe_flag opt_out_flag suppressed_address`,
  },
  mcp: { tool: 'search_leads', title: 'Search leads' },
  filters: {
    q: searchText.describe('start of an address, domain, name, last name, or account name'),
    account_id: id.optional(),
    cadence_state: z.enum(CADENCE_STATE_VALUES).optional(),
    icp_tier: z.enum(ICP_TIER_VALUES).optional().describe('of the lead, else of its account'),
    segment: z.string().max(100).optional().describe('of the lead, else of its account'),
    blocked: z.stringbool().optional().describe('true: only unsubscribed or opted-out leads'),
    scope,
    owner_user_id: id
      .optional()
      .describe('only leads that this user owns, or whose account’s owner this user is'),
  },
  item: lead,
  order: BY_ID,
  rows: async ({ page: { q, icp_tier, segment, scope: asked, owner_user_id, ...filter }, principal, db }) => {
    const lead_ids = await rowsInScope(db, principal, { scope: asked, owner_user_id });
    const found = await leadsOf(db, filter, { q, icp_tier, segment, lead_ids });
    const shown = { org_id: filter.org_id, lead_ids: found.map((row) => row.id) };
    const suppressed = new Set((await leads.suppressedLeads.run(shown, db)).map((row) => row.id));
    return found.map((row) => ({ ...row, suppressed_address: suppressed.has(row.id) }));
  },
});

const get = operation({
  name: 'get_lead',
  summary: 'Show a lead by its id, CRM record, or any of its addresses.',
  http: { method: 'GET', path: '/leads/{id}' },
  version: 'shown',
  cli: { command: 'lead', args: ['id'] },
  mcp: { tool: 'get_lead', title: 'Show a lead' },
  input: z.object({ id: leadKey }),
  output: leadDetail,
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input }) => readLead(context.db, org_id, input.id),
});

const patch = operation({
  name: 'patch_lead',
  summary:
    'Change the named fields of a lead; null clears a field. Opt-outs and signals have operations of their own.',
  http: { method: 'PATCH', path: '/leads/{id}' },
  version: 'checked',
  cli: { command: 'patch lead', args: ['id'] },
  input: z.object({ id: leadKey, ...patchOf(LEAD_COLUMNS) }),
  output: leadDetail,
  errors: 'not_found unknown_reference person_inactive version_changed lead_erased role_required',
  run: ({ context, principal, expected, input: { id: key, ...changes } }) =>
    transact({ context, principal }, async (scope) => {
      const { tx, org_id, now } = scope;
      const { id: lead_id } = await findLead(tx, org_id, key);
      if (changes.phone) await refuseErased(scope, context.secret, { path: 'phone', address: changes.phone });
      await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      const found = await readLead(tx, org_id, lead_id);
      refuseIfStale(expected, leadDetail, found);
      if (Object.values(changes).every((value) => value === undefined)) return found;
      await leads.patchLead.run({ org_id, id: lead_id, patch: changes, now }, tx);
      const saved = await readLead(tx, org_id, lead_id);
      if (saved.owner_user_id !== found.owner_user_id) await notifyAssigned(scope, [lead_id], now);
      return saved;
    }),
});

export const leadOperations = [list, get, patch, optOutLead] as const;

type Filter = Omit<Parameters<typeof leads.leadPageOfTier.run>[0], 'icp_tier'>;
type Asked = {
  q: string | null;
  icp_tier: IcpTier | null;
  segment: string | null;
  lead_ids: string[] | null;
};

/** One query per filter: no single plan serves them all. */
async function leadsOf(db: Queryable, filter: Filter, asked: Asked) {
  const { q, lead_ids, ...of } = asked;
  if (q && lead_ids === null) return searchedLeads(db, q, { ...filter, ...of });
  const page = await pageOfLeads(db, filter, asked);
  const ids = page.flatMap((row) => row.id ?? []);
  return leads.leadsById.run({ org_id: filter.org_id, ids }, db);
}

async function pageOfLeads(db: Queryable, filter: Filter, { q, icp_tier, segment, lead_ids }: Asked) {
  if (lead_ids !== null) {
    const sought = q ? leadSearchRange(q) : { q_from: null, q_to: null };
    return leads.leadPageAmong.run({ ...filter, ...sought, lead_ids, icp_tier, segment }, db);
  }
  if (segment !== null) return segmentPage(db, { ...filter, segment, icp_tier });
  if (icp_tier !== null) return leads.leadPageOfTier.run({ ...filter, icp_tier }, db);
  return leads.leadPage.run(filter, db);
}

/** Rows scanned per row returned: up to 10, scanning costs no more than planning. An index finds a smaller share sooner. */
const AHEAD = 10;

async function segmentPage(db: Queryable, asked: Parameters<typeof leads.leadPageOfSegment.run>[0]) {
  const { limit, after_id } = asked;
  const next = { ...asked, after_id: after_id ?? FIRST_ID, ahead: AHEAD * limit };
  const near = await leads.nextLeadsOfSegment.run(next, db);
  return near.length === limit ? near : leads.leadPageOfSegment.run(asked, db);
}
