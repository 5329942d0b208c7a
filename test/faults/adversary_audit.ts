import type { World } from '../world.ts';
import { FAULT_MODES } from './adversary_modes.ts';
import type { Drafted } from './adversary_world.ts';
import { mayHaveDelivered, type SinkEntry, truthOf } from './sink.ts';

/** One message as the database records it. */
type Recorded = {
  id: string;
  status: string;
  lead_state: string;
  enrollment_status: string;
  attempts: {
    stage: string;
    message_id: string;
    started_at: string;
    finished_at: string | null;
  }[];
  touches: string[];
  open_flags: number;
  suppressed: boolean;
};

const RETRY_LEAST_MS = 60_000;
const NO_SUCH_ADDRESS = new Set(FAULT_MODES.filter((mode) => mode.no_such_address).map(({ name }) => name));
/** The final state of a message, by the outcome of its last attempt. A deferred message has none. */
const ENDS = { accepted: 'sent', unknown: 'unknown', rejected: 'failed', deferred: null } as const;
const TOUCH_OF = { accepted: 'sent', unknown: 'unknown', rejected: 'void', deferred: 'void' } as const;

/**
 * Compares what the database records about these messages with the sink's journal, and reads nothing else. Each finding is
 * a sentence. The journal's attempts carry the address that each was for.
 */
export async function auditAdversary(
  world: World,
  drafted: readonly Drafted[],
  journal: readonly SinkEntry[],
): Promise<string[]> {
  const tries = Map.groupBy(journal, ({ announced_to }) => announced_to);
  const recorded = new Map((await readRecorded(world)).map((row) => [row.id, row]));
  const findings: string[] = [];
  for (const { queue_id, address } of drafted) {
    const row = recorded.get(queue_id)!;
    const entries = tries.get(address) ?? [];
    const story = entries.map((entry) => `${entry.mode} -> ${truthOf(entry)}`).join('; ');
    const wrong = [
      ...deliveryFindings(entries, address),
      ...attemptFindings(row, entries),
      ...endFindings(row, entries),
    ];
    findings.push(...wrong.map((finding) => `${address}: ${finding} (${story}; now ${row.status})`));
  }
  return findings;
}

/** No message passes the final dot twice, reaches another address, or has a second Message-ID. */
function deliveryFindings(entries: readonly SinkEntry[], address: string): string[] {
  const findings: string[] = [];
  const last_safe = entries.findIndex((entry) => ['accepted', 'unknown'].includes(truthOf(entry)));
  if (entries.filter(mayHaveDelivered).length > 1) findings.push('it passed the final dot twice');
  if (last_safe >= 0 && last_safe < entries.length - 1) {
    findings.push('it was tried again after it may have arrived');
  }
  if (entries.some(({ rcpt }) => rcpt !== null && rcpt !== address)) findings.push('it went to someone else');
  return findings;
}

/** The database records each attempt as the journal does. */
function attemptFindings({ attempts }: Recorded, entries: readonly SinkEntry[]): string[] {
  const findings: string[] = [];
  const stages = attempts.map(({ stage }) => stage);
  if (!areRecorded(stages, entries)) findings.push(`its attempts are recorded as ${stages.join() || 'none'}`);
  const ids = [...attempts, ...entries].flatMap(({ message_id }) => message_id ?? []);
  if (new Set(ids).size > 1) findings.push('its Message-ID changed');
  const hasty = attempts.some((attempt, at) => {
    const before = attempts[at - 1]?.finished_at ?? null;
    return before !== null && Date.parse(attempt.started_at) - Date.parse(before) < RETRY_LEAST_MS;
  });
  if (hasty) findings.push('it was tried again within a minute');
  return findings;
}

/**
 * Whether the attempts match these journal entries, in order. An entry without DATA may be missing: a server that is not
 * ready pauses the mailbox instead of charging the message, and so does one that refused the mailbox to another worker
 * concurrently.
 */
function areRecorded(stages: readonly string[], entries: readonly SinkEntry[]): boolean {
  const [entry, ...later] = entries;
  if (entry === undefined) return stages.length === 0;
  const truth = truthOf(entry);
  if (stages[0] === truth && areRecorded(stages.slice(1), later)) return true;
  return truth === 'deferred' && entry.data_ms === null && areRecorded(stages, later);
}

/** The state of the message, its touches, and its lead follows from the last attempt. */
function endFindings(row: Recorded, entries: readonly SinkEntry[]): string[] {
  const findings: string[] = [];
  const last = entries.at(-1);
  if (last === undefined) return ['it was never attempted'];
  const truth = truthOf(last);
  if (row.status !== ENDS[truth]) findings.push(`it should have ended as ${ENDS[truth] ?? 'something else'}`);
  // Each attempt that did not deliver voided its touch, and so did each that was released.
  const touches = entries.map((entry) => TOUCH_OF[truthOf(entry)]).filter((outcome) => outcome !== 'void');
  const counted = row.touches.filter((outcome) => outcome !== 'void');
  if (counted.join() !== touches.join()) findings.push(`its touches are ${row.touches.join()}`);
  const is_unknown = truth === 'unknown';
  if ((row.lead_state === 'paused') !== is_unknown) findings.push(`its lead is ${row.lead_state}`);
  if (row.open_flags !== (is_unknown ? 1 : 0)) findings.push(`it has ${row.open_flags} open flags`);
  const no_such_address = NO_SUCH_ADDRESS.has(last.mode ?? '');
  if (row.suppressed !== no_such_address) {
    findings.push(row.suppressed ? 'its address is suppressed' : 'its address may still be written to');
  }
  if ((row.enrollment_status === 'rejected') !== no_such_address) {
    findings.push(`its enrollment is ${row.enrollment_status}`);
  }
  return findings;
}

async function readRecorded(world: World): Promise<Recorded[]> {
  const { rows } = await world.db.query<Recorded>(
    `SELECT q.id, q.status, l.cadence_state AS lead_state, e.status AS enrollment_status,
       coalesce((SELECT json_agg(json_build_object('stage', a.stage, 'message_id', a.message_id,
                   'started_at', a.started_at, 'finished_at', a.finished_at) ORDER BY a.started_at, a.id)
                 FROM send_attempts a
                 -- An item released before any command reached the server is not an attempt.
                 WHERE a.org_id = q.org_id AND a.queue_id = q.id AND a.stage <> 'abandoned'), '[]') AS attempts,
       coalesce((SELECT json_agg(t.outcome ORDER BY t.outcome::text) FROM touches t
                 WHERE t.org_id = q.org_id AND t.queue_id = q.id), '[]') AS touches,
       (SELECT count(*)::int FROM flags f
        WHERE f.org_id = q.org_id AND f.queue_id = q.id AND f.resolved_at IS NULL) AS open_flags,
       EXISTS (SELECT 1 FROM suppressions s
               WHERE s.org_id = q.org_id AND s.kind = 'address' AND s.value = l.email_key) AS suppressed
     FROM sales_send_queue q
     JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
     JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id
     WHERE q.org_id = $1`,
    [world.org_id],
  );
  return rows;
}
