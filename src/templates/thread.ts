/** The thread behind `BudgetedThread`: runs one job at a time and reports its progress. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type Job, runJob } from './jobs.ts';
import { Progress } from './progress.ts';

export type ThreadData = { progress: SharedArrayBuffer; nice: number };

const { progress: shared, nice } = workerData as ThreadData;
const progress = new Progress(shared);
// On Linux this sets the priority of the thread alone; elsewhere it would affect the whole process.
if (nice > 0 && process.platform === 'linux') setPriority(nice);

parentPort!.on('message', async (job: Job) => {
  progress.begin();
  const answer = await runJob(job, (place) => progress.goTo(place));
  parentPort!.postMessage({ answer });
});
