import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether a process with this id is running. A zombie is not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return process.platform !== 'linux' || (await startOf(pid)) !== null;
}

/**
 * Distinguishes this process from a later one with the same id; null if there is none or the system does not tell. On
 * Linux: the boot, and the tick at which the process started.
 */
export async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  // The name in brackets may contain spaces and brackets; field 22 of proc(5) is the 20th after it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined || fields[0] === 'Z') return null;
  return `${boot.trim()}/${fields[19]}`;
}

/** The command line of a process; undefined without such a process. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return line === '' ? undefined : line.replaceAll('\0', ' ');
  }
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}

/**
 * Processes with this working directory, which for all of PostgreSQL's is the data directory; null if the system does not
 * tell. Omits other users' processes and zombies.
 */
export async function processesIn(dir: string): Promise<number[] | null> {
  if (process.platform !== 'linux') return null;
  const real = await realpath(dir).catch(() => dir);
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const cwds = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, at) => cwds[at] === real);
}

/** Waits until `done` holds, checking every 10 ms; returns false after `limit_ms`. */
export async function waitUntil(done: () => boolean | Promise<boolean>, limit_ms: number): Promise<boolean> {
  const end_ms = performance.now() + limit_ms;
  while (!(await done())) {
    if (performance.now() > end_ms) return false;
    await sleep(10);
  }
  return true;
}
