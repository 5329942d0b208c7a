import type { MailSender } from '../../src/connectors/connector.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { resumeByPerson } from '../../src/coordinator/sending/mailboxes.ts';
import { transaction } from '../../src/db/pool.ts';
import { round } from '../../src/worker/loop.ts';
import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';
import { auditAdversary } from './adversary_audit.ts';
import { FAULT_MODES, type FaultMode, GOOD, IMPATIENT_MS } from './adversary_modes.ts';
import { approveMail, createDraftedWorld } from './adversary_world.ts';
import { type Random, seededRandom } from './seeded_random.ts';
import { type Sink, startSink, truthOf } from './sink.ts';

export type AdversaryOptions = { seed: number; mails: number };

export type AdversaryReport = {
  seed: number;
  mails: number;
  tries: number;
  /** Attempts by outcome, from the sink's journal. */
  outcomes: Record<string, number>;
  modes: number;
  passes: number;
  run_ms: number;
  findings: string[];
};

/** Workers that send concurrently. */
const WORKERS = 4;
/** The maximum number of faults that a message meets before its server works. */
const FAULTS_MAX = 3;
/** An unreachable server pauses the whole mailbox, which is then retried with one message: that takes many turns. */
const PASSES_A_MAIL_MAX = 10;
/** Only silence is waited out; nothing else may depend on the machine's load. */
const PATIENT_MS = 20_000;

/**
 * Sends approved messages through the product's worker to a server that fails in every possible way. The auditor then
 * compares the database with the server's own journal.
 */
export async function runAdversary(db: TestDb, { seed, mails }: AdversaryOptions): Promise<AdversaryReport> {
  const { world, drafted } = await createDraftedWorld(db, mails);
  for (const mail of drafted) await approveMail(world, mail);
  const began = performance.now();
  const sink = await startSink({ slots: WORKERS });
  const fates = fatesFor(
    drafted.map(({ address }) => address),
    seededRandom(seed),
  );
  const senders = sink.ports.map((port, slot) => fatedSender({ sink, slot, port, fates }));
  try {
    const passes_max = 60 + mails * PASSES_A_MAIL_MAX;
    const passes = await workUntilSettled(world, senders, passes_max);
    const findings = await auditAdversary(world, drafted, sink.journal);
    if (passes === passes_max) findings.push(`not settled after ${passes} passes`);
    return {
      seed,
      mails,
      tries: sink.journal.length,
      ...tally(sink),
      passes,
      run_ms: Math.round(performance.now() - began),
      findings,
    };
  } finally {
    for (const sender of senders) await sender.close();
    await sink.close();
  }
}

/** The faults of each address's first attempts, chosen at random, with equal shares of each mode. */
function fatesFor(addresses: readonly string[], random: Random): Map<string, FaultMode[]> {
  let bag: FaultMode[] = [];
  const draw = () => {
    if (bag.length === 0) bag = [...FAULT_MODES];
    return bag.splice(random.integer(0, bag.length - 1), 1)[0]!;
  };
  return new Map(
    addresses.map((address) => [
      address,
      Array.from({ length: random.integer(1, FAULTS_MAX) }, () => draw()),
    ]),
  );
}

type Fated = { sink: Sink; slot: number; port: number; fates: Map<string, FaultMode[]> };

/** The product's own senders, one for each kind of fault. They tell the sink about the next attempt. */
function fatedSender({ sink, slot, port, fates }: Fated): MailSender {
  const target = `127.0.0.1:${port}`;
  const timeouts = (ms: number) => ({ connection_timeout_ms: ms, socket_timeout_ms: ms });
  const senders: Record<FaultMode['by'], MailSender> = {
    patient: smtpSender({ url: `smtp://user:secret@${target}?tls=off`, ...timeouts(PATIENT_MS) }),
    // A separate session for each message, so that every stage is met.
    impatient: smtpSender({ url: `smtp://${target}`, ...timeouts(IMPATIENT_MS), max_messages: 1 }),
    // None of these reaches a message, so short timeouts cannot be misread.
    tls: smtpSender({ url: `smtp://${target}?tls=require`, ...timeouts(IMPATIENT_MS) }),
    nobody: smtpSender({ url: 'smtp://127.0.0.1:1', ...timeouts(PATIENT_MS) }),
  };
  return {
    send(message, hooks) {
      const { address } = message.to;
      const { name, by, plan } = fates.get(address)?.shift() ?? GOOD;
      sink.announce(slot, { to: address, mode: name, plan });
      return senders[by].send(message, hooks);
    },
    verify: () => senders.patient.verify(),
    async close() {
      for (const sender of Object.values(senders)) await sender.close();
    },
  };
}

/**
 * Moves the clock from one due attempt to the next until no message waits to be sent. A person resumes the mailbox each
 * time the server's refusal paused it. Returns the number of moves.
 */
async function workUntilSettled(
  world: World,
  senders: readonly MailSender[],
  passes_max: number,
): Promise<number> {
  for (let passes = 0; passes < passes_max; passes += 1) {
    let found = 1;
    while (found > 0) {
      const counts = await Promise.all(senders.map((mail) => round(world.worker_context, mail)));
      found = Math.max(...counts);
    }
    const { rows } = await world.db.query<{ next: Date | null; retry_at: Date | null }>(
      `SELECT min(q.scheduled_at) AS next, max(m.retry_at) AS retry_at
       FROM sales_send_queue q, mailboxes m
       WHERE q.org_id = $1 AND q.status = 'approved' AND m.org_id = q.org_id`,
      [world.org_id],
    );
    const { next, retry_at } = rows[0]!;
    if (next === null) return passes;
    // An item held for another reason than its time is retried a minute later.
    world.clock.set(Math.max(next.getTime(), retry_at?.getTime() ?? 0, world.clock.now_ms() + 60_000));
    await resumeMailboxes(world);
  }
  return passes_max;
}

async function resumeMailboxes(world: World): Promise<void> {
  const paused = await world.rows<{ id: string }>('mailboxes', 'paused_at IS NOT NULL');
  const { org_id, clock, person } = world;
  if (person.kind !== 'human') throw new Error('only a person resumes a mailbox');
  for (const { id } of paused) {
    await transaction(world.db, { org_id, kind: 'human', id: person.user_id }, (tx) =>
      resumeByPerson({ tx, org_id, clock }, id, person.user_id),
    );
  }
}

function tally({ journal }: Sink): Pick<AdversaryReport, 'outcomes' | 'modes'> {
  const outcomes: Record<string, number> = {};
  for (const entry of journal) {
    const outcome = truthOf(entry);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return { outcomes, modes: new Set(journal.map(({ mode }) => mode)).size };
}
