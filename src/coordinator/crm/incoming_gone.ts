/** Records of the CRM that were deleted, or merged into others. */
import type { CrmObject } from '../../connectors/crm/records.ts';
import * as sql from '../../db/queries/crm_incoming.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { pauseLead } from '../../db/queries/leads.gen.ts';
import { FOR_THE_REP, raiseFlags } from '../gate/flags.ts';
import { rowsJson } from '../gate/rows.ts';
import { erasedAddressHmac } from '../sending/erased_addresses.ts';
import { erasedKeys, personKey } from './erased_records.ts';
import { expectRecord } from './events.ts';
import type { IncomingScope, Reading } from './incoming.ts';
import { RECORD_DELETED } from './incoming_people.ts';

/**
 * The CRM no longer has a record. A person is paused, and their owner decides; a company is unlinked; an opportunity stays as it is.
 */
export async function applyGone(
  scope: IncomingScope,
  object: CrmObject,
  record_id: string,
  { read_at }: Reading,
): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  const lead = object === 'person' ? await lockedLeadOf(scope, record_id, read_at) : null;
  const is_linked = lead !== null;
  const lost = await sql.loseCrmRecord.run({ org_id, object, record_id, read_at, now, is_linked }, tx);
  if (object === 'company' && lost.length > 0)
    await sql.moveCrmCompany.run({ org_id, record_id, to_record_id: null, now }, tx);
  if (lost.length === 0 || lead === null || lead.crm_contact_id !== record_id || lead.is_opted_out) return;
  const lead_id = lead.id;
  const other = await sql.otherCrmRecordOf.one({ org_id, lead_id, record_id }, tx);
  if (other !== undefined) {
    if (other.subject_id !== lead_id) await joinLeads(scope, lead, other.subject_id);
    return expectRecord(scope, 'person', other.record_id, `instead of ${record_id}`);
  }
  await pauseLead.run({ org_id, id: lead_id, reason: RECORD_DELETED, now }, tx);
  await raiseFlags(scope, [{ kind: 'crm_record_deleted', subject: lead_id, lead_id, ...FOR_THE_REP }]);
}

/**
 * The CRM merged a record into another one. Two leads become one, as the gates allow (`merge_same_crm_records`); one lead, account,
 * or opportunity gets the other id.
 */
export async function applyMerged(
  scope: IncomingScope,
  object: CrmObject,
  { record_id, merged_into }: { record_id: string; merged_into: string },
  { read_at }: Reading,
): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  const moved = { org_id, record_id, to_record_id: merged_into, now };
  if (object === 'person') await mergePeople(scope, record_id, merged_into, read_at);
  const lost = { org_id, object, record_id, read_at, now, is_linked: false };
  await sql.loseCrmRecord.run(lost, tx);
  if (object === 'company') {
    const kept = await sql.moveCrmCompany.run(moved, tx);
    if (kept.length === 0) await sql.moveCrmCompany.run({ ...moved, to_record_id: null }, tx);
  }
  if (object === 'deal') await sql.moveCrmDeal.run(moved, tx);
  await expectRecord(scope, object, merged_into, `merged from ${record_id}`);
}

async function mergePeople(scope: IncomingScope, from: string, into: string, read_at: Date): Promise<void> {
  const { tx, org_id, clock, secret } = scope;
  const erased = await erasedKeys(scope, secret, [personKey(from)]);
  const [gone, kept] = [await lockedLeadOf(scope, from, read_at), await lockedLeadOf(scope, into, read_at)];
  if (gone === null) {
    if (kept === null && erased.size > 0) {
      const [of_hmac, to_hmac] = [from, into].map((id) => erasedAddressHmac(secret, org_id, personKey(id)));
      await sql.extendErasure.run({ of_hmac: of_hmac!, to_hmac: to_hmac! }, tx);
    }
    return;
  }
  // The lead has another record by now.
  if (gone.crm_contact_id !== null && gone.crm_contact_id !== from) return;
  if (kept === null) {
    await sql.moveCrmPerson.run({ org_id, lead_id: gone.id, record_id: into, now: clock.now() }, tx);
  } else if (kept.id !== gone.id) {
    await joinLeads(scope, gone, kept.id);
  }
}

/** The leads are one person of the CRM: a rule merges them. Both are locked. */
async function joinLeads(scope: IncomingScope, gone: sql.CrmLeadFactsResult, kept_id: string): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  if (gone.crm_contact_id !== null)
    await sql.unlinkCrmPerson.run({ org_id, lead_id: gone.id, record_id: gone.crm_contact_id, now }, tx);
  const rows = [{ lead_id: gone.id, other_lead_id: kept_id, reason: 'same_crm_record' }];
  await sql.suggestCrmMerges.run({ org_id, rows: rowsJson(rows), now }, tx);
}

/** The lead that has or had this record, locked; null if there is none. */
async function lockedLeadOf({ tx, org_id }: IncomingScope, record_id: string, read_at: Date) {
  const asked = { org_id, rows: rowsJson([{ record_id, emails: [] as string[] }]) };
  const [found] = await sql.findCrmPeople.run(asked, tx);
  if (found === undefined || found.by_record_id === null) return null;
  await lockLeads.run({ org_id, lead_ids: [found.by_record_id] }, tx);
  const [again] = await sql.findCrmPeople.run(asked, tx);
  const lead_ids = again?.by_record_id ? [again.by_record_id] : [];
  const [lead] = await sql.crmLeadFacts.run({ org_id, lead_ids, read_at }, tx);
  return lead ?? null;
}
