import { randomUUID } from 'node:crypto';
import type { CrmOutcome } from '../../connectors/crm/port.ts';
import { lostReason } from '../../core/explain/crm_notes.ts';
import * as sql from '../../db/queries/crm_writes.gen.ts';
import { insertOpportunities } from '../../db/queries/opportunities.gen.ts';
import { newId } from '../../ids.ts';
import type { OpportunityStage } from '../../schema.gen.ts';
import { raiseFlags, resolveFlags } from '../gate/flags.ts';
import { rowsJson } from '../gate/rows.ts';
import type { Scope } from '../gate/scope.ts';
import { expectRecord } from './events.ts';
import { dealName, LEFT_OPEN } from './write_deal.ts';
import type { CrmDone } from './write_job.ts';

/** Longer than any write takes: a claimant that has not settled by then is dead. In real time. */
export const CRM_LEASE_MS = 180_000;
/** Longer than one request may be on its way. */
export const CRM_REQUEST_MAX_MS = 30_000;
/** In real time: at speed too, the CRM needs its time. */
const WAITS_MS = [1_000, 2_000, 5_000, 15_000, 60_000, 300_000, 600_000];
const LIMITED_MS = 2_000;
/** Until an admin connects the CRM again. */
const KEY_WAIT_MS = 60_000;
/** From this attempt on, admins are warned. */
const UNREACHABLE_ATTEMPTS = 5;

const RECORD_MISSING = 'record_missing';

export type ClaimedCrmWrite = sql.ClaimCrmWritesResult;

/** The key can no longer be decrypted, so nothing was requested. */
export type CrmUnopened = { kind: 'unopened' };

/** Claims due writes, opt-outs first, each the oldest of its person. */
export async function claimCrmWrites(scope: Scope, limit: number): Promise<ClaimedCrmWrite[]> {
  const { tx, org_id, clock, process_id = null } = scope;
  const now = clock.now();
  const lease_until = new Date(now.getTime() + CRM_LEASE_MS * clock.speed);
  const claim = { org_id, now, lease_until, process_id, claim_id: randomUUID() };
  const urgent = await sql.claimCrmWrites.run({ ...claim, rank: 0, limit }, tx);
  if (urgent.length >= limit) return urgent;
  return [
    ...urgent,
    ...(await sql.claimCrmWrites.run({ ...claim, rank: 1, limit: limit - urgent.length }, tx)),
  ];
}

/** Facts of a claimed write. Undefined only if the write is gone. */
export function crmWriteFacts({ tx, org_id }: Pick<Scope, 'tx' | 'org_id'>, id: string) {
  return sql.crmWriteFacts.run({ org_id, id }, tx).then(([facts]) => facts);
}

/**
 * Records what came of a write: written; refused, which stops its person's queue and raises a warning; or due again. Only the
 * latest claimant records anything.
 */
export async function settleCrmWrite(
  scope: Scope,
  write: ClaimedCrmWrite,
  facts: sql.CrmWriteFactsResult | undefined,
  outcome: CrmOutcome<CrmDone> | CrmUnopened,
): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  // Locked in the order of every other transaction: the lead first.
  if (write.lead_id !== null) await sql.lockCrmWriteLead.run({ org_id, lead_id: write.lead_id }, tx);
  const { id, claim_id } = write;
  const settled = await sql.settleCrmWrite.run(
    { org_id, id, claim_id: claim_id!, now, ...settlementOf(write, outcome, clock) },
    tx,
  );
  if (settled.length === 0) return;
  if (outcome.kind === 'ok') await applyDone(scope, write, facts, outcome.value);
  else await warn(scope, write, outcome);
  // Without reports, the night's sync would be the first to notice that the person was deleted.
  if (outcome.kind === 'missing' && facts?.crm_contact_id != null)
    await expectRecord(scope, 'person', facts.crm_contact_id, `unwritten ${write.id}`);
}

type Clock = Scope['clock'];
type Outcome = CrmOutcome<CrmDone> | CrmUnopened;

function settlementOf(write: ClaimedCrmWrite, outcome: Outcome, clock: Clock) {
  const again = (wait_ms: number) => new Date(clock.now_ms() + wait_ms * clock.speed);
  const nothing = { record_id: null, last_code: null, last_path: null, last_message: null, next_at: null };
  const kept = { ...nothing, uncounted: 0, is_uncertain: write.was_uncertain };
  const pending = { ...kept, status: 'pending' as const, last_code: outcome.kind };
  const attempt = Math.min(write.attempt_count, WAITS_MS.length);
  const next_at = again(WAITS_MS[attempt - 1]!);
  switch (outcome.kind) {
    case 'ok': {
      const { record_id } = outcome.value;
      const is_gone = write.kind === 'deal' && record_id === null;
      const last_code = is_gone ? (write.part === LEFT_OPEN ? 'no_deal' : 'record_missing') : null;
      const status = is_gone ? ('canceled' as const) : ('written' as const);
      return { ...kept, status, record_id, last_code, is_uncertain: false };
    }
    case 'unopened':
      return { ...pending, next_at: again(KEY_WAIT_MS) };
    case 'limited':
      return { ...pending, uncounted: 1, next_at: again(LIMITED_MS), last_message: outcome.response };
    case 'unreachable':
      return { ...pending, next_at, last_message: outcome.response };
    case 'lost':
      return { ...pending, next_at, last_message: outcome.response, is_uncertain: true };
    case 'missing':
      return {
        ...kept,
        status: 'refused' as const,
        last_code: RECORD_MISSING,
        last_message: outcome.message,
      };
    case 'refused': {
      const { code, path, message } = outcome;
      if (isOfKey(outcome)) return { ...pending, next_at: again(KEY_WAIT_MS), last_message: message };
      const told = { last_code: code.slice(0, 200), last_path: path?.slice(0, 1_000) ?? null };
      return { ...kept, status: 'refused' as const, ...told, last_message: message };
    }
  }
}

/** Whether the CRM does not accept the key, rather than the write. */
function isOfKey(outcome: Outcome): boolean {
  return outcome.kind === 'refused' && (outcome.status === 401 || outcome.status === 403);
}

/** Keeps the CRM's records, and the opportunity of a deal. */
async function applyDone(
  scope: Scope,
  write: ClaimedCrmWrite,
  facts: sql.CrmWriteFactsResult | undefined,
  done: CrmDone,
): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  const { person_id, company_id, deal_id, actor_ids } = done;
  if (person_id !== undefined && write.lead_id !== null && person_id !== facts?.crm_contact_id)
    await sql.linkCrmPerson.run({ org_id, lead_id: write.lead_id, record_id: person_id, now }, tx);
  if (company_id !== undefined && write.account_id !== null)
    await sql.linkCrmCompany.run({ org_id, account_id: write.account_id, record_id: company_id, now }, tx);
  if (actor_ids.length > 0)
    await sql.keepCrmActors.run({ org_id, actor_ids: [...new Set(actor_ids)], now }, tx);
  if (deal_id !== undefined && facts !== undefined && write.part !== LEFT_OPEN)
    await keepDeal(scope, write, facts, deal_id);
  await resolveFlags(scope, { kind: 'crm_write_refused', subjects: [write.id], resolution: 'cause_gone' });
  await resolveFlags(scope, { kind: 'crm_unreachable', subjects: ['org'], resolution: 'cause_gone' });
}

async function keepDeal(
  { tx, org_id, clock }: Scope,
  write: ClaimedCrmWrite,
  facts: sql.CrmWriteFactsResult,
  crm_deal_id: string,
): Promise<void> {
  const now = clock.now();
  const stage = write.part as OpportunityStage;
  const lost_reason = stage === 'lost' ? lostReason(facts.exit_reason) : null;
  if (facts.opportunity_id !== null) {
    await sql.advanceCrmOpportunity.run({ org_id, id: facts.opportunity_id, stage, now, lost_reason }, tx);
    return;
  }
  const row = {
    id: newId(clock),
    lead_id: write.lead_id,
    enrollment_id: facts.enrollment_id,
    is_newest: false,
    name: dealName(facts),
    stage,
    opened_at: facts.enrolled_at,
    closed_at: stage === 'won' || stage === 'lost' ? now : null,
    lost_reason,
    crm_deal_id,
  };
  const made = { org_id, rows: rowsJson([row]), source: 'crm' as const, created_by_user_id: null, now };
  await insertOpportunities.run(made, tx);
}

async function warn(scope: Scope, write: ClaimedCrmWrite, outcome: Outcome): Promise<void> {
  const is_key = outcome.kind === 'unopened' || isOfKey(outcome);
  if (!is_key && (outcome.kind === 'refused' || outcome.kind === 'missing')) {
    const { id: subject, kind, part, lead_id } = write;
    const { code, path } = outcome.kind === 'refused' ? outcome : { code: RECORD_MISSING, path: null };
    const about = lead_id === null ? {} : { lead_id };
    const detail = { kind, part, code, path };
    await raiseFlags(scope, [{ kind: 'crm_write_refused', subject, ...about, for_role: 'revops', detail }]);
  } else if (is_key || (outcome.kind !== 'limited' && write.attempt_count >= UNREACHABLE_ATTEMPTS)) {
    const detail = { cause: is_key ? 'key' : 'unreachable' };
    await raiseFlags(scope, [{ kind: 'crm_unreachable', subject: 'org', for_role: 'admin', detail }]);
  }
}

/** Asks admins about the CRM's records of a person whose data was deleted, where the connection says so. */
export async function warnOfErasures(scope: Scope, lead_id: string): Promise<void> {
  const { tx, org_id } = scope;
  const asked = await sql.erasuresToDecide.run({ org_id, lead_id }, tx);
  const detail = { kind: 'erasure', code: 'asks_admin' };
  const flags = asked.map(
    ({ id: subject }) => ({ kind: 'crm_write_refused', subject, for_role: 'admin', detail }) as const,
  );
  await raiseFlags(scope, flags);
}
