import { type Job, type JobResult, PgBoss } from 'pg-boss';
import type { Context } from '../context.ts';
import type { FlagCheck } from '../coordinator/upkeep/checks.ts';
import { systemDb } from '../db/acting.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { AS_APP_ROLE } from '../db/roles.ts';
import { driverOptions } from '../db/servers.ts';
import { traced } from '../telemetry/ports.ts';
import { CHECKS, runCheck } from './checks.ts';
import { rest } from './rest.ts';

/** One job per tick and check, for all processes together; it creates the jobs of the organizations. */
const TICKS = 'check_ticks';
/** One job per check and organization. */
const ORG_CHECKS = 'org_checks';
const ORGS_MAX = 10_000;
const JOBS_AT_ONCE = 1000;
/** The time for a running check to finish when the process stops; a check cut off runs again elsewhere. */
const STOP_MS = 1_000;
const START_AGAIN_MS = 5_000;
/** Longer than any check; a job whose process died is retried after it. */
const EXPIRE_SECONDS = 900;

export type Schedule = {
  /** Runs a tick of a check now, as the cron would. */
  tick(check: string): Promise<void>;
  /** Resolves when checks can tick; `stop` does not require it. */
  started: Promise<void>;
  stop(): Promise<void>;
};

export type ScheduleOptions = {
  /** The database, for separate connections: their statements have different time limits from the product's. */
  url: string;
  checks?: readonly FlagCheck[];
  /** The interval between searches for jobs. */
  poll_seconds?: number;
};

type Started = { checks: readonly FlagCheck[]; poll_seconds: number; stopping: AbortSignal };
type OrgCheck = { check: string; org_id: string };

/**
 * Runs the checks by cron: each tick once per organization, however many processes have a schedule. Its tables are in their
 * own schema, `pgboss`. A check that fails for one organization is retried and does not block the others. It waits for an
 * unavailable database. Cron uses real time; a fast clock uses `checkTurns`.
 */
export function startSchedule(context: Context, options: ScheduleOptions): Schedule {
  const checks = options.checks ?? CHECKS;
  const boss = openBoss(context, options.url);
  const stopping = new AbortController();
  const { promise: started, resolve: setStarted } = Promise.withResolvers<void>();
  const starting = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const { poll_seconds = 5 } = options;
        await start(boss, context, { checks, poll_seconds, stopping: stopping.signal });
        return setStarted();
      } catch (error) {
        context.log.error({ err: error }, 'the scheduled checks cannot start; retrying');
        await boss.stop({ graceful: false }).catch(() => undefined);
        await rest(START_AGAIN_MS, stopping.signal);
      }
    }
  })();
  return {
    started,
    tick: async (check) => {
      await started;
      await boss.send(TICKS, { check }, { singletonKey: check });
    },
    stop: async () => {
      stopping.abort();
      await starting;
      await boss.stop({ graceful: true, timeout: STOP_MS });
    },
  };
}

function openBoss(context: Context, url: string): PgBoss {
  const boss = new PgBoss({
    ...driverOptions(url),
    application_name: 'touchline-schedule',
    // db/routines/tenants.sql creates it: this role may not create schemas.
    schema: 'pgboss',
    createSchema: false,
    max: 2,
    options: `${AS_APP_ROLE} -c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000`,
    // A few rows per hour cause no bloat, and rebuilding indexes would need rights that the role may not have.
    reindex: false,
    monitorVacuum: false,
  });
  boss.on('error', (error) =>
    context.log.warn({ err: error }, 'the scheduler reported an error and continues'),
  );
  boss.on('warning', (warning) => context.log.debug({ warning }, 'the scheduler reported a warning'));
  return boss;
}

async function start(
  boss: PgBoss,
  context: Context,
  { checks, poll_seconds, stopping }: Started,
): Promise<void> {
  await boss.start();
  const expireInSeconds = EXPIRE_SECONDS;
  // Exclusive: while a check of an organization, or a tick, is queued or running, the next one is not queued.
  const queue = { policy: 'exclusive' as const, expireInSeconds, deleteAfterSeconds: 24 * 3600 };
  await boss.createQueue(TICKS, { ...queue, retryLimit: 2, retryDelay: 10 });
  // The next tick follows anyway: one retry later is enough.
  await boss.createQueue(ORG_CHECKS, { ...queue, retryLimit: 2, retryDelay: 30, retryBackoff: true });
  const polling = {
    pollingIntervalSeconds: poll_seconds,
    perJobResults: true,
    burstWhenBatchFull: true,
  } as const;
  const by_name = new Map(checks.map((check) => [check.name, check]));
  await boss.work<{ check: string }>(TICKS, { ...polling, batchSize: 10 }, (jobs) =>
    each({ context, stopping }, jobs, ({ check }) => fanOut(boss, context, check)),
  );
  await boss.work<OrgCheck>(ORG_CHECKS, { ...polling, batchSize: 10 }, (jobs) =>
    each({ context, stopping }, jobs, async ({ check, org_id }) => {
      const found = by_name.get(check);
      if (found !== undefined) await counted(context, check, () => runCheck(context, org_id, found));
    }),
  );
  await setCron(boss, checks);
}

async function counted(context: Context, check: string, run: () => Promise<void>): Promise<void> {
  try {
    await traced(context.tracer, { name: `check ${check}` }, run);
  } catch (error) {
    context.metrics?.failed(check);
    throw error;
  }
}

/** The table of checks defines the schedule: a check removed from it stops ticking. */
async function setCron(boss: PgBoss, checks: readonly FlagCheck[]): Promise<void> {
  for (const [at, { name, every_minutes }] of checks.entries()) {
    await boss.schedule(TICKS, cronOf(every_minutes, at), { check: name }, { key: name, singletonKey: name });
  }
  for (const { key } of await boss.getSchedules(TICKS)) {
    if (!checks.some(({ name }) => name === key)) await boss.unschedule(TICKS, key);
  }
}

/** Every this many minutes, with the checks spread over different minutes. */
export function cronOf(every_minutes: number, at: number): string {
  const minute = at % every_minutes;
  return every_minutes === 60 ? `${minute} * * * *` : `${minute}-59/${every_minutes} * * * *`;
}

async function fanOut(boss: PgBoss, context: Context, check: string): Promise<void> {
  const orgs = await listOrganizations.run({ limit: ORGS_MAX }, systemDb(context.db));
  for (let at = 0; at < orgs.length; at += JOBS_AT_ONCE) {
    const jobs = orgs.slice(at, at + JOBS_AT_ONCE).map(({ org_id }) => {
      return { data: { check, org_id }, singletonKey: `${check}/${org_id}` };
    });
    await boss.insert(ORG_CHECKS, jobs);
  }
}

/**
 * Runs each job separately: a failed one is logged and retried, the others complete. Jobs not begun when the process stops
 * are left to the retry.
 */
async function each<Data extends object>(
  { context, stopping }: { context: Context; stopping: AbortSignal },
  jobs: readonly Job<Data>[],
  run: (data: Data) => Promise<void>,
): Promise<JobResult[]> {
  const results: JobResult[] = [];
  for (const { id, data } of jobs) {
    try {
      stopping.throwIfAborted();
      await run(data);
      results.push({ id, status: 'completed' });
    } catch (error) {
      if (!stopping.aborted) context.log.error({ err: error, data }, 'a check failed; it will be retried');
      results.push({ id, status: 'failed', output: { message: String(error) } });
    }
  }
  return results;
}
