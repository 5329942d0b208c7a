import type { CrmClient, CrmDialect } from './crm_client.ts';
import { HUBSPOT_CALLS, type HubspotCalls } from './hubspot_calls.ts';
import { refusal } from './hubspot_shapes.ts';

export type HubspotClient = CrmClient<HubspotCalls>;

export function hubspotDialect(secret: string): CrmDialect<HubspotCalls> {
  return {
    calls: HUBSPOT_CALLS,
    secret,
    refusalOf(body) {
      const { data } = refusal.safeParse(body);
      if (data === undefined) return {};
      const [first] = data.errors ?? [];
      const path = first?.context?.propertyName?.[0] ?? first?.in;
      return {
        message: first === undefined ? data.message : `${data.message} ${first.message}`,
        path,
        ...(data.category === undefined ? {} : { code: data.category }),
      };
    },
    // HubSpot names no instant: the limit of ten seconds rolls, and the limit of a day ends at midnight of the account.
    limitOf: (body) => (refusal.safeParse(body).data?.policyName === 'DAILY' ? 'day' : 'burst'),
  };
}
