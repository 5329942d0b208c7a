import { crmConnector } from '../../src/connectors/crm/connector.ts';
import { CrmWriter } from '../../src/worker/crm.ts';
import { type AttioDouble, startAttioDouble } from '../connectors/attio_double.ts';
import type { TestDb } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';

export type CrmWorld = Awaited<ReturnType<typeof crmWorld>>;

/** An organization whose CRM is connected: the Attio double, over HTTP, with the connector and the writer of the product. */
export async function crmWorld(db: TestDb, options: Parameters<typeof startAttioDouble>[0] = {}) {
  const double: AttioDouble = await startAttioDouble({ seed: 1, ...options });
  const world = await taskWorld(db);
  const crm = crmConnector({ allow_local: true, only_local: false });
  Object.assign(world.context, { crm });
  const { members, api_key } = double.world;
  await world.call('connect_crm', world.person, {
    crm: 'attio',
    api_key,
    base_url: double.url,
    deal_owner_id: members[0]!.id,
  });
  const writer = () => new CrmWriter({ ...world.worker_context, crm }, crm);
  return {
    ...world,
    double,
    writer,
    /** Writes what is due, until nothing is left to do now. The clock of the world stands still. */
    async write(): Promise<void> {
      const one = writer();
      for (let rounds = 0; rounds < 1_000; rounds += 1) {
        if ((await one.begin(world.org_id)) > 0) await one.settled();
        else return;
      }
      throw new Error('the writer did not come to rest');
    },
    writes: (where = 'true') => world.rows<Record<string, unknown>>('crm_writes', `${where} ORDER BY id`),
    /** Titles of the notes on a person, in the order of their creation. */
    notesOf: (record_id: string) =>
      double.world.notes.filter((note) => note.parent_record_id === record_id).map((note) => note.title),
    recordsOf: (object: string) =>
      [...double.world.records.values()].filter((record) => record.object === object),
  };
}
