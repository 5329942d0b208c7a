import { refusedHere } from './crm_client.ts';
import type { HubspotClient } from './hubspot_requests.ts';
import { TYPE_OF } from './hubspot_values.ts';
import type { CrmOutcome } from './port.ts';
import type { CrmAmount } from './records.ts';

type Currencies = { own: string; others: string[] };

export type HubspotAccount = {
  /** Read once. */
  currencies(): Promise<CrmOutcome<Currencies>>;
  /** The properties of an amount; refused if the account does not have its currency. */
  amountOf(amount: CrmAmount | undefined): Promise<CrmOutcome<Record<string, string>>>;
  /** The properties of a stage, which HubSpot accepts only with its pipeline; refused if there is no such stage. */
  stageOf(stage_id: string | undefined): Promise<CrmOutcome<Record<string, string>>>;
};

export function hubspotAccount(client: HubspotClient): HubspotAccount {
  let known: Currencies | null = null;
  let pipelines = new Map<string, string>();
  const currencies = async (): Promise<CrmOutcome<Currencies>> => {
    if (known === null) {
      const got = await client.call('account', {});
      if (got.kind !== 'ok') return got;
      const { companyCurrency: own, additionalCurrencies } = got.value;
      known = { own, others: additionalCurrencies.filter((one) => one !== own) };
    }
    return { kind: 'ok', value: known };
  };
  return {
    currencies,
    async amountOf(amount) {
      if (amount === undefined) return { kind: 'ok', value: {} };
      const got = await currencies();
      if (got.kind !== 'ok') return got;
      const { own, others } = got.value;
      if (![own, ...others].includes(amount.currency)) {
        const message = `The HubSpot account has amounts in ${[own, ...others].join(', ')} only.`;
        return refusedHere('currency_differs', 'amount.currency', message);
      }
      // An account with one currency has no currencies of deals.
      const code = others.length === 0 ? {} : { deal_currency_code: amount.currency };
      return { kind: 'ok', value: { amount: String(amount.value), ...code } };
    },
    async stageOf(stage_id) {
      if (stage_id === undefined) return { kind: 'ok', value: {} };
      if (!pipelines.has(stage_id)) {
        const got = await client.call('list_pipelines', { params: { object: TYPE_OF.deal } });
        if (got.kind !== 'ok') return got;
        pipelines = new Map(got.value.results.flatMap(({ id, stages }) => stages.map((one) => [one.id, id])));
      }
      const pipeline = pipelines.get(stage_id);
      if (pipeline === undefined)
        return refusedHere('stage_unknown', 'stage_id', 'No pipeline of deals has this stage.');
      return { kind: 'ok', value: { pipeline, dealstage: stage_id } };
    },
  };
}
