import { setTimeout as sleep } from 'node:timers/promises';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { unsubscribeToken } from '../../src/coordinator/sending/unsubscribe_token.ts';
import type { OwnerPool } from '../../src/db/pool.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { confirmUnsubscribe } from '../../src/operations/leads/unsubscribe.ts';
import { round } from '../../src/worker/loop.ts';
import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';
import { approveMail, createDraftedWorld, type Drafted } from './adversary_world.ts';
import { type Random, seededRandom } from './seeded_random.ts';
import { type SinkEntry, type SinkPoint, startSink } from './sink.ts';

export type UnsubscribeRaceOptions = { seed: number; mails: number };

export type UnsubscribeRaceReport = {
  seed: number;
  mails: number;
  /** Messages whose recipient unsubscribed before their DATA, and so were never sent. */
  stopped: number;
  /** Messages whose recipient unsubscribed while they were being sent, or after. */
  too_late: number;
  run_ms: number;
  findings: string[];
};

const WORKERS = 4;
const PATIENT_MS = 20_000;
/** The sink's delay at RCPT, during which an unsubscribe falls between reservation and DATA. */
const RCPT_MS = [0, 20] as const;

/**
 * Recipients unsubscribe, or a person opts them out, while their messages are handed over. No message may begin its DATA
 * after the unsubscribe was acknowledged. Triggers of the test stamp the order, inside the two transactions that the lead's
 * lock serializes.
 */
export async function runUnsubscribeRace(
  db: TestDb,
  { seed, mails }: UnsubscribeRaceOptions,
): Promise<UnsubscribeRaceReport> {
  const random = seededRandom(seed);
  const { world, drafted } = await createDraftedWorld(db, mails);
  for (const mail of drafted) await approveMail(world, mail);
  await stampMoments(db);
  const acknowledged = new Map<string, number>();
  const leaving = new Set<Promise<void>>();
  const by_address = new Map(drafted.map((mail) => [mail.address, mail]));
  const leave = (mail: Drafted, after_ms: number) => {
    leaving.add(unsubscribeSoon(world, mail, { after_ms, by_link: random.chance(0.5), acknowledged }));
  };
  const began = performance.now();
  const hold = async (_slot: number, point: SinkPoint, { rcpt }: SinkEntry) => {
    const mail = by_address.get(rcpt ?? '');
    if (point !== 'rcpt' || mail === undefined) return;
    const wait_ms = random.integer(...RCPT_MS);
    leave(mail, momentFor(random, wait_ms));
    await sleep(wait_ms);
  };
  const sink = await startSink({ slots: WORKERS, hold });
  const timeouts = { connection_timeout_ms: PATIENT_MS, socket_timeout_ms: PATIENT_MS };
  const senders = sink.ports.map((port) => smtpSender({ url: `smtp://127.0.0.1:${port}`, ...timeouts }));
  try {
    await Promise.all(
      senders.map(async (mail) => {
        while ((await round(world.worker_context, mail)) > 0);
      }),
    );
    await Promise.all(leaving);
    const counted = await compare(world, { drafted, journal: sink.journal, acknowledged });
    return { seed, mails, ...counted, run_ms: Math.round(performance.now() - began) };
  } finally {
    for (const sender of senders) await sender.close();
    await sink.close();
  }
}

/** Some before the sink replies to the recipient, some around its reply, some later. */
function momentFor(random: Random, wait_ms: number): number {
  return random.pick([0, wait_ms / 2, wait_ms, wait_ms + 2, wait_ms + 10]);
}

type Unsubscribing = { after_ms: number; by_link: boolean; acknowledged: Map<string, number> };

async function unsubscribeSoon(
  { context, worker_context, org_id, person }: World,
  { lead_id, queue_id, address }: Drafted,
  { after_ms, by_link, acknowledged }: Unsubscribing,
): Promise<void> {
  await sleep(after_ms);
  if (by_link) {
    await confirmUnsubscribe(worker_context, unsubscribeToken(context.secret, { org_id, lead_id, queue_id }));
  } else {
    const input = optOutLead.input.parse({ id: lead_id, reason: 'asked by phone' });
    await optOutLead.run({ context, principal: person, input });
  }
  acknowledged.set(address, performance.now());
}

async function stampMoments(db: OwnerPool): Promise<void> {
  await db.query(`
    CREATE TABLE test_moments (lead_id uuid NOT NULL, moment text NOT NULL, at timestamptz NOT NULL);
    GRANT ALL ON test_moments TO PUBLIC;
    CREATE FUNCTION test_stamp_data() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO test_moments SELECT q.lead_id, 'data', clock_timestamp() FROM sales_send_queue q
      WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id;
      RETURN NULL;
    END $$;
    CREATE TRIGGER test_stamp_data AFTER UPDATE OF stage ON send_attempts
      FOR EACH ROW WHEN (NEW.stage = 'data') EXECUTE FUNCTION test_stamp_data();
    CREATE FUNCTION test_stamp_out() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO test_moments VALUES (NEW.id, 'out', clock_timestamp());
      RETURN NULL;
    END $$;
    CREATE TRIGGER test_stamp_out AFTER UPDATE ON leads FOR EACH ROW
      WHEN ((NEW.unsubscribe_flag AND NOT OLD.unsubscribe_flag) OR (NEW.opt_out_flag AND NOT OLD.opt_out_flag))
      EXECUTE FUNCTION test_stamp_out()`);
}

type Seen = {
  drafted: readonly Drafted[];
  journal: readonly SinkEntry[];
  acknowledged: ReadonlyMap<string, number>;
};

async function compare(world: World, { drafted, journal, acknowledged }: Seen) {
  const { rows } = await world.db.query<{ lead_id: string; out_first: boolean; has_data: boolean }>(
    `SELECT o.lead_id, d.at IS NOT NULL AS has_data, d.at > o.at AS out_first
     FROM test_moments o LEFT JOIN test_moments d ON d.lead_id = o.lead_id AND d.moment = 'data'
     WHERE o.moment = 'out'`,
  );
  const order = new Map(rows.map((row) => [row.lead_id, row]));
  const findings: string[] = [];
  let stopped = 0;
  let too_late = 0;
  for (const { lead_id, address } of drafted) {
    const moments = order.get(lead_id);
    const ack_ms = acknowledged.get(address);
    if (moments === undefined || ack_ms === undefined) {
      findings.push(`${address}: its unsubscribe was not acknowledged or not recorded`);
      continue;
    }
    const entries = journal.filter(({ rcpt, data_ms }) => rcpt === address && data_ms !== null);
    if (entries.length > 1) findings.push(`${address}: it left ${entries.length} times`);
    if (moments.has_data && moments.out_first) {
      const late_ms = Math.round((entries[0]?.data_ms ?? 0) - ack_ms);
      findings.push(`${address}: its DATA began after it was unsubscribed (${late_ms} ms after the answer)`);
    }
    if (!moments.has_data && entries.length > 0) findings.push(`${address}: it left without asking`);
    if (entries.length > 0) too_late += 1;
    else stopped += 1;
  }
  return { stopped, too_late, findings };
}
