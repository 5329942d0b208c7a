import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Assignment, ContestantName, FromChild, ToChild } from './contestant.ts';
import type { BenchDatabase } from './database.ts';
import { isPeer } from './peers.ts';
import type { World } from './world.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** Lets the previous contestant finish its remaining work; shorter in a very short run. */
const PAUSE_MS = 500;
/** If a peer's last touch is this long before the end, it ran out of work. */
const IDLE_MS = 300;

export type Entry = { name: ContestantName; workers: number; concurrency: number };
export type Heat = { seconds: number; warm_up_seconds: number; limit: number };
export type Measured = { touches: number; elapsed_ms: number; peak_rss_mb: number; outcomes: Outcomes };
type Outcomes = Record<'dispatched' | 'held' | 'suppressed', number>;

/**
 * Runs one contestant alone: starts its processes, waits until all are connected, warms them up, starts them together, and
 * counts the decisions in the log from then on.
 */
export async function measure(
  database: BenchDatabase,
  world: World,
  entry: Entry,
  heat: Heat,
): Promise<Measured> {
  const { name, concurrency } = entry;
  const assignment: Assignment = {
    name,
    url: name === 'touchline' ? database.app_url : database.url,
    org_id: world.org_id,
    concurrency,
  };
  await sleep(Math.min(PAUSE_MS, heat.seconds * 1000));
  const children = Array.from({ length: entry.workers }, () => startChild());
  const all = async (message: ToChild, kind: FromChild['kind']) =>
    Promise.all(children.map((child) => ask(child, message, kind)));
  try {
    await all({ kind: 'start', assignment }, 'ready');
    const warm_up_limit = Math.floor(heat.limit / 4 / entry.workers);
    if (heat.warm_up_seconds > 0)
      await all({ kind: 'run', seconds: heat.warm_up_seconds, limit: warm_up_limit }, 'ran');
    const limit = Math.floor((heat.limit * 3) / 4 / entry.workers);
    const started = new Date();
    const started_ms = performance.now();
    await all({ kind: 'run', seconds: heat.seconds, limit }, 'ran');
    const wall_ms = performance.now() - started_ms;
    const closed = await all({ kind: 'close' }, 'closed');
    const peaks = closed.map((answer) => (answer.kind === 'closed' ? answer.peak_rss_mb : 0));
    const counted = await count(database, world, started, new Date(started.getTime() + wall_ms));
    const last_ms = counted.last_ms ?? 0;
    const elapsed_ms = isPeer(name) && wall_ms - last_ms > IDLE_MS ? last_ms : wall_ms;
    return {
      touches: counted.touches,
      elapsed_ms,
      peak_rss_mb: Math.max(...peaks),
      outcomes: counted.outcomes,
    };
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  }
}

/** Touches a second. */
export function rateOf({ touches, elapsed_ms }: Measured): number {
  return elapsed_ms === 0 ? 0 : Math.round((touches / elapsed_ms) * 1000);
}

/** Counts the decisions in the log between two instants, with the time of the last one after the first. */
async function count(database: BenchDatabase, world: World, from: Date, to: Date) {
  const { rows } = await database.db.query<{ event_type: keyof Outcomes; count: number; last: Date }>(
    `SELECT event_type, count(*)::int AS count, max(timestamp) AS last FROM cadence_event_log
     WHERE org_id = $1 AND timestamp >= $2 AND timestamp <= $3 AND moment = 'dispatched'
       AND event_type IN ('dispatched', 'held', 'suppressed')
     GROUP BY event_type`,
    [world.org_id, from, to],
  );
  const outcomes: Outcomes = { dispatched: 0, held: 0, suppressed: 0 };
  let last_ms: number | null = null;
  for (const row of rows) {
    outcomes[row.event_type] = row.count;
    last_ms = Math.max(last_ms ?? 0, row.last.getTime() - from.getTime());
  }
  return { touches: outcomes.dispatched + outcomes.held + outcomes.suppressed, outcomes, last_ms };
}

/** Its output goes to our stderr: stdout is for the figures. */
function startChild(): ChildProcess {
  return fork(CHILD, [], { stdio: ['ignore', 2, 2, 'ipc'] });
}

function ask(child: ChildProcess, message: ToChild, kind: FromChild['kind']): Promise<FromChild> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: FromChild) => {
      if (answer.kind !== kind) return;
      forget();
      resolve(answer);
    };
    const onExit = (code: number | null) => {
      forget();
      reject(new Error(`a process of the benchmark exited with code ${code}`));
    };
    const forget = () => {
      child.removeListener('message', onMessage);
      child.removeListener('exit', onExit);
    };
    child.on('message', onMessage);
    child.once('exit', onExit);
    child.send(message);
  });
}
