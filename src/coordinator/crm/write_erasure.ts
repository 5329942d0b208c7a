import type { Crm, CrmOutcome } from '../../connectors/crm/port.ts';
import type { CrmDone, CrmWriteJob } from './write_job.ts';

/** The name of a deal whose person's data was deleted. */
const ERASED_DEAL = 'Deal of a deleted lead';

/**
 * Deletes our notes on a person, the names in our deals, and then the CRM's record of the person. `ok` only once the CRM
 * confirms that the record is gone.
 */
export async function eraseRecord(crm: Crm, { write, facts }: CrmWriteJob): Promise<CrmOutcome<CrmDone>> {
  for (const note_id of facts.note_ids) {
    const deleted = await crm.deleteActivity(note_id);
    if (deleted.kind !== 'ok' && deleted.kind !== 'missing') return deleted;
  }
  for (const deal_id of facts.deal_ids) {
    const renamed = await crm.changeDeal(deal_id, { name: ERASED_DEAL });
    if (renamed.kind !== 'ok' && renamed.kind !== 'missing') return renamed;
  }
  const record_id = write.record_id!;
  const deleted = await crm.deleteRecord('person', record_id);
  if (deleted.kind !== 'ok' && deleted.kind !== 'missing') return deleted;
  const left = await crm.readRecord('person', record_id);
  switch (left.kind) {
    case 'missing':
      return { kind: 'ok', value: { record_id: null, actor_ids: [] } };
    case 'ok':
      return { kind: 'unreachable', response: 'The CRM still has the record.' };
    case 'merged': {
      const message =
        'The record was merged into another one. Delete that one in the CRM, then skip this write.';
      return { kind: 'refused', status: null, code: 'record_merged', path: null, message };
    }
    default:
      return left;
  }
}
