import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { StartContestant } from './contestant.ts';
import { type TouchJob, touchHandler } from './touch.ts';

const QUEUE = 'touch';
const INSERT_MAX = 1000;
/** Two fetchers per process, so that one fetches while the other works. */
const FETCHERS = 2;
/** Its pool is only for fetching and completing; the handlers use the product's. */
const POOL_MAX = 4;

/** Its settings, for the report: those that its documentation recommends for throughput. */
export const PG_BOSS_TUNING = {
  batchSize: 100,
  localConcurrency: FETCHERS,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
};

/** Creates its tables and its queue. */
export async function preparePgBoss(url: string): Promise<void> {
  const boss = await open(url, true);
  await boss.createQueue(QUEUE);
  await boss.stop({ graceful: true });
}

export async function putPgBossJobs(url: string, jobs: readonly TouchJob[]): Promise<void> {
  const boss = await open(url, false);
  for (let first = 0; first < jobs.length; first += INSERT_MAX) {
    await boss.insert(
      QUEUE,
      jobs.slice(first, first + INSERT_MAX).map((data) => ({ data })),
    );
  }
  await boss.stop({ graceful: true });
}

/** Handles `concurrency` jobs at a time over all fetchers, each in its own transaction. */
export const startPgBoss: StartContestant = async (context, { url, org_id, concurrency }) => {
  const boss = await open(url, false);
  const handler = touchHandler(context, url, org_id, concurrency);
  let working = false;
  const lanes = Math.max(1, Math.round(concurrency / FETCHERS));
  const begin = async () => {
    working = true;
    await boss.work<TouchJob>(QUEUE, PG_BOSS_TUNING, async (jobs) => {
      const waiting = jobs.values();
      const lane = async () => {
        for (const { data } of waiting) await handler.decide(data);
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    });
  };
  return {
    async run({ seconds }) {
      if (!working) await begin();
      await sleep(seconds * 1000);
    },
    close: async () => {
      await boss.stop({ graceful: true });
      await handler.close();
    },
  };
};

/** Without its housekeeping, which a short run does not need. */
async function open(url: string, migrate: boolean): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: url,
    max: POOL_MAX,
    supervise: false,
    schedule: false,
    migrate,
  });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  return boss;
}
