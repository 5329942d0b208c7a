import { setTimeout as sleep } from 'node:timers/promises';
import { crmConnector } from '../../src/connectors/crm/connector.ts';
import { findCampaignForRequest, hasSteps } from '../../src/coordinator/gate/campaigns.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { requestSequences } from '../../src/coordinator/gate/sequence_requests.ts';
import { type Tx, transaction } from '../../src/db/pool.ts';
import { type AttioDouble, startAttioDouble } from '../connectors/attio_double.ts';
import type { Faults } from '../connectors/crm/double_faults.ts';
import type { TestDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import type { CrmWriterOptions } from './crm_writer_main.ts';
import { seededRandom } from './seeded_random.ts';
import { beginSharedClock } from './shared_clock.ts';
import { spawnProduct, type WorkerProcess } from './worker_process.ts';

export type CrmStorm = {
  seed: number;
  people: number;
  /** Per person. */
  touches: number;
  processes: number;
  faults: Faults;
  /** One process is killed, and replaced, each time this passes; 0: none. */
  kill_every_ms: number;
  deadline_ms: number;
  broken_build?: string;
};

export type CrmStormReport = {
  findings: string[];
  notes: number;
  kills: number;
  seconds: number;
  over: number;
};

const CAMPAIGN = 'b2bea_nurture';

/**
 * Touches of many people, written to the Attio double by several processes while it fails and they are killed. `findings`: each
 * touch without exactly one note, each person whose notes are out of order, and requests over the limit.
 */
export async function runCrmStorm({ db, url }: TestDatabase, storm: CrmStorm): Promise<CrmStormReport> {
  const double = await startAttioDouble({ seed: storm.seed });
  const world = await taskWorld(db, { start_ms: Date.now() });
  const running: WorkerProcess[] = [];
  try {
    await connect(world, double);
    await addPeople(world, storm.people);
    double.setFaults(storm.faults);
    const argument: CrmWriterOptions = {
      database_url: url,
      org_id: world.org_id,
      clock: beginSharedClock(Date.now() + 1_000, 1),
      secret: world.context.secret,
    };
    const spawn = () => spawnProduct('crm_writer_main.ts', argument, { broken_build: storm.broken_build });
    for (let at = 0; at < storm.processes; at += 1) running.push(spawn());
    await Promise.all(running.map(({ ready }) => ready));
    const began_ms = performance.now();
    let kills = 0;
    let killed_ms = began_ms;
    for (let round = 0; round < storm.touches; round += 1) await addTouches(world, round);
    const random = seededRandom(storm.seed);
    while ((await pending(world)) > 0 && performance.now() - began_ms < storm.deadline_ms) {
      await sleep(200);
      if (storm.kill_every_ms === 0 || performance.now() - killed_ms < storm.kill_every_ms) continue;
      const at = Math.floor(random.next() * running.length);
      await running[at]!.kill();
      running[at] = spawn();
      kills += 1;
      killed_ms = performance.now();
    }
    const seconds = Math.round((performance.now() - began_ms) / 1_000);
    const over = double.over();
    return { findings: await audit(world, double), notes: double.world.notes.length, kills, seconds, over };
  } finally {
    await Promise.all(running.map((one) => one.kill()));
    await double.close();
  }
}

async function connect(world: TaskWorld, double: AttioDouble): Promise<void> {
  Object.assign(world.context, { crm: crmConnector({ allow_local: true, only_local: false }) });
  await world.call('connect_crm', world.person, {
    crm: 'attio',
    api_key: double.world.api_key,
    base_url: double.url,
  });
}

async function addPeople(world: TaskWorld, count: number): Promise<void> {
  const { db, org_id, clock } = world;
  await db.query(
    `INSERT INTO leads (org_id, id, email, first_name, icp_tier, created_at, updated_at)
     SELECT $1, gen_random_uuid(), 'storm' || n || '@prospect.example', 'N' || n, 'T2', $2, $2 FROM generate_series(1, $3::int) n`,
    [org_id, clock.now(), count],
  );
  const leads = await world.rows<{ id: string }>('leads');
  for (let at = 0; at < leads.length; at += 200)
    await asCoordinator(world, async (tx) => {
      const campaign = await findCampaignForRequest({ tx, org_id, clock }, CAMPAIGN);
      if (campaign === undefined || !hasSteps(campaign)) throw new Error(`no campaign ${CAMPAIGN}`);
      const asked = leads.slice(at, at + 200);
      const requested_by = campaign.owner_role;
      await requestSequences(
        { tx, org_id, clock },
        asked.map(({ id: lead_id }) => ({ lead_id, campaign, requested_by })),
      );
    });
}

/** One touch for each person, beside a step that is over. */
async function addTouches(world: TaskWorld, round: number): Promise<void> {
  const at = new Date();
  await asCoordinator(world, async (tx) => {
    await tx.query(
      `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number, channel, scheduled_at)
       SELECT org_id, gen_random_uuid(), client_id, 'x', lead_id, campaign_id, id, $1, 'email', $2 FROM campaign_contacts`,
      [1_000 + round, at],
    );
    await tx.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE step_number = $1`, [1_000 + round]);
    await tx.query(
      `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at, outcome, settled_at)
       SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, 'email', c.sequence_type, $2, 'sent', $2
       FROM sales_send_queue q JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id WHERE q.step_number = $1`,
      [1_000 + round, at],
    );
  });
}

function asCoordinator<T>(world: TaskWorld, act: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(world.db.app, coordinatorActor(world.org_id), act, { statement_timeout_ms: 120_000 });
}

async function pending(world: TaskWorld): Promise<number> {
  const { rows } = await world.db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM crm_writes WHERE settled_at IS NULL AND org_id = $1',
    [world.org_id],
  );
  return rows[0]!.count;
}

async function audit(world: TaskWorld, double: AttioDouble): Promise<string[]> {
  const { rows } = await world.db.query<{ id: string; status: string; crm_contact_id: string | null }>(
    `SELECT w.id, w.status, l.crm_contact_id FROM crm_writes w JOIN leads l ON l.org_id = w.org_id AND l.id = w.lead_id
     WHERE w.org_id = $1 AND w.kind = 'touch' ORDER BY w.id`,
    [world.org_id],
  );
  const findings: string[] = [];
  const expected = new Map<string, string[]>();
  for (const { id, status, crm_contact_id } of rows) {
    if (status !== 'written') findings.push(`not written: ${id} is ${status}`);
    expected.set(`${crm_contact_id}`, [...(expected.get(`${crm_contact_id}`) ?? []), id]);
  }
  const noted = new Map<string, string[]>();
  // The double has its newest note first.
  for (const note of double.world.notes.toReversed()) {
    const reference = /Touchline reference: ([0-9a-f-]{36})/.exec(JSON.stringify(note))?.[1] ?? 'none';
    noted.set(note.parent_record_id, [...(noted.get(note.parent_record_id) ?? []), reference]);
  }
  for (const [person, ids] of expected) {
    const found = noted.get(person) ?? [];
    const twice = found.filter((id, at) => found.indexOf(id) !== at);
    const missing = ids.filter((id) => !found.includes(id));
    for (const id of twice) findings.push(`written twice: ${id}`);
    for (const id of missing) findings.push(`missing: ${id}`);
    if (twice.length + missing.length === 0 && found.join() !== ids.join())
      findings.push(`out of order: ${person}`);
  }
  if (double.over() > 0) findings.push(`over the limit: ${double.over()} requests`);
  return findings;
}
