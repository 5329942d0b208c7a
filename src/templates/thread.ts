/** The thread that works for `BudgetedThread`: one job after the other, and it says where it is. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type Job, runJob } from './jobs.ts';

/** `place`: shared, so that it can be read while this thread is busy. */
export type ThreadData = { place: Int32Array; nice: number };

const { place, nice } = workerData as ThreadData;
// On Linux this is the priority of the thread alone; elsewhere it would be that of the whole process.
if (nice > 0 && process.platform === 'linux') setPriority(nice);

parentPort!.on('message', async (job: Job) => {
  const answer = await runJob(job, (at) => Atomics.store(place, 0, at));
  parentPort!.postMessage({ answer });
});
parentPort!.postMessage('ready');
