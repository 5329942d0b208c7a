import { crmConnector } from '../../src/connectors/crm/connector.ts';
import type { CrmConnector } from '../../src/connectors/crm/port.ts';
import { mailOauth } from '../../src/connectors/mail_oauth.ts';
import { toAppError } from '../../src/db/errors.ts';
import { principalLookup } from '../../src/operations/access/sessions.ts';
import { registry } from '../../src/operations/registry.ts';
import type { CrmName } from '../../src/schema.gen.ts';
import { type HttpServer, startHttp } from '../../src/surfaces/http.ts';
import type { TestDb } from '../database.ts';
import { type CrmDouble, DOUBLES } from '../policy/crm_doubles.ts';
import type { World } from '../world.ts';

/** The product's server on a free port, over the whole database, with a world's clock and secret. */
export async function openServer(db: TestDb, own: World): Promise<HttpServer> {
  let now_ms = Date.now();
  // A second for each request: no caller is limited.
  const options = { now_ms: () => (now_ms += 1_000) };
  const doubles = { attio: await DOUBLES.attio(options), hubspot: await DOUBLES.hubspot(options) };
  const nothing = { items: [], next_cursor: null };
  const context = {
    ...own.context,
    db: db.app,
    catcher: { messages: async () => nothing, erase: async () => 0 } as never,
    mail: { verify: async () => {} },
    mail_oauth: mailOauth({ allow_local: false }),
    crm: localCrms(doubles),
    webhooks: {
      allow_local: false,
      post: async () => ({ kind: 'answered', status: 204 }) as const,
      close: async () => {},
    },
  };
  const server = await startHttp({
    context,
    registry,
    principals: principalLookup(db.app, own.clock),
    unsubscribe: { show: async () => null, confirm: async () => null },
    isReady: async () => true,
    toAppError,
    host: '127.0.0.1',
    port: 0,
    web_dir: '/nonexistent',
    limits: { per_minute: 1_000_000, sign_in_per_minute: 1_000_000 },
  });
  return {
    ...server,
    close: async () => {
      await server.close();
      await Promise.all(Object.values(doubles).map((double) => double.close()));
    },
  };
}

/** Every valid key and app is that of the double. */
function localCrms(doubles: Readonly<Record<CrmName, CrmDouble>>): CrmConnector {
  const connect = crmConnector({ allow_local: true, only_local: false });
  return (crm, options) => {
    const { crm: _, api_key, base_url, ...app } = doubles[crm].input;
    const has_app = options.app_id !== undefined && options.client_secret !== undefined;
    return connect(crm, { ...options, api_key, base_url, ...(has_app ? app : {}) });
  };
}
