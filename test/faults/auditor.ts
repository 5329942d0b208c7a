import type { Queryable } from '../../src/db/pool.ts';
import { auditCaps, PER_WINDOW, WINDOW_MS } from './cap_auditor.ts';
import { auditMerges, auditOptOuts, type Merge, type OptOut } from './merge_auditor.ts';
import type { SharedClock } from './shared_clock.ts';
import type { JournalEntry } from './storm_sink.ts';

/** A fault of a process: killed at one instant, or stopped for a while. Times are readings of `machineMs`. */
export type Fault = { slot: number; kind: 'kill' | 'stall'; from_ms: number; to_ms: number };

/** The auditor's input besides the database. */
export type AuditOf = {
  org_id: string;
  /** The number of steps in every campaign. */
  steps: number;
  journal: readonly JournalEntry[];
  clock: SharedClock;
  /** The faults of the processes: the only excuses for an unknown outcome. */
  faults: readonly Fault[];
  /** The address of each lead at the beginning: a merged lead has none later. */
  addresses: ReadonlyMap<string, string>;
  /** The merges of the storm: one lead became another. */
  merges: readonly Merge[];
  opt_outs: readonly OptOut[];
};

export type Audit = {
  /** One sentence for each error; empty when there are none. */
  findings: string[];
  figures: {
    enrollments: number;
    steps: number;
    delivered: number;
    unknown: number;
    attempts: number;
    /** Attempts that never reached DATA and were repeated. */
    abandoned: number;
    events: number;
  };
};

/** Scheduling delay of this process, in real time: the journal's clock is read a moment after the database's. */
const SLACK_MS = 50;

type Item = {
  id: string;
  lead_id: string;
  email: string;
  time_zone: string;
  enrollment_id: string;
  step_number: number;
  status: string;
  has_approval: boolean;
  message_ids: string[];
  touches: number;
};

/** Compares the database with what the sink saw. Reads these two and nothing else. */
export async function audit(db: Queryable, about: AuditOf): Promise<Audit> {
  const stored = await readItems(db, about.org_id);
  const items = stored.map((item) => ({ ...item, email: about.addresses.get(item.lead_id) ?? item.email }));
  const enrollments = await readEnrollments(db, about.org_id);
  const findings = [
    ...auditSteps(items, enrollments, about),
    ...(await auditDecisions(db, about.org_id)),
    ...auditDeliveries(items, about.journal),
    ...auditCaps(items, about),
    ...auditMerges(items, about, { WINDOW_MS, PER_WINDOW }),
    ...auditOptOuts(about),
    ...(await auditAttempts(db, about)),
    ...(await auditUnknown(db, about)),
  ];
  const [counts] = (
    await db.query<{ attempts: number; abandoned: number; unknown: number; events: number }>(
      `SELECT (SELECT count(*)::int FROM send_attempts WHERE org_id = $1) AS attempts,
              (SELECT count(*)::int FROM send_attempts a WHERE a.org_id = $1 AND a.stage = 'abandoned'
                AND NOT EXISTS (SELECT 1 FROM cadence_event_log e
                                WHERE e.org_id = $1 AND e.queue_id = a.queue_id AND e.event_type = 'unknown')) AS abandoned,
              (SELECT count(*)::int FROM cadence_event_log WHERE org_id = $1 AND event_type = 'unknown') AS unknown,
              (SELECT count(*)::int FROM cadence_event_log WHERE org_id = $1) AS events`,
      [about.org_id],
    )
  ).rows;
  const delivered = about.journal.filter(({ end_ms }) => end_ms !== null).length;
  return {
    findings,
    figures: { enrollments: enrollments.length, steps: items.length, delivered, ...counts! },
  };
}

async function readItems(db: Queryable, org_id: string): Promise<Item[]> {
  const { rows } = await db.query<Item>(
    `SELECT q.id, q.lead_id, l.email, l.time_zone, q.enrollment_id, q.step_number, q.status,
            is_approved(q.org_id, q.campaign_id, q.step_number, q.staged_draft_id) AS has_approval,
            array(SELECT DISTINCT a.message_id FROM send_attempts a
                  WHERE a.org_id = q.org_id AND a.queue_id = q.id) AS message_ids,
            (SELECT count(*)::int FROM touches t
             WHERE t.org_id = q.org_id AND t.queue_id = q.id AND t.outcome <> 'void') AS touches
     FROM sales_send_queue q JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
     WHERE q.org_id = $1 ORDER BY q.id`,
    [org_id],
  );
  return rows;
}

type Enrollment = {
  id: string;
  lead_id: string;
  status: string;
  exit_reason: string | null;
  /** The enrollment of a merged lead that this one continues at its step. */
  continues_id: string | null;
};

async function readEnrollments(db: Queryable, org_id: string): Promise<Enrollment[]> {
  const text = `SELECT e.id, e.lead_id, e.status, e.exit_reason, x.id AS continues_id FROM campaign_contacts e
    JOIN sequence_requests r ON r.org_id = e.org_id AND r.id = e.request_id
    LEFT JOIN campaign_contacts x ON x.org_id = r.org_id AND x.id = r.exited_enrollment_id AND x.exit_reason = 'merged'
      AND x.campaign_id = e.campaign_id
    WHERE e.org_id = $1`;
  return (await db.query<Enrollment>(text, [org_id])).rows;
}

/** Every enrollment completed: each step has one item, and each item ended. */
function auditSteps(
  items: readonly Item[],
  enrollments: readonly Enrollment[],
  { steps, opt_outs }: AuditOf,
): string[] {
  const opted_out = new Set(opt_outs.map(({ lead_id }) => lead_id));
  const findings: string[] = [];
  const by_enrollment = Map.groupBy(items, ({ enrollment_id }) => enrollment_id);
  for (const { id, lead_id, status, exit_reason, continues_id } of enrollments) {
    if (status === 'active' || status === 'paused') continue;
    // Its campaign continues for the lead that it became.
    if (exit_reason === 'merged') continue;
    if (exit_reason === 'compliance_block' && opted_out.has(lead_id)) continue;
    if (status !== 'timed_out') findings.push(`enrollment ${id} ended as ${status} (${exit_reason})`);
    const own_and_earlier = [id, continues_id ?? ''].flatMap((of) => by_enrollment.get(of) ?? []);
    const counts = Map.groupBy(own_and_earlier, ({ step_number }) => step_number);
    for (let step = 1; step <= steps; step += 1) {
      const found = counts.get(step)?.length ?? 0;
      if (found === 0) findings.push(`lost: enrollment ${id} has no touch for step ${step}`);
    }
    const open = (by_enrollment.get(id) ?? []).filter((item) => !['sent', 'failed'].includes(item.status));
    for (const item of open) findings.push(`lost: touch ${item.id} of an ended enrollment is ${item.status}`);
  }
  const doubles = Map.groupBy(
    items,
    ({ enrollment_id, step_number }) => `${enrollment_id} step ${step_number}`,
  );
  for (const [step, twins] of doubles) {
    if (twins.length > 1) findings.push(`double decision: enrollment ${step} has ${twins.length} touches`);
  }
  return findings;
}

/** The log contains one first decision for each step, about the item that exists. */
async function auditDecisions(db: Queryable, org_id: string): Promise<string[]> {
  const { rows } = await db.query<{
    step: string;
    firsts: number;
    releases: number;
    items: number;
    existing: number;
  }>(
    `SELECT e.enrollment_id || ' step ' || e.step_number AS step,
            count(*) FILTER (WHERE e.event_type = 'dispatched')::int AS firsts,
            count(*) FILTER (WHERE e.event_type = 'released')::int AS releases,
            count(DISTINCT e.queue_id)::int AS items,
            count(DISTINCT q.id)::int AS existing
     FROM cadence_event_log e
     LEFT JOIN sales_send_queue q ON q.org_id = e.org_id AND q.id = e.queue_id
     WHERE e.org_id = $1 AND e.moment = 'dispatched' AND e.queue_id IS NOT NULL
     GROUP BY e.enrollment_id, e.step_number`,
    [org_id],
  );
  return rows.flatMap(({ step, firsts, releases, items, existing }) => {
    const findings: string[] = [];
    if (items !== 1) findings.push(`double decision: enrollment ${step} was decided for ${items} touches`);
    if (existing !== items) findings.push(`enrollment ${step} was decided for a touch that does not exist`);
    if (firsts + releases > 1)
      findings.push(`double decision: enrollment ${step} was released ${firsts + releases} times`);
    return findings;
  });
}

/** The sink has every message that the database calls sent, once each, at the lead's own address. */
function auditDeliveries(items: readonly Item[], journal: readonly JournalEntry[]): string[] {
  const findings: string[] = [];
  const delivered = Map.groupBy(
    journal.filter(({ end_ms }) => end_ms !== null),
    ({ message_id }) => message_id ?? '',
  );
  const known = new Set<string>();
  for (const item of items) {
    const entries = item.message_ids.flatMap((message_id) => delivered.get(message_id) ?? []);
    for (const message_id of item.message_ids) known.add(message_id);
    if (entries.length > 1) findings.push(`double: touch ${item.id} was delivered ${entries.length} times`);
    const is_sent = item.status === 'sent';
    if (is_sent !== entries.length > 0) {
      findings.push(`touch ${item.id} is ${item.status} and was delivered ${entries.length} times`);
    }
    if (item.touches !== (entries.length > 0 ? 1 : 0)) {
      findings.push(
        `touch ${item.id} was delivered ${entries.length} times and counts ${item.touches} times`,
      );
    }
    if (is_sent && !item.has_approval) findings.push(`touch ${item.id} was sent without approval`);
    const strays = entries.filter(({ to }) => to !== item.email);
    if (strays.length > 0) findings.push(`touch ${item.id} went to ${strays[0]!.to}`);
  }
  for (const message_id of delivered.keys()) {
    if (!known.has(message_id)) findings.push(`the sink has ${message_id}, which no attempt has`);
  }
  return findings;
}

/** No attempt is left open, and at most one of each item reached DATA. */
async function auditAttempts(db: Queryable, { org_id }: AuditOf): Promise<string[]> {
  const { rows } = await db.query<{ finding: string }>(
    `SELECT 'attempt ' || a.id || ' is still ' || a.stage AS finding FROM send_attempts a
     JOIN sales_send_queue q ON q.org_id = a.org_id AND q.id = a.queue_id
     JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id AND e.status = 'timed_out'
     WHERE a.org_id = $1 AND a.stage IN ('intent', 'data', 'unknown')
     UNION ALL
     SELECT 'double: touch ' || queue_id || ' was accepted ' || count(*) || ' times' FROM send_attempts
     WHERE org_id = $1 AND stage = 'accepted' GROUP BY queue_id HAVING count(*) > 1`,
    [org_id],
  );
  return rows.map(({ finding }) => finding);
}

/** An outcome is unknown only if a process was killed or stopped between the recipient and the outcome. */
async function auditUnknown(
  db: Queryable,
  { org_id, journal, clock, faults, addresses }: AuditOf,
): Promise<string[]> {
  const { rows } = await db.query<{
    queue_id: string;
    lead_id: string;
    current_email: string;
    started_at: Date;
    unknown_at: Date;
    response: string | null;
  }>(
    `SELECT e.queue_id, e.lead_id, l.email AS current_email, a.started_at, a.response, e.timestamp AS unknown_at
     FROM cadence_event_log e
     JOIN leads l ON l.org_id = e.org_id AND l.id = e.lead_id
     JOIN LATERAL (
       SELECT a.started_at, a.response FROM send_attempts a
       WHERE a.org_id = e.org_id AND a.queue_id = e.queue_id AND a.started_at <= e.timestamp
       ORDER BY a.started_at DESC LIMIT 1) a ON true
     WHERE e.org_id = $1 AND e.event_type = 'unknown'`,
    [org_id],
  );
  const machineMsOf = (at: Date) => clock.anchor_real_ms + (at.getTime() - clock.start_ms) / clock.speed;
  return rows.flatMap(({ queue_id, lead_id, current_email, started_at, unknown_at, response }) => {
    const email = addresses.get(lead_id) ?? current_email;
    const [from_ms, to_ms] = [machineMsOf(started_at) - SLACK_MS, machineMsOf(unknown_at) + SLACK_MS];
    const tried = journal.filter(
      (entry) => entry.to === email && entry.rcpt_ms >= from_ms && entry.rcpt_ms <= to_ms,
    );
    const excused = tried.some(({ slot, rcpt_ms }) =>
      faults.some(
        (fault) => fault.slot === slot && fault.to_ms >= rcpt_ms - SLACK_MS && fault.from_ms <= to_ms,
      ),
    );
    if (excused) return [];
    const after = (ms: number | null) => (ms === null ? 'never' : `${Math.round(ms - from_ms)} ms`);
    const seen = tried.map(
      ({ slot, rcpt_ms, data_ms, end_ms }) =>
        `slot ${slot}: recipient ${after(rcpt_ms)}, 354 ${after(data_ms)}, end ${after(end_ms)}`,
    );
    const around = faults
      .filter((fault) => fault.to_ms >= from_ms && fault.from_ms <= to_ms)
      .map((fault) => `${fault.kind} of ${fault.slot} ${after(fault.from_ms)} to ${after(fault.to_ms)}`);
    return [
      `unknown without a reason: touch ${queue_id}, ${after(to_ms)} after it was reserved; the server saw ` +
        `${seen.join(', ') || 'nothing'}; it said later ${response ?? 'nothing'}; faults: ${around.join(', ')}`,
    ];
  });
}
