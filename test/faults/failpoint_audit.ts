import type { World } from '../world.ts';
import { nameOf, type Trial } from './failpoint_points.ts';
import { mayHaveDelivered, type SinkEntry } from './sink.ts';

type Recorded = {
  id: string;
  status: string;
  stages: string[];
  message_ids: string[];
  touches: string[];
  sent_events: number;
  open_flags: number;
};

/** Compares the messages' final states with the expected ones, and the database with the sink's journal. */
export async function auditFailpoints(
  world: World,
  trials: readonly Trial[],
  journal: readonly SinkEntry[],
): Promise<{ delivered: number; unknown: number; findings: string[] }> {
  const recorded = new Map((await readRecorded(world)).map((row) => [row.id, row]));
  const findings: string[] = [];
  let delivered = 0;
  let unknown = 0;
  for (const trial of trials) {
    const { queue_id, address } = trial.mail;
    const row = recorded.get(queue_id)!;
    const deliveries = journal.filter((entry) => entry.rcpt === address && entry.end_ms !== null);
    findings.push(...findingsOf(trial, row, deliveries).map((finding) => `${nameOf(trial)}: ${finding}`));
    delivered += deliveries.filter(mayHaveDelivered).length;
    unknown += row.status === 'unknown' ? 1 : 0;
  }
  return { delivered, unknown, findings };
}

function findingsOf({ point }: Trial, row: Recorded, deliveries: readonly SinkEntry[]): string[] {
  const findings: string[] = [];
  const say = (is_wrong: boolean, finding: string) => {
    if (is_wrong) findings.push(finding);
  };
  say(row.status !== point.ends, `it ended as ${row.status} instead of ${point.ends}`);
  say(deliveries.length > 1, `it was delivered ${deliveries.length} times`);
  say(row.status === 'sent' && deliveries.length === 0, 'it is recorded as sent but was not delivered');
  const ids = [...row.message_ids, ...deliveries.flatMap(({ message_id }) => message_id ?? [])];
  say(new Set(ids).size > 1, 'its Message-ID changed');
  const past_intent = row.stages.filter((stage) => ['data', 'accepted', 'unknown'].includes(stage));
  const expected_stage = row.status === 'sent' ? 'accepted' : 'unknown';
  say(past_intent.join() !== expected_stage, `its attempts are ${row.stages.join()}`);
  const counted = row.touches.filter((outcome) => outcome !== 'void');
  say(counted.join() !== row.status, `its touches are ${row.touches.join()}`);
  say(row.sent_events !== (row.status === 'sent' ? 1 : 0), `it has ${row.sent_events} sent events`);
  say(row.open_flags !== (row.status === 'unknown' ? 1 : 0), `it has ${row.open_flags} open flags`);
  return findings;
}

async function readRecorded(world: World): Promise<Recorded[]> {
  const { rows } = await world.db.query<Recorded>(
    `SELECT q.id, q.status,
       coalesce((SELECT json_agg(a.stage ORDER BY a.started_at, a.id) FROM send_attempts a
                 WHERE a.org_id = q.org_id AND a.queue_id = q.id), '[]') AS stages,
       coalesce((SELECT json_agg(DISTINCT a.message_id) FROM send_attempts a
                 WHERE a.org_id = q.org_id AND a.queue_id = q.id), '[]') AS message_ids,
       coalesce((SELECT json_agg(t.outcome) FROM touches t
                 WHERE t.org_id = q.org_id AND t.queue_id = q.id), '[]') AS touches,
       (SELECT count(*)::int FROM cadence_event_log v
        WHERE v.org_id = q.org_id AND v.queue_id = q.id AND v.event_type = 'sent') AS sent_events,
       (SELECT count(*)::int FROM flags f
        WHERE f.org_id = q.org_id AND f.queue_id = q.id AND f.resolved_at IS NULL) AS open_flags
     FROM sales_send_queue q WHERE q.org_id = $1`,
    [world.org_id],
  );
  return rows;
}
