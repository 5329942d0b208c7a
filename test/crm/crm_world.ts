import { crmConnector } from '../../src/connectors/crm/connector.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { CampaignContactsRow, TouchesRow, TouchOutcome } from '../../src/schema.gen.ts';
import { CrmWriter } from '../../src/worker/crm.ts';
import { type AttioDouble, startAttioDouble } from '../connectors/attio_double.ts';
import type { TestDb } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';

export type CrmWorld = Awaited<ReturnType<typeof crmWorld>>;

/** A campaign of roles.sales. */
const CLOSE = 'b2bea_membership_close';

/** An organization whose CRM is connected: the Attio double, over HTTP, with the connector and the writer of the product. */
export async function crmWorld(db: TestDb, options: Parameters<typeof startAttioDouble>[0] = {}) {
  const double: AttioDouble = await startAttioDouble({ seed: 1, ...options });
  const world = await taskWorld(db);
  const { org_id, clock } = world;
  const crm = crmConnector({ allow_local: true, only_local: false });
  Object.assign(world.context, { crm });
  const { members, api_key } = double.world;
  const given = { crm: 'attio', api_key, base_url: double.url, deal_owner_id: members[0]!.id };
  await world.call('connect_crm', world.person, given);
  double.journal.length = 0;
  const writer = () => new CrmWriter({ ...world.worker_context, crm }, crm);
  const as = coordinatorActor(org_id);
  let steps = 100;
  return {
    ...world,
    double,
    writer,
    close: () => double.close(),
    /** Adds a lead, enrolls it in a campaign of roles.sales, and sends its first step. `domain` is that of its account. */
    async soldTo({ domain, ...columns }: Record<string, unknown> = {}): Promise<string> {
      const lead_id = await world.addLead(columns);
      const of_lead = `FROM leads l WHERE l.id = $1 AND a.org_id = l.org_id AND a.id = l.account_id`;
      if (domain !== undefined)
        await db.query(`UPDATE accounts a SET domain = $2 ${of_lead}`, [lead_id, domain]);
      await world.request(lead_id, CLOSE);
      await world.work();
      await world.approve(lead_id);
      return lead_id;
    },
    /** Ends the lead's enrollment. */
    async exit(lead_id: string, exit_reason: string): Promise<void> {
      const [found] = await world.rows<CampaignContactsRow>('campaign_contacts', `lead_id = '${lead_id}'`);
      await world.call('exit_enrollment', world.person, { id: found!.id, exit_reason });
    },
    async touchOf(lead_id: string, outcome: TouchOutcome = 'sent'): Promise<string> {
      const [found] = await world.rows<TouchesRow>(
        'touches',
        `lead_id = '${lead_id}' AND outcome = '${outcome}'`,
      );
      return found!.id;
    },
    /** As the send protocol does once the answer of a mail server is known. */
    async moveTouch(id: string, outcome: TouchOutcome): Promise<void> {
      await transaction(db, as, (tx) =>
        tx.query(`UPDATE touches SET outcome = $2, settled_at = $3 WHERE id = $1`, [
          id,
          outcome,
          clock.now(),
        ]),
      );
    },
    /** Adds a touch of the lead's enrollment, beside a step that is over. */
    async addTouch(lead_id: string, outcome: TouchOutcome): Promise<void> {
      const [e] = await world.rows<CampaignContactsRow>('campaign_contacts', `lead_id = '${lead_id}'`);
      steps += 1;
      const queue_id = newId(clock);
      await transaction(db, as, async (tx) => {
        await tx.query(
          `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number, channel,
             scheduled_at)
           VALUES ($1, $2, $3, 'x', $4, $5, $6, $7, 'email', $8)`,
          [org_id, queue_id, e!.client_id, lead_id, e!.campaign_id, e!.id, steps, clock.now()],
        );
        await tx.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE id = $1`, [queue_id]);
        await tx.query(
          `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at, outcome,
             settled_at)
           SELECT $1, $2, q.lead_id, q.enrollment_id, q.id, q.campaign_id, 'email', c.sequence_type, $4, $5::touch_outcome,
             CASE WHEN $5 <> 'reserved' THEN $4::timestamptz END
           FROM sales_send_queue q JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id WHERE q.id = $3`,
          [org_id, newId(clock), queue_id, clock.now(), outcome],
        );
      });
    },
    /** Writes what is due, until nothing is left to do now. The clock of the world stands still. */
    async write(): Promise<void> {
      const one = writer();
      for (let rounds = 0; rounds < 1_000; rounds += 1) {
        if ((await one.begin(org_id)) === 0) return;
        await one.settled();
      }
      throw new Error('the writer did not come to rest');
    },
    writes: (where = 'true') => world.rows<Record<string, unknown>>('crm_writes', `${where} ORDER BY id`),
    async asksBeforeErasure(): Promise<void> {
      const admin = {
        org_id,
        kind: 'human',
        id: world.person.kind === 'human' ? world.person.user_id : null,
      } as const;
      await transaction(db.app, admin, (tx) =>
        tx.query('UPDATE crm_connections SET asks_before_erasure = true'),
      );
    },
    /** The CRM's record of a lead. */
    async recordOf(lead_id: string): Promise<string | null> {
      const [lead] = await world.rows<{ crm_contact_id: string | null }>('leads', `id = '${lead_id}'`);
      return lead!.crm_contact_id;
    },
    recordsOf: (object: string) =>
      [...double.world.records.values()].filter((record) => record.object === object),
  };
}
