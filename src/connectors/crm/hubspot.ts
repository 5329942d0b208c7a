import { AppError } from '../../errors.ts';
import { crmClient, refusedHere } from './crm_client.ts';
import { crmHttp, readCrmKey, readCrmUrl } from './crm_http.ts';
import { hubspotAccount } from './hubspot_account.ts';
import { hubspotActivities } from './hubspot_activities.ts';
import { hubspotCompanies } from './hubspot_companies.ts';
import { hubspotDeals } from './hubspot_deals.ts';
import { hubspotDescribe } from './hubspot_describe.ts';
import { hubspotPeople } from './hubspot_people.ts';
import { type HubspotReads, hubspotReads } from './hubspot_reads.ts';
import { hubspotDialect } from './hubspot_requests.ts';
import { OPT_OUT, TYPE_OF } from './hubspot_values.ts';
import { hubspotWebhooks } from './hubspot_webhooks.ts';
import { hubspotWrites } from './hubspot_writes.ts';
import type { Crm, CrmApp, CrmHooks, CrmOutcome, CrmPage, CrmPlace } from './port.ts';
import type { CrmObject, CrmRecord } from './records.ts';

const HOST = 'api.hubapi.com';
/** HubSpot answers its slowest search in a few seconds. */
const TIMEOUT_MS = 30_000;
const DAY_MS = 24 * 3_600_000;

export type HubspotOptions = CrmHooks &
  CrmApp & {
    /** The access token of a private app. */
    api_key: string;
    /** HubSpot itself, or a server on this machine. */
    base_url?: string;
    fields?: readonly CrmPlace[];
    timeout_ms?: number;
  };

/**
 * HubSpot over its REST API of March 2026. Throws `crm_url_refused`, `crm_key_invalid`, and `crm_app_invalid`, with the path
 * of the setting. The key is only in a header, and in the call that describes it, and never in an outcome.
 */
export function hubspotCrm(options: HubspotOptions): Crm {
  const { api_key, app_id, client_secret, base_url, fields = [], timeout_ms = TIMEOUT_MS } = options;
  if (!/^[1-9]\d{0,15}$/.test(app_id)) {
    const message = 'The app id must be the number that HubSpot shows for the app.';
    throw new AppError('crm_app_invalid', message, { errors: [{ path: 'app_id', message }] });
  }
  readCrmKey(client_secret, 'client_secret');
  const http = crmHttp({
    base_url: readCrmUrl(base_url ?? `https://${HOST}`, HOST, 'base_url'),
    headers: { authorization: `Bearer ${readCrmKey(api_key, 'api_key')}` },
    timeout_ms,
  });
  const client = crmClient(http, options, hubspotDialect(api_key));
  const account = hubspotAccount(client);
  const reads = hubspotReads(client, account, fields);
  const writes = hubspotWrites(client, reads, app_id);
  return {
    name: 'hubspot',
    // The limits of the smallest account. A day is counted over all apps, and so are five searches in a second, which
    // only `upsertCompany` makes.
    limits: [
      { calls: 'all', count: 100, window_ms: 10_000 },
      { calls: 'all', count: 250_000, window_ms: DAY_MS },
    ],
    search_lag_ms: 30_000,
    ...hubspotDescribe(client, account, options),
    ...hubspotPeople(reads, writes),
    ...hubspotCompanies(client, reads, writes),
    ...hubspotDeals(reads, writes, account),
    async setOptOut(id, is_opted_out) {
      const params = { object: TYPE_OF.person, id };
      const body = { properties: { [OPT_OUT]: String(is_opted_out) } };
      const changed = await client.call('update_object', { params, body });
      return changed.kind === 'ok' ? writes.written(changed.value.id) : changed;
    },
    ...hubspotActivities(client, reads, writes),
    deleteRecord: (object, record_id) => writes.remove(object, record_id),
    readRecord: (object, record_id) => readRecord(reads, object, record_id),
    pageRecords: (object, cursor, limit) => pageRecords(reads, object, cursor, limit),
    ...hubspotWebhooks(client, options),
    close: () => http.close(),
  };
}

async function readRecord(
  reads: HubspotReads,
  object: CrmObject,
  record_id: string,
): Promise<CrmOutcome<CrmRecord> | { kind: 'merged'; merged_into: string }> {
  const got = await reads.one(object, record_id);
  if (got.kind !== 'ok') return got;
  if (got.value.id !== record_id) return { kind: 'merged', merged_into: got.value.id };
  return await reads.record(object, got.value);
}

/** HubSpot lists records by their ids, so others that come or go between pages move nothing. */
async function pageRecords(
  reads: HubspotReads,
  object: CrmObject,
  cursor: string | null,
  limit: number,
): Promise<CrmOutcome<CrmPage>> {
  const [, after = null] = /^after:([\w+/=%-]{1,200})$/.exec(cursor ?? '') ?? [];
  if (cursor !== null && after === null)
    return refusedHere('cursor_invalid', 'cursor', 'The cursor is not one of this connector.');
  const page = await reads.page(object, after, limit);
  if (page.kind !== 'ok') return page;
  const records: CrmRecord[] = [];
  for (const found of page.value.found) {
    const record = await reads.record(object, found);
    if (record.kind !== 'ok') return record;
    records.push(record.value);
  }
  const next = page.value.after;
  return { kind: 'ok', value: { records, next_cursor: next === null ? null : `after:${next}` } };
}
