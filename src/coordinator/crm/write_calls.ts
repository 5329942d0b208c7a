import type { Crm, CrmOutcome } from '../../connectors/crm/port.ts';
import type { CrmActivity, CrmWritten } from '../../connectors/crm/records.ts';
import { replyNote, touchNote } from '../../core/explain/crm_notes.ts';
import type { CrmWriteFactsResult } from '../../db/queries/crm_writes.gen.ts';
import { LEFT_OPEN, leaveOpen, writeDeal } from './write_deal.ts';
import { eraseRecord } from './write_erasure.ts';
import { actorsOf, type CrmDone, type CrmWriteJob } from './write_job.ts';
import { ensurePerson, type KnownPerson } from './write_person.ts';

/** Performs one write. Safe to repeat with `look_first` after any outcome. */
export function performWrite(crm: Crm, job: CrmWriteJob): Promise<CrmOutcome<CrmDone>> {
  switch (job.write.kind) {
    case 'company':
      return writeCompany(crm, job.facts);
    case 'person':
      return withPerson(crm, job, async ({ record_id, actor_ids }) => done(record_id, { actor_ids }));
    case 'opt_out':
      return withPerson(crm, job, async (person) =>
        written(await crm.setOptOut(person.record_id, job.facts.is_opted_out === true)),
      );
    case 'touch':
    case 'reply':
      return withPerson(crm, job, async (person) => writeActivity(crm, job, person));
    case 'erasure':
      return eraseRecord(crm, job);
    case 'deal':
      // The task about a deal left open needs no person: their data may be deleted.
      if (job.write.part === LEFT_OPEN) return leaveOpen(crm, job);
      return withPerson(crm, job, (person) => writeDeal(crm, job, person));
  }
}

async function writeCompany(crm: Crm, facts: CrmWriteFactsResult): Promise<CrmOutcome<CrmDone>> {
  const { crm_account_id, domain, account_name } = facts;
  if (domain === null || crm_account_id !== null) return done(crm_account_id, { actor_ids: [] });
  const outcome = await crm.upsertCompany({
    domains: [domain],
    ...(account_name === null ? {} : { name: account_name }),
  });
  if (outcome.kind !== 'ok') return outcome;
  const { record_id, actor_id } = outcome.value;
  return done(record_id, { company_id: record_id, actor_ids: actorsOf(actor_id) });
}

/** First the person, with the record that the CRM has or creates; then the write about them. */
async function withPerson(
  crm: Crm,
  job: CrmWriteJob,
  then: (person: KnownPerson) => Promise<CrmOutcome<CrmDone>>,
): Promise<CrmOutcome<CrmDone>> {
  const person = await ensurePerson(crm, job.facts, { is_enrolling: job.write.kind === 'person' });
  if (person.kind !== 'ok') return person;
  const { record_id: person_id, actor_ids } = person.value;
  const outcome = await then(person.value);
  if (outcome.kind !== 'ok') return outcome;
  return {
    kind: 'ok',
    value: { ...outcome.value, person_id, actor_ids: [...actor_ids, ...outcome.value.actor_ids] },
  };
}

async function writeActivity(
  crm: Crm,
  { write, facts, look_first, now }: CrmWriteJob,
  { record_id: person_id }: KnownPerson,
): Promise<CrmOutcome<CrmDone>> {
  if (look_first) {
    const found = await crm.findActivity(person_id, write.id);
    if (found.kind !== 'ok') return found;
    if (found.value !== null) return written({ kind: 'ok', value: found.value });
  }
  const note = noteOf(write, facts);
  const activity: CrmActivity = { ...note, person_id, now, reference: write.id };
  return written(await crm.createActivity(activity));
}

function noteOf(write: CrmWriteJob['write'], facts: CrmWriteFactsResult) {
  const { channel, touched_at, outcome, campaign_name, step_number, content_type, received_at } = facts;
  if (write.kind === 'reply')
    return {
      ...replyNote({ intent: facts.intent, received_at: received_at!, campaign_name }),
      at: received_at!.toISOString(),
    };
  const part = write.part as 'sent' | 'unknown' | 'settled';
  const told = {
    part,
    channel: channel!,
    content_type,
    campaign_name: campaign_name!,
    step_number: step_number!,
  };
  return {
    ...touchNote({ ...told, touched_at: touched_at!, outcome: outcome! }),
    at: touched_at!.toISOString(),
  };
}

function written(outcome: CrmOutcome<CrmWritten>): CrmOutcome<CrmDone> {
  if (outcome.kind !== 'ok') return outcome;
  return done(outcome.value.record_id, { actor_ids: actorsOf(outcome.value.actor_id) });
}

function done(record_id: string | null, more: Omit<CrmDone, 'record_id'>): CrmOutcome<CrmDone> {
  return { kind: 'ok', value: { record_id, ...more } };
}
