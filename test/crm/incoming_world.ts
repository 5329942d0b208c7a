import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { MINUTE_MS } from '../../src/core/durations.ts';
import { transaction } from '../../src/db/pool.ts';
import type { DeliveryFaults } from '../connectors/crm/double_queue.ts';
import type { TestDb } from '../database.ts';
import { crmWorld } from './crm_world.ts';
import { incomingServer } from './incoming_server.ts';

const SLUG_OF = { person: 'people', company: 'companies', deal: 'deals' } as const;
type Kind = keyof typeof SLUG_OF;

export type IncomingWorld = Awaited<ReturnType<typeof incomingWorld>>;

/** A world whose CRM reports changes to the product's server. The double keeps deliveries until the test delivers them. */
export async function incomingWorld(db: TestDb, { public_url = 'https://touchline.example' } = {}) {
  const world = await crmWorld(db);
  const { double, org_id, clock } = world;
  const { context, server, reader, post, read } = await incomingServer(db, world, {
    crm: world.context.crm!,
    public_url,
  });
  const values = (given: Record<string, unknown>) => ({ data: { values: given } });
  const path = (kind: Kind, id = '') => `/v2/objects/${SLUG_OF[kind]}/records${id && `/${id}`}`;
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
