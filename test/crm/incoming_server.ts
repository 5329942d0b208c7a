import { pino } from 'pino';
import type { CrmConnector } from '../../src/connectors/crm/port.ts';
import { toAppError } from '../../src/db/errors.ts';
import { principalLookup } from '../../src/operations/access/sessions.ts';
import { registry } from '../../src/operations/registry.ts';
import { startHttp } from '../../src/surfaces/http.ts';
import { CrmReader } from '../../src/worker/crm_incoming.ts';
import type { Delivery } from '../connectors/crm/double_queue.ts';
import type { TestDb } from '../database.ts';
import type { TaskWorld } from '../tasks/task_calls.ts';

/** The product's server, to which a CRM reports changes, and the reader of the worker. */
export async function incomingServer(
  db: TestDb,
  { worker_context, org_id, clock }: Pick<TaskWorld, 'worker_context' | 'org_id' | 'clock'>,
  { crm, public_url }: { crm: CrmConnector; public_url: string },
) {
  // Failures show in the test's output.
  const log = pino({ level: 'error' });
  const context = { ...worker_context, crm, public_url, log };
  const server = await startHttp({
    context,
    registry,
    principals: principalLookup(db.app, clock),
    unsubscribe: { show: async () => null, confirm: async () => null },
    isReady: async () => true,
    toAppError,
    host: '127.0.0.1',
    port: 0,
    web_dir: '/nonexistent',
    limits: { per_minute: 1_000_000 },
  });
  const reader = () => new CrmReader(context, crm);
  const kept = reader();
  return {
    context,
    server,
    reader,
    async post({ target_url, headers, body }: Delivery, body_sent: string | Buffer = body): Promise<number> {
      const url = server.url + new URL(target_url).pathname;
      const answer = await fetch(url, { method: 'POST', headers, body: body_sent as string });
      await answer.arrayBuffer();
      return answer.status;
    },
    /** Reads until nothing is left to do now. */
    async read(): Promise<void> {
      for (let rounds = 0; rounds < 2_000; rounds += 1) {
        const begun = await kept.begin(org_id);
        await kept.settled();
        if (begun === 0) return;
      }
      throw new Error('the reader did not come to rest');
    },
  };
}
