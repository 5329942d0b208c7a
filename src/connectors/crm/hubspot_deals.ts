import type { HubspotAccount } from './hubspot_account.ts';
import type { HubspotReads } from './hubspot_reads.ts';
import { changes, REFERENCE } from './hubspot_values.ts';
import type { HubspotWrites } from './hubspot_writes.ts';
import type { Crm, CrmOutcome } from './port.ts';
import type { CrmDealChanges, CrmWritten } from './records.ts';

export function hubspotDeals(
  reads: HubspotReads,
  writes: HubspotWrites,
  account: HubspotAccount,
): Pick<Crm, 'ensureDeal' | 'changeDeal'> {
  const valuesOf = async ({ name, owner_id, amount, stage_id }: CrmDealChanges) => {
    const money = await account.amountOf(amount);
    if (money.kind !== 'ok') return money;
    const stage = await account.stageOf(stage_id);
    if (stage.kind !== 'ok') return stage;
    const value = { dealname: name, hubspot_owner_id: owner_id, ...money.value, ...stage.value };
    return { kind: 'ok' as const, value };
  };
  const find = async (reference: string): Promise<CrmOutcome<CrmWritten> | null> => {
    const got = await reads.byUnique('deal', REFERENCE, [reference]);
    if (got.kind !== 'ok') return got;
    const [found] = got.value;
    return found === undefined ? null : writes.written(found.id);
  };
  return {
    async ensureDeal(deal) {
      const values = await valuesOf(deal);
      if (values.kind !== 'ok') return values;
      const found = await find(deal.reference);
      if (found !== null) return found;
      const properties = changes({}, { ...values.value, [REFERENCE]: deal.reference });
      const made = await writes.create('deal', properties, deal);
      if (made.kind !== 'refused') return made;
      // Another writer may have created the deal since the read.
      const again = await find(deal.reference);
      return again?.kind === 'ok' ? again : made;
    },
    async changeDeal(record_id, wanted) {
      const values = await valuesOf(wanted);
      if (values.kind !== 'ok') return values;
      const stored = await reads.live('deal', record_id);
      if (stored.kind !== 'ok') return stored;
      const properties = changes(stored.value.properties, values.value);
      return await writes.update('deal', stored.value, properties, wanted);
    },
  };
}
