/** One process of a contestant. Its parent starts and stops the work over IPC. */

import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { startClock } from '../../src/clock.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import type { OwnerPool, Pool } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { openTemplates } from '../../src/templates/threads.ts';
import type {
  Assignment,
  Contestant,
  ContestantName,
  FromChild,
  StartContestant,
  ToChild,
} from './contestant.ts';

/** The product's own pool size; a peer gets the connections of its handlers on top. */
const POOL_MAX = 20;

const PEERS: Record<Exclude<ContestantName, 'touchline'>, () => Promise<StartContestant>> = {
  floor: async () => (await import('./floor.ts')).startFloor,
  pg_boss: async () => (await import('./pg_boss.ts')).startPgBoss,
  graphile_worker: async () => (await import('./graphile.ts')).startGraphile,
};

let contestant: Contestant | undefined;
let db: Pool | OwnerPool | undefined;

process.on('message', (message: ToChild) => {
  obey(message).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
process.once('disconnect', () => process.exit(1));

async function obey(message: ToChild): Promise<void> {
  if (message.kind === 'start') {
    await start(message.assignment);
    tell({ kind: 'ready' });
  } else if (message.kind === 'run') {
    await contestant!.run(message);
    tell({ kind: 'ran' });
  } else {
    await contestant!.close();
    await db!.close();
    tell({ kind: 'closed', peak_rss_mb: peakRssMb() });
    process.removeAllListeners('disconnect');
    process.disconnect?.();
  }
}

async function start(assignment: Assignment): Promise<void> {
  const { name, url, concurrency } = assignment;
  const options = { url, application_name: `bench-${name}`, max: Math.max(POOL_MAX, concurrency + 2) };
  const clock = startClock();
  if (name === 'touchline') {
    const { startTouchline } = await import('./touchline.ts');
    const own = await openAppPool(options);
    db = own;
    contestant = startTouchline(
      { db: own, clock, log: pino({ level: 'silent' }), templates: openTemplates() },
      assignment,
    );
  } else {
    const starter = await PEERS[name]();
    const own = await openOwnerPool(options);
    db = own;
    contestant = await starter({ db: own, clock }, assignment);
  }
}

function tell(message: FromChild): void {
  process.send!(message);
}

/** Peak memory of this process; Linux reports it without that of the process before the exec. */
function peakRssMb(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line !== null) return Math.round(Number(line[1]) / 1024);
  } catch {
    // Not Linux: fall back to the system's own count.
  }
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
