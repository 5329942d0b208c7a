import type { CrmObject, CrmRecord } from '../../connectors/crm/records.ts';
import * as sql from '../../db/queries/crm_incoming.gen.ts';
import type { CrmLeftOut } from '../../schema.gen.ts';
import { rowsJson } from '../gate/rows.ts';
import type { Scope } from '../gate/scope.ts';
import type { CrmField, CrmFields, FieldValues } from './fields.ts';
import type { CrmStages } from './mapping.ts';

/** A transaction that applies records of the CRM. `secret` recognizes erased people. */
export type IncomingScope = Scope & { secret: string };

/** When the records were requested, by the product's clock, and the sync that requested them. */
export type Reading = { read_at: Date; run_id: string | null };

/** The stages and users that deals refer to. */
export type IncomingWorld = {
  stages: CrmStages;
  /** How each stage of the CRM ends a deal. */
  ends: ReadonlyMap<string, 'won' | 'lost' | 'open'>;
  /** Emails of the CRM's users by their ids, in lower case. */
  emails: ReadonlyMap<string, string>;
};

/** The mapped attributes, and the users here of the CRM's users. */
export type IncomingFields = { fields: CrmFields; owners: Owners };

/** Users by the CRM's ids of their accounts there. */
export type Owners = ReadonlyMap<string, string>;

/** Fields whose value says nothing here; the owner too, if the CRM's user has no account here. */
export const unreadOf = ({ owner_id, unread }: FieldValues, owners: Owners): CrmField[] =>
  owner_id === null || owners.has(owner_id) ? unread : [...unread, 'owner'];

/** The mapped columns of a lead or an account. */
export const columnsOf = ({ icp_tier, segment, owner_id }: FieldValues, owners: Owners) => ({
  icp_tier,
  segment,
  owner_user_id: owners.get(owner_id ?? '') ?? null,
});

export type CrmPersonRecord = Extract<CrmRecord, { object: 'person' }>;
export type CrmCompanyRecord = Extract<CrmRecord, { object: 'company' }>;
export type CrmDealRecord = Extract<CrmRecord, { object: 'deal' }>;

export type KeptRecord = {
  record_id: string;
  subject_id: string | null;
  left_out: CrmLeftOut | null;
  unread_fields?: readonly CrmField[];
};

/** Stores what was read about records, and returns those about which nothing newer is known: only these may be applied. */
export async function keepRecords(
  { tx, org_id }: Scope,
  object: CrmObject,
  rows: readonly KeptRecord[],
  { read_at, run_id }: Reading,
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const kept = await sql.keepCrmRecords.run({ org_id, object, rows: rowsJson(rows), read_at, run_id }, tx);
  return new Set(kept.filter(({ is_fresh }) => is_fresh).map(({ record_id }) => record_id));
}

/** The records that these refer to. */
export function referencesOf(records: readonly CrmRecord[]): { object: CrmObject; record_id: string }[] {
  const all = records.flatMap((record) => {
    if (record.object === 'company') return [];
    const companies = record.company_id === null ? [] : [record.company_id];
    const people = record.object === 'deal' ? record.person_ids : [];
    return [
      ...companies.map((record_id) => ({ object: 'company' as const, record_id })),
      ...people.map((record_id) => ({ object: 'person' as const, record_id })),
    ];
  });
  return [...new Map(all.map((one) => [`${one.object} ${one.record_id}`, one])).values()];
}

/** A text of the CRM as a column takes it; null if it says nothing. */
export function said(text: string | null | undefined, chars_max: number): string | null {
  const trimmed = (text ?? '').replace(/\p{C}/gu, ' ').trim().slice(0, chars_max).trim();
  return trimmed === '' ? null : trimmed;
}
