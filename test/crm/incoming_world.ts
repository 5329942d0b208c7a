import { pino } from 'pino';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { MINUTE_MS } from '../../src/core/durations.ts';
import { toAppError } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { principalLookup } from '../../src/operations/access/sessions.ts';
import { registry } from '../../src/operations/registry.ts';
import { startHttp } from '../../src/surfaces/http.ts';
import { CrmReader } from '../../src/worker/crm_incoming.ts';
import type { Delivery, DeliveryFaults } from '../connectors/crm/double_queue.ts';
import type { TestDb } from '../database.ts';
import { crmWorld } from './crm_world.ts';

const SLUG_OF = { person: 'people', company: 'companies', deal: 'deals' } as const;
type Kind = keyof typeof SLUG_OF;

export type IncomingWorld = Awaited<ReturnType<typeof incomingWorld>>;

/** A world whose CRM reports changes to the product's server. The double keeps deliveries until the test delivers them. */
export async function incomingWorld(db: TestDb, { public_url = 'https://touchline.example' } = {}) {
  const world = await crmWorld(db);
  const { double, org_id, clock } = world;
  const { crm } = world.context;
  // Failures show in the test's output.
  const log = pino({ level: 'error' });
  const context = { ...world.worker_context, crm: crm!, public_url, log };
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
  const reader = () => new CrmReader(context, crm!);
  const kept = reader();
  const post = async ({ target_url, headers, body }: Delivery, body_sent: string | Buffer = body) => {
    const url = server.url + new URL(target_url).pathname;
    const answer = await fetch(url, { method: 'POST', headers, body: body_sent as string });
    await answer.arrayBuffer();
    return answer.status;
  };
  const values = (given: Record<string, unknown>) => ({ data: { values: given } });
  const path = (kind: Kind, id = '') => `/v2/objects/${SLUG_OF[kind]}/records${id && `/${id}`}`;
  const read = async () => {
    for (let rounds = 0; rounds < 2_000; rounds += 1) {
      const begun = await kept.begin(org_id);
      await kept.settled();
      if (begun === 0) return;
    }
    throw new Error('the reader did not come to rest');
  };
  const advance = (ms = MINUTE_MS) => clock.advance(ms);
  return {
    ...world,
    incoming_context: context,
    server,
    reader,
    post,
    read,
    /** One statement of the coordinator, as a worker runs it. */
    asWorker: (text: string, values: readonly unknown[]) =>
      transaction(db.app, coordinatorActor(org_id), (tx) => tx.query(text, values)),
    /** Delivers what the double has waiting, with these faults; returns the statuses. */
    async deliver(faults: DeliveryFaults = {}): Promise<number[]> {
      const statuses: number[] = [];
      for (const delivery of double.takeDeliveries(faults)) statuses.push(await post(delivery));
      return statuses;
    },
    /** Delivers everything and reads it. */
    async hear(): Promise<void> {
      advance();
      await this.deliver();
      await read();
    },
    /** A whole run now. */
    async sync(given: Record<string, unknown> = {}) {
      advance();
      await read();
      const begun = await world.call('sync_crm', world.person, given);
      advance();
      await read();
      return begun;
    },
    create: (kind: Kind, given: Record<string, unknown>) =>
      double.asMember('POST', path(kind), values(given)).data.id.record_id,
    change: (kind: Kind, id: string, given: Record<string, unknown>) =>
      void double.asMember('PATCH', path(kind, id), values(given)),
    remove: (kind: Kind, id: string) => void double.asMember('DELETE', path(kind, id)),
    merge(kind: Kind, primary: string, secondary: string): string {
      const before = new Set(double.world.records.keys());
      double.merge(SLUG_OF[kind], primary, secondary);
      return [...double.world.records.keys()].find((id) => !before.has(id))!;
    },
    leadOf: async (record_id: string) =>
      (await world.rows<Record<string, unknown>>('leads', `crm_contact_id = '${record_id}'`))[0],
    flags: (kind: string) =>
      world.rows<{ lead_id: string }>('flags', `kind = '${kind}' AND resolved_at IS NULL`),
    async stop() {
      await server.close();
      await double.close();
    },
  };
}
