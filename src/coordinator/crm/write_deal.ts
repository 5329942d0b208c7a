import type { Crm, CrmOutcome } from '../../connectors/crm/port.ts';
import type { CrmRecord } from '../../connectors/crm/records.ts';
import { openDealTask } from '../../core/explain/crm_notes.ts';
import type { CrmWriteFactsResult } from '../../db/queries/crm_writes.gen.ts';
import { OPPORTUNITY_STAGE_VALUES, type OpportunityStage } from '../../schema.gen.ts';
import { actorsOf, type CrmDone, type CrmWriteJob, type DealSettings } from './write_job.ts';
import type { KnownPerson } from './write_person.ts';

/** The end of a sequence that neither won nor lost the deal. */
export const LEFT_OPEN = 'left_open';

/**
 * Brings a deal to the stage of the write, or creates it there. A deal that is further, or closed, stays: a person moved it. A
 * deal that was deleted stays deleted.
 */
export async function writeDeal(
  crm: Crm,
  job: CrmWriteJob,
  person: KnownPerson,
): Promise<CrmOutcome<CrmDone>> {
  const stage = job.write.part as OpportunityStage;
  const actor_ids: string[] = [];
  let deal_id = job.facts.crm_deal_id;
  if (deal_id === null) {
    const made = await create(crm, job, stage, person);
    if (made.kind !== 'ok') return made;
    deal_id = made.value.record_id;
    actor_ids.push(...actorsOf(made.value.actor_id));
  }
  const read = await crm.readRecord('deal', deal_id);
  if (read.kind === 'missing') return { kind: 'ok', value: { record_id: null, actor_ids } };
  if (read.kind === 'merged') deal_id = read.merged_into;
  else if (read.kind !== 'ok') return read;
  else {
    const is_behind = await isBehind(read.value, stage, job.deals);
    if (is_behind.kind !== 'ok') return is_behind;
    if (!is_behind.value) return { kind: 'ok', value: { record_id: deal_id, deal_id, actor_ids } };
    const moved = await crm.changeDeal(deal_id, { stage_id: job.deals.stages[stage] });
    if (moved.kind !== 'ok') return moved;
    actor_ids.push(...actorsOf(moved.value.actor_id));
  }
  return { kind: 'ok', value: { record_id: deal_id, deal_id, actor_ids } };
}

/** A task for the owner of the deal. Nothing without a deal. */
export async function leaveOpen(crm: Crm, job: CrmWriteJob): Promise<CrmOutcome<CrmDone>> {
  const { facts, write, now } = job;
  const deal_id = facts.crm_deal_id;
  if (deal_id === null) return { kind: 'ok', value: { record_id: null, actor_ids: [] } };
  const read = await crm.readRecord('deal', deal_id);
  if (read.kind === 'missing' || read.kind === 'merged')
    return { kind: 'ok', value: { record_id: null, actor_ids: [] } };
  if (read.kind !== 'ok') return read;
  const link = { object: 'deal', record_id: deal_id } as const;
  if (job.look_first) {
    const found = await crm.findTask(link, write.id);
    if (found.kind !== 'ok') return found;
    if (found.value !== null) return taskDone(found.value, deal_id);
  }
  const owner = read.value.object === 'deal' ? read.value.owner_id : null;
  const owner_id = owner === null ? await ownerOf(job) : ({ kind: 'ok', value: owner } as const);
  if (owner_id.kind !== 'ok') return owner_id;
  const text = openDealTask(facts.campaign_name!, facts.exit_reason);
  const task = { owner_id: owner_id.value, text, deadline_at: null, now, links: [link] as [typeof link] };
  const made = await crm.createTask({ ...task, reference: write.id });
  return made.kind === 'ok' ? taskDone(made.value, deal_id) : made;
}

function taskDone(
  made: { record_id: string; actor_id: string | null },
  deal_id: string,
): CrmOutcome<CrmDone> {
  return { kind: 'ok', value: { record_id: made.record_id, deal_id, actor_ids: actorsOf(made.actor_id) } };
}

async function create(crm: Crm, job: CrmWriteJob, stage: OpportunityStage, person: KnownPerson) {
  const { facts, write, deals } = job;
  const owner = await ownerOf(job);
  if (owner.kind !== 'ok') return owner;
  return crm.ensureDeal({
    reference: write.subject_id,
    name: dealName(facts),
    stage_id: deals.stages[stage],
    owner_id: owner.value,
    person_ids: [person.record_id],
    ...(facts.crm_account_id === null ? {} : { company_id: facts.crm_account_id }),
  });
}

/** The company, or else the person, and the campaign. */
export function dealName(facts: CrmWriteFactsResult): string {
  const person = [facts.first_name, facts.last_name].filter(Boolean).join(' ');
  const who = facts.account_name ?? (person === '' ? facts.email! : person);
  return `${who}: ${facts.campaign_name}`.slice(0, 300);
}

async function ownerOf({ facts, deals }: CrmWriteJob): Promise<CrmOutcome<string>> {
  const world = await deals.described();
  if (world.kind !== 'ok') return world;
  const owner_id = world.value.owners.get(facts.owner_email?.toLowerCase() ?? '') ?? deals.deal_owner_id;
  if (owner_id !== null) return { kind: 'ok', value: owner_id };
  const message =
    'The lead’s owner has no account in the CRM, and the connection names no owner for such deals.';
  return { kind: 'refused', status: null, code: 'deal_owner_unknown', path: 'deal_owner_id', message };
}

/** Whether the CRM's stage is before ours. A stage without one of ours is in progress, unless it ends a deal. */
async function isBehind(
  record: CrmRecord,
  stage: OpportunityStage,
  { stages, described }: DealSettings,
): Promise<CrmOutcome<boolean>> {
  const at = record.object === 'deal' ? record.stage_id : null;
  const is = (value: boolean): CrmOutcome<boolean> => ({ kind: 'ok', value });
  if (at === null || at === stages[stage]) return is(at === null);
  const world = await described();
  if (world.kind !== 'ok') return world;
  if (world.value.ends.has(at) || at === stages.won || at === stages.lost) return is(false);
  const ours = OPPORTUNITY_STAGE_VALUES.find((one) => stages[one] === at) ?? 'in_progress';
  return is(OPPORTUNITY_STAGE_VALUES.indexOf(ours) < OPPORTUNITY_STAGE_VALUES.indexOf(stage));
}
