import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../src/db/processes.ts';

/** Linux's file system in memory. */
const MEMORY = '/dev/shm';
/** The servers of a whole run take about a quarter of this at once. */
const NEEDED_BYTES = 8e9;
const NAME = /^touchline-tests-(\d+)$/;

/**
 * Gives all processes of this run a folder in memory for temporary files, if one has room: the clusters of the tests write
 * ten gigabytes, and writing them to disk takes a fifth of the whole run's processor time. Returns a function that deletes
 * it.
 */
export async function useMemoryForFiles(): Promise<() => Promise<void>> {
  process.env.LASTING_TMPDIR = tmpdir();
  if (process.env.TMPDIR !== undefined || !(await hasRoom())) return async () => {};
  for (const name of readdirSync(MEMORY)) await removeLeftover(name);
  const dir = join(MEMORY, `touchline-tests-${process.pid}`);
  await mkdir(dir);
  // The user that runs PostgreSQL needs access.
  await chmod(dir, 0o755);
  process.env.TMPDIR = dir;
  return () => rm(dir, { recursive: true, force: true });
}

async function hasRoom(): Promise<boolean> {
  try {
    // Tests start programs in this folder.
    const mount = readFileSync('/proc/mounts', 'utf8').split('\n');
    const options = mount.map((line) => line.split(' ')).findLast(([, place]) => place === MEMORY)?.[3];
    if (options === undefined || options.split(',').includes('noexec')) return false;
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize > NEEDED_BYTES;
  } catch {
    return false;
  }
}

/** A killed run leaves its folder behind. */
async function removeLeftover(name: string): Promise<void> {
  const owner = Number(NAME.exec(name)?.[1] ?? process.pid);
  if (owner === process.pid || (await isRunning(owner))) return;
  await rm(join(MEMORY, name), { recursive: true, force: true }).catch(() => undefined);
}
