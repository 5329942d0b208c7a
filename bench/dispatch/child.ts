/** One process of a contestant. Its parent says over IPC when to begin and when to end. */

import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { startClock } from '../../src/clock.ts';
import { readMail } from '../../src/connectors/mail_source.ts';
import type { Context } from '../../src/context.ts';
import { openPool } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import type {
  Assignment,
  Contestant,
  ContestantName,
  FromChild,
  StartContestant,
  ToChild,
} from './contestant.ts';

/** The product's own pool size; a peer gets what its handlers need beyond that. */
const POOL_MAX = 20;

const STARTERS: Record<ContestantName, () => Promise<StartContestant>> = {
  touchline: async () => (await import('./touchline.ts')).startTouchline,
  floor: async () => (await import('./floor.ts')).startFloor,
  pg_boss: async () => (await import('./pg_boss.ts')).startPgBoss,
  graphile_worker: async () => (await import('./graphile.ts')).startGraphile,
};

let contestant: Contestant | undefined;
let context: Context | undefined;

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
    await context!.db.close();
    tell({ kind: 'closed', peak_rss_mb: peakRssMb() });
    process.removeAllListeners('disconnect');
    process.disconnect?.();
  }
}

async function start(assignment: Assignment): Promise<void> {
  const max = Math.max(POOL_MAX, assignment.concurrency + 2);
  const open = assignment.name === 'touchline' ? openAppPool : openPool;
  const db = await open({ url: assignment.url, application_name: `bench-${assignment.name}`, max });
  context = {
    db,
    clock: startClock(),
    log: pino({ level: 'silent' }),
    secret: '',
    public_url: '',
    catcher: null,
    readMail,
    nudge: () => {},
  };
  const starter = await STARTERS[assignment.name]();
  contestant = await starter(context, assignment);
}

function tell(message: FromChild): void {
  process.send!(message);
}

/** The most memory this process has had; Linux keeps it without what the process before the exec had. */
function peakRssMb(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line !== null) return Math.round(Number(line[1]) / 1024);
  } catch {
    // Not Linux: the system's own count will do.
  }
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
