import type { CrmOutcome } from '../../connectors/crm/port.ts';
import type { CrmWriteFactsResult } from '../../db/queries/crm_writes.gen.ts';
import type { CrmWritesRow } from '../../schema.gen.ts';
import type { CrmStages } from './mapping.ts';

/** The result of a write. `record_id` is null if nothing had to be written. */
export type CrmDone = {
  record_id: string | null;
  /** The CRM's record of the person, where one was needed. */
  person_id?: string;
  company_id?: string;
  deal_id?: string;
  actor_ids: string[];
};

export type CrmWriteJob = {
  write: Pick<CrmWritesRow, 'id' | 'kind' | 'part' | 'subject_id' | 'record_id'>;
  facts: CrmWriteFactsResult;
  /** An earlier attempt may have written. */
  look_first: boolean;
  /** ISO 8601, of the machine and not of a simulated clock: CRMs refuse notes dated ahead. */
  now: string;
  deals: DealSettings;
};

export type DealSettings = {
  stages: CrmStages;
  /** The owner of deals of users without an account in the CRM. */
  deal_owner_id: string | null;
  described(): Promise<CrmOutcome<DealWorld>>;
};

export type DealWorld = {
  /** Ids of the CRM's active users by email, in lower case. */
  owners: ReadonlyMap<string, string>;
  /** Ids of the CRM's stages that end a deal. */
  ends: ReadonlySet<string>;
};

export function actorsOf(actor_id: string | null): string[] {
  return actor_id === null ? [] : [actor_id];
}
