import * as sql from '../../db/queries/crm_incoming.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import {
  insertOpportunities,
  opportunitiesOfDeals,
  patchOpportunities,
} from '../../db/queries/opportunities.gen.ts';
import { newId } from '../../ids.ts';
import { OPPORTUNITY_STAGE_VALUES, type OpportunityStage } from '../../schema.gen.ts';
import { rowsJson } from '../gate/rows.ts';
import {
  type CrmDealRecord,
  type IncomingScope,
  type IncomingWorld,
  type KeptRecord,
  keepRecords,
  type Owners,
  type Reading,
  said,
} from './incoming.ts';
import { ownersOf } from './incoming_owners.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Found = sql.FindCrmDealsResult;
type Deal = { record: CrmDealRecord; found: Found } & KeptRecord;

/**
 * Applies deals of the CRM: each finds its opportunity by the CRM's id, else by the enrollment that its reference names, or opens one for
 * its first known person, with the lineage of the person's newest enrollment before. A stage that a person set here does not move back.
 */
export async function applyDeals(
  scope: IncomingScope,
  records: readonly CrmDealRecord[],
  reading: Reading,
  world: IncomingWorld,
): Promise<void> {
  if (records.length === 0) return;
  const { tx, org_id, clock } = scope;
  const found = new Map((await findAndLock(scope, records)).map((row) => [row.record_id, row]));
  const deals = records.map((record): Deal => {
    const { record_id } = record;
    const own = found.get(record_id)!;
    const is_open = own.opportunity_id !== null || own.new_lead_id !== null;
    const subject_id = own.opportunity_id ?? (is_open ? newId(clock) : null);
    return { record, found: own, record_id, subject_id, left_out: is_open ? null : 'no_person' };
  });
  const fresh = await keepRecords(
    scope,
    'deal',
    deals.map(({ record_id, subject_id, left_out }) => ({ record_id, subject_id, left_out })),
    reading,
  );
  const current = deals.filter((deal) => deal.left_out === null && fresh.has(deal.record_id));
  const owner_ids = current.flatMap(({ record }) => record.owner_id ?? []);
  const owners = await ownersOf(scope, owner_ids, world);
  const now = clock.now();
  const opened = current.filter(({ found: { opportunity_id } }) => opportunity_id === null);
  const patches = current
    .filter((deal) => deal.found.opportunity_id !== null)
    .map((deal) => ({ id: deal.subject_id!, patch: patchOf(deal, owners, world, now) }))
    .filter(({ patch }) => Object.keys(patch).length > 0);
  if (opened.length > 0) {
    const rows = rowsJson(opened.map((deal) => rowOf(deal, owners, world, now)));
    await insertOpportunities.run({ org_id, rows, source: 'crm', created_by_user_id: null, now }, tx);
  }
  if (patches.length > 0) await patchOpportunities.run({ org_id, rows: rowsJson(patches), now }, tx);
}

/** Locks the leads first, like every other transaction, then the opportunities. */
async function findAndLock(
  { tx, org_id }: IncomingScope,
  records: readonly CrmDealRecord[],
): Promise<Found[]> {
  const asked = records.map(({ record_id, reference, person_ids, company_id }) => {
    return {
      record_id,
      reference: reference !== null && UUID.test(reference) ? reference : null,
      person_ids,
      company_id,
    };
  });
  const find = () => sql.findCrmDeals.run({ org_id, rows: rowsJson(asked) }, tx);
  const first = await find();
  const lead_ids = [...new Set(first.flatMap(({ lead_id, new_lead_id }) => lead_id ?? new_lead_id ?? []))];
  if (lead_ids.length > 0) await lockLeads.run({ org_id, lead_ids }, tx);
  await opportunitiesOfDeals.run({ org_id, crm_deal_ids: records.map(({ record_id }) => record_id) }, tx);
  return find();
}

function rowOf({ record, found, subject_id }: Deal, owners: Owners, world: IncomingWorld, now: Date) {
  const created_at = new Date(record.created_at);
  const opened_at = created_at < now ? created_at : now;
  const stage = stageOf(record.stage_id, null, world) ?? 'lead';
  const { new_lead_id, enrollment_id, account_id } = found;
  const amount = amountOf(record);
  return {
    id: subject_id!,
    lead_id: new_lead_id!,
    account_id,
    enrollment_id,
    is_newest: enrollment_id === null,
    name: said(record.name, 300) ?? 'Deal',
    stage,
    amount_cents: amount?.amount_cents ?? null,
    currency: amount?.currency ?? null,
    opened_at,
    closed_at: isClosed(stage) ? now : null,
    owner_user_id: owners.get(record.owner_id ?? '') ?? null,
    crm_deal_id: record.record_id,
  };
}

function patchOf({ record, found }: Deal, owners: Owners, world: IncomingWorld, now: Date) {
  const patch: Record<string, unknown> = {};
  const name = said(record.name, 300);
  const owner_user_id = owners.get(record.owner_id ?? '');
  const amount = amountOf(record);
  if (found.crm_deal_id !== record.record_id) patch.crm_deal_id = record.record_id;
  // The name of an erased person's deal stays erased.
  if (name !== null && name !== found.name && !found.is_erased) patch.name = name;
  if (owner_user_id !== undefined && owner_user_id !== found.owner_user_id)
    patch.owner_user_id = owner_user_id;
  const is_same = Number(found.amount_cents) === amount?.amount_cents && found.currency === amount.currency;
  if (amount !== null && !is_same) Object.assign(patch, amount);
  const stage = stageOf(record.stage_id, found.stage, world);
  if (stage !== null && stage !== found.stage && mayMove(found, stage)) {
    patch.stage = stage;
    const opened_at = found.opened_at!;
    patch.closed_at = isClosed(stage) ? (now > opened_at ? now : opened_at) : null;
    patch.lost_reason = null;
  }
  return patch;
}

/** A stage that a person set moves back, or out of its end, only by a person. */
function mayMove({ stage, is_by_person }: Found, to: OpportunityStage): boolean {
  const place = (one: OpportunityStage) => OPPORTUNITY_STAGE_VALUES.indexOf(one);
  return !is_by_person || (place(to) >= place(stage!) && !isClosed(stage!));
}

const isClosed = (stage: OpportunityStage) => stage === 'won' || stage === 'lost';

/** Our stage of a stage of the CRM. One without a stage of ours is in progress, unless it ends the deal. */
function stageOf(
  stage_id: string | null,
  current: OpportunityStage | null,
  { stages, ends }: IncomingWorld,
): OpportunityStage | null {
  if (stage_id === null) return null;
  if (current !== null && stages[current] === stage_id) return current;
  const own = OPPORTUNITY_STAGE_VALUES.find((stage) => stages[stage] === stage_id);
  if (own !== undefined) return own;
  const end = ends.get(stage_id) ?? 'open';
  return end === 'open' ? 'in_progress' : end;
}

function amountOf({ amount }: CrmDealRecord): { amount_cents: number; currency: string } | null {
  if (amount === null || !/^[A-Z]{3}$/.test(amount.currency)) return null;
  const amount_cents = Math.round(amount.value * 100);
  return Number.isSafeInteger(amount_cents) && amount_cents >= 0
    ? { amount_cents, currency: amount.currency }
    : null;
}
