/** The thread that works for `BudgetedThread`: one job after the other, and it says where it is. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type Job, runJob } from './jobs.ts';
import { Progress } from './progress.ts';

export type ThreadData = { progress: SharedArrayBuffer; nice: number };

const { progress: shared, nice } = workerData as ThreadData;
const progress = new Progress(shared);
// On Linux this is the priority of the thread alone; elsewhere it would be that of the whole process.
if (nice > 0 && process.platform === 'linux') setPriority(nice);

parentPort!.on('message', async (job: Job) => {
  progress.begin();
  const answer = await runJob(job, (place) => progress.goTo(place));
  parentPort!.postMessage({ answer });
});
