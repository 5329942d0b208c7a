import { attioCrm } from '../../src/connectors/crm/attio.ts';
import type { CrmOptions } from '../../src/connectors/crm/port.ts';
import { mailOauth } from '../../src/connectors/mail_oauth.ts';
import { toAppError } from '../../src/db/errors.ts';
import { principalLookup } from '../../src/operations/access/sessions.ts';
import { registry } from '../../src/operations/registry.ts';
import { type HttpServer, startHttp } from '../../src/surfaces/http.ts';
import { startAttioDouble } from '../connectors/attio_double.ts';
import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';

/** The product's server on a free port, over the whole database, with a world's clock and secret. */
export async function openServer(db: TestDb, own: World): Promise<HttpServer> {
  let now_ms = Date.now();
  // A second for each request: no caller is limited.
  const double = await startAttioDouble({ now_ms: () => (now_ms += 1_000) });
  const nothing = { items: [], next_cursor: null };
  const context = {
    ...own.context,
    db: db.app,
    catcher: { messages: async () => nothing, erase: async () => 0 } as never,
    mail: { verify: async () => {} },
    mail_oauth: mailOauth({ allow_local: false }),
    crm: (_: string, options: CrmOptions) =>
      attioCrm({ ...options, api_key: double.world.api_key, base_url: double.url }),
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
      await double.close();
    },
  };
}
