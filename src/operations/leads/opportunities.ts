import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import * as opportunities from '../../db/queries/opportunities.gen.ts';
import { newId } from '../../ids.ts';
import { existing, id, inputInvalid, requirePerson } from '../fields.ts';
import { leadKey, rowsOfPerson } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { ownedIn, scope } from '../ownership.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import { findLead } from './access.ts';
import { detail, given, listed, stage, time } from './opportunity_fields.ts';
import { present, settled } from './opportunity_rows.ts';

const list = pagedList({
  name: 'list_opportunities',
  summary: 'List opportunities, newest first.',
  path: '/opportunities',
  cli: {
    command: 'opportunities',
    columns: 'id name lead_email stage amount_cents currency acv_cents opened_at closed_at owner_name',
    empty: 'No opportunities. Record one: touchline opportunity add LEAD --name NAME',
  },
  filters: {
    lead_id: leadKey.optional().describe('of one lead'),
    account_id: id.optional(),
    stage: stage.optional(),
    scope: scope.describe('mine: only opportunities that the caller owns; team: that the caller’s team owns'),
  },
  item: listed,
  errors: 'not_found',
  order: NEWEST_FIRST,
  rows: async ({ page: { lead_id: key, scope, ...page }, principal, db }) => {
    const owned = await ownedIn(db, principal, scope);
    const lead_ids = await rowsOfPerson(db, page.org_id, key);
    return opportunities.listOpportunities.run(
      { ...page, lead_ids, owner_user_ids: owned?.owner_user_ids ?? null },
      db,
    );
  },
});

const get = operation({
  name: 'get_opportunity',
  summary: 'Show an opportunity with the moves of its stage.',
  http: { method: 'GET', path: '/opportunities/{id}' },
  version: 'shown',
  cli: { command: 'opportunity', args: ['id'] },
  input: z.object({ id }),
  output: detail,
  errors: 'not_found',
  run: ({ context, principal: { org_id }, input }) => read(context.db, org_id, input.id),
});

const create = operation({
  name: 'create_opportunity',
  summary:
    'Record an opportunity of a lead. Without an enrollment, the lead’s newest one before the opening is taken as what led to it.',
  http: { method: 'POST', path: '/opportunities' },
  cli: { command: 'opportunity add', args: ['lead_id'] },
  input: z.object({
    lead_id: leadKey,
    name: given.name,
    stage: stage.default('lead'),
    amount_cents: given.amount_cents.optional(),
    currency: given.currency.optional(),
    term_months: given.term_months.optional(),
    opened_at: time.optional().describe('never in the future; default: now'),
    closed_at: given.closed_at.optional(),
    lost_reason: given.lost_reason.optional(),
    owner_user_id: given.owner_user_id.optional().describe('default: the owner of the lead'),
    account_id: given.account_id.optional().describe('default: the account of the lead'),
    enrollment_id: id.nullable().optional().describe('null: no sequence led to it'),
    crm_deal_id: given.crm_deal_id.optional(),
  }),
  output: detail,
  errors: 'not_found unknown_reference lead_erased conflict',
  run: async ({ context, principal, input }) => {
    const created_by_user_id = requirePerson(principal);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const { id: lead_id } = await findLead(tx, org_id, input.lead_id);
      const opened_at = input.opened_at === undefined ? now : new Date(input.opened_at);
      const row = settled({ ...input, opened_at, closed_at: null }, { closed_at: input.closed_at }, now);
      const { enrollment_id = null, account_id = null, owner_user_id = null, crm_deal_id = null } = input;
      await requireOwnEnrollment(tx, { org_id, lead_id, enrollment_id });
      const added = {
        ...row,
        id: newId(context.clock),
        lead_id,
        enrollment_id,
        account_id,
        owner_user_id,
        crm_deal_id,
      };
      const rows = [{ ...added, is_newest: input.enrollment_id === undefined }];
      await opportunities.insertOpportunities.run(
        { org_id, rows, source: 'person', created_by_user_id, now },
        tx,
      );
      return read(tx, org_id, added.id);
    });
  },
});

const patch = operation({
  name: 'patch_opportunity',
  summary:
    'Change the named fields of an opportunity; null clears a field. A stage of won or lost closes it, another one reopens it.',
  http: { method: 'PATCH', path: '/opportunities/{id}' },
  version: 'checked',
  cli: { command: 'patch opportunity', args: ['id'] },
  input: z.object({
    id,
    name: given.name.optional(),
    stage: stage.optional(),
    amount_cents: given.amount_cents.nullable().optional(),
    currency: given.currency.nullable().optional(),
    term_months: given.term_months.nullable().optional(),
    opened_at: time.optional().describe('never in the future'),
    closed_at: given.closed_at.optional(),
    lost_reason: given.lost_reason.nullable().optional(),
    owner_user_id: given.owner_user_id.nullable().optional(),
    account_id: given.account_id.nullable().optional(),
    crm_deal_id: given.crm_deal_id.nullable().optional(),
  }),
  output: detail,
  errors: 'not_found unknown_reference version_changed lead_erased conflict',
  run: ({ context, principal, expected, input: { id: opportunity_id, ...changes } }) =>
    transact({ context, principal }, async ({ tx, org_id, now }) => {
      await opportunities.lockOpportunity.run({ org_id, id: opportunity_id }, tx);
      const found = await read(tx, org_id, opportunity_id);
      refuseIfStale(expected, detail, found);
      if (Object.values(changes).every((value) => value === undefined)) return found;
      const opened_at = changes.opened_at === undefined ? found.opened_at : new Date(changes.opened_at);
      const row = settled(
        { ...found, ...present(changes), opened_at, closed_at: found.closed_at },
        changes,
        now,
      );
      const { owner_user_id, account_id, crm_deal_id, name } = changes;
      const set = { ...row, ...present({ owner_user_id, account_id, crm_deal_id, name }) };
      await opportunities.patchOpportunities.run(
        { org_id, rows: [{ id: opportunity_id, patch: set }], now },
        tx,
      );
      return read(tx, org_id, opportunity_id);
    }),
});

export const opportunityOperations = [list, get, create, patch] as const;

/** Throws `input_invalid` for the enrollment of another lead. */
async function requireOwnEnrollment(
  tx: Queryable,
  { org_id, lead_id, enrollment_id }: { org_id: string; lead_id: string; enrollment_id: string | null },
): Promise<void> {
  if (enrollment_id === null) return;
  const found = await opportunities.isEnrollmentOf.one({ org_id, lead_id, enrollment_id }, tx);
  if (found === undefined)
    throw inputInvalid({ path: 'enrollment_id', message: 'is no enrollment of this lead' });
}

async function read(db: Queryable, org_id: string, opportunity_id: string) {
  const found = existing(
    await opportunities.getOpportunity.one({ org_id, id: opportunity_id }, db),
    'opportunity',
  );
  const moves = await opportunities.movesOfOpportunity.run({ org_id, id: opportunity_id }, db);
  return { ...found, moves };
}
