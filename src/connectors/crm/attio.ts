import { attioActivities } from './attio_activities.ts';
import { attioDescribe } from './attio_describe.ts';
import { attioPage } from './attio_pages.ts';
import { attioRecords } from './attio_records.ts';
import { attioDialect } from './attio_requests.ts';
import { attioWebhooks } from './attio_webhooks.ts';
import { crmClient } from './crm_client.ts';
import { crmHttp, readCrmKey, readCrmUrl } from './crm_http.ts';
import type { Crm, CrmHooks, CrmPlace } from './port.ts';

const HOST = 'api.attio.com';
/** Attio answers its slowest query in a few seconds. */
const TIMEOUT_MS = 30_000;

export type AttioOptions = CrmHooks & {
  api_key: string;
  /** Attio itself, or a server on this machine. */
  base_url?: string;
  fields?: readonly CrmPlace[];
  timeout_ms?: number;
};

/**
 * Attio over its REST API v2. Throws `crm_url_refused` and `crm_key_invalid`, with the path of the setting. The
 * key is only in a header and never in an outcome.
 */
export function attioCrm(options: AttioOptions): Crm {
  const { api_key, base_url, fields = [], timeout_ms = TIMEOUT_MS } = options;
  const http = crmHttp({
    base_url: readCrmUrl(base_url ?? `https://${HOST}`, HOST, 'base_url'),
    headers: { authorization: `Bearer ${readCrmKey(api_key, 'api_key')}` },
    timeout_ms,
  });
  const client = crmClient(http, options, attioDialect(api_key));
  return {
    name: 'attio',
    limits: [
      { calls: 'write', count: 25, window_ms: 1_000 },
      { calls: 'read', count: 100, window_ms: 1_000 },
    ],
    search_lag_ms: 0,
    ...attioDescribe(client),
    ...attioRecords(client, fields),
    ...attioActivities(client),
    pageRecords: (object, cursor, limit) => attioPage(client, object, cursor, limit, fields),
    ...attioWebhooks(client),
    close: () => http.close(),
  };
}
