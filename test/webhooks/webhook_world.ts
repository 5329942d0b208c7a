import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { webhookSender } from '../../src/connectors/webhook.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { WebhookDeliverer } from '../../src/worker/webhooks.ts';
import type { TestDb } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';

/** Sends to this machine only. */
export const sender = webhookSender({ allow_local: true, timeout_ms: 1_000 });
const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await sender.close();
});

type Told = { headers: IncomingMessage['headers']; body: string };

/** A server that responds with a status, or not at all. */
export async function receiver(status: () => number | null) {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      told.push({ headers: request.headers, body });
      const code = status();
      if (code !== null) response.writeHead(code).end('thanks');
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { told, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` };
}

/** A world whose webhooks are delivered on the test's command. */
export async function hookWorld(db: TestDb) {
  const world = await taskWorld(db);
  Object.assign(world.context, { webhooks: sender });
  Object.assign(world.worker_context, { webhooks: sender });
  const deliverer = new WebhookDeliverer(world.worker_context, sender);
  return {
    ...world,
    deliverer,
    make: (url: string, events: string[], agent_id?: string) =>
      world.call('create_webhook', world.person, {
        url,
        events,
        ...(agent_id === undefined ? {} : { agent_id }),
      }),
    async deliver(): Promise<number> {
      const begun = await deliverer.begin(world.org_id);
      await deliverer.drained();
      return begun;
    },
    /** A task as the product creates it. */
    async task(role = 'roles.sales'): Promise<string> {
      const id = newId(world.clock);
      const lead_id = await world.addLead();
      await transaction(db.app, coordinatorActor(world.org_id), (tx) =>
        tx.query(
          `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, created_at) VALUES ($1, $2, 'process_reply', $3, $4, $5)`,
          [world.org_id, id, role, lead_id, world.clock.now()],
        ),
      );
      return id;
    },
  };
}
