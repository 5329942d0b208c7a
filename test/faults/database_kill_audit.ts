import type { World } from '../world.ts';
import type { Acknowledged } from './database_kill_load.ts';
import { mayHaveDelivered, type SinkEntry } from './sink.ts';

type Recorded = {
  address: string;
  status: string;
  draft_id: string;
  stages: string[];
  message_ids: string[];
};

/** Looks for all acknowledged work, and compares the messages with the sink's journal. */
export async function auditDatabaseKill(
  world: World,
  acknowledged: Acknowledged,
  journal: readonly SinkEntry[],
): Promise<{ sent: number; unknown: number; findings: string[] }> {
  const findings = [
    ...(await missing(world, acknowledged.requests, 'request', 'SELECT id FROM sequence_requests')),
    ...(await missing(
      world,
      acknowledged.approvals,
      'approval',
      'SELECT draft_id AS id FROM draft_approvals',
    )),
    ...(await missing(world, acknowledged.unsubscribes, 'unsubscribe', UNSUBSCRIBED)),
    ...(await missing(world, acknowledged.events, 'event', 'SELECT id FROM cadence_event_log')),
  ];
  const recorded = await readRecorded(world);
  const by_address = Map.groupBy(
    journal.filter(({ rcpt }) => rcpt !== null),
    ({ rcpt }) => rcpt!,
  );
  for (const row of recorded) {
    const found = messageFindings(row, by_address.get(row.address) ?? []);
    findings.push(...found.map((finding) => `${row.address}, ${row.status}: ${finding}`));
  }
  const count = (status: string) => recorded.filter((row) => row.status === status).length;
  return { sent: count('sent'), unknown: count('unknown'), findings };
}

const UNSUBSCRIBED = 'SELECT id FROM (SELECT * FROM leads WHERE unsubscribe_flag) AS leads';

async function missing(
  world: World,
  ids: ReadonlySet<string>,
  what: string,
  from: string,
): Promise<string[]> {
  const { rows } = await world.db.query<{ id: string }>(`${from} WHERE org_id = $1`, [world.org_id]);
  const there = new Set(rows.map((row) => row.id));
  const lost = [...ids].filter((id) => !there.has(id));
  return lost.length === 0 ? [] : [`${lost.length} of ${ids.size} acknowledged ${what}s are lost`];
}

/** At most once past the final dot; sent exactly if the server has it and the outcome could be recorded. */
function messageFindings(row: Recorded, entries: readonly SinkEntry[]): string[] {
  const findings: string[] = [];
  const delivered = entries.filter(mayHaveDelivered);
  if (delivered.length > 1) findings.push(`it was delivered ${delivered.length} times`);
  if (row.status === 'sent' && delivered.length === 0) findings.push('it was not delivered');
  if (delivered.length > 0 && !['sent', 'unknown'].includes(row.status)) findings.push('it was delivered');
  if (row.status === 'unknown' && !row.stages.includes('unknown')) {
    findings.push(`its attempts are ${row.stages.join()}`);
  }
  const ids = [...row.message_ids, ...entries.flatMap(({ message_id }) => message_id ?? [])];
  if (new Set(ids).size > 1) findings.push('its Message-ID changed');
  return findings;
}

async function readRecorded(world: World): Promise<Recorded[]> {
  const { rows } = await world.db.query<Recorded>(
    `SELECT l.email AS address, q.status, q.staged_draft_id AS draft_id,
       coalesce(json_agg(a.stage) FILTER (WHERE a.id IS NOT NULL), '[]') AS stages,
       coalesce(json_agg(DISTINCT a.message_id) FILTER (WHERE a.id IS NOT NULL), '[]') AS message_ids
     FROM sales_send_queue q
     JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
     LEFT JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id
     WHERE q.org_id = $1 GROUP BY l.email, q.status, q.staged_draft_id`,
    [world.org_id],
  );
  return rows;
}
