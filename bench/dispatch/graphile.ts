import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker';
import type { StartContestant } from './contestant.ts';
import { type TouchJob, touchHandler } from './touch.ts';

const TASK = 'touch';
const INSERT_MAX = 1000;
const logger = new Logger(() => () => {});

/** Its settings, for the report: those of the performance page in its documentation. */
export const GRAPHILE_TUNING = {
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
  pollInterval: 500,
};

/** Creates its tables. */
export async function prepareGraphile(url: string): Promise<void> {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  await utils.release();
}

export async function putGraphileJobs(url: string, jobs: readonly TouchJob[]): Promise<void> {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  for (let first = 0; first < jobs.length; first += INSERT_MAX) {
    const part = jobs.slice(first, first + INSERT_MAX);
    await utils.addJobs(part.map((payload) => ({ identifier: TASK, payload })));
  }
  await utils.release();
}

export const startGraphile: StartContestant = async (context, { url, org_id, concurrency }) => {
  const handler = touchHandler(context, url, org_id, concurrency);
  let runner: Runner | undefined;
  const begin = () =>
    run({
      logger,
      noHandleSignals: true,
      crontab: '',
      taskList: { [TASK]: (payload) => handler.decide(payload as TouchJob) },
      preset: {
        worker: {
          ...GRAPHILE_TUNING,
          connectionString: url,
          concurrentJobs: concurrency,
          maxPoolSize: concurrency + 2,
        },
      },
    });
  return {
    async run({ seconds }) {
      runner ??= await begin();
      await sleep(seconds * 1000);
    },
    close: async () => {
      await runner?.stop();
      await handler.close();
    },
  };
};
