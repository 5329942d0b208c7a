import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Binaries } from './embedded_binaries.ts';
import { CHILD_ENV, type Identity } from './embedded_identity.ts';
import { commandOf, isRunning, processesIn, waitUntil } from './processes.ts';

/** Crash recovery replays the log since the last checkpoint, which takes a while on a slow disk. */
const START_LIMIT_MS = 120_000;
/** Fast shutdown writes a checkpoint; after this limit the server stops without one. */
const STOP_LIMIT_MS = 15_000;
const KILL_LIMIT_MS = 5_000;
/** The longest time to stop a server; a process that leaves earlier leaves it running on its files. */
export const SERVER_STOP_MAX_MS = STOP_LIMIT_MS + 3 * KILL_LIMIT_MS + 1_000;
const START_TRIES = 5;
const PID_FILE = 'postmaster.pid';
const LOG_LIMIT_BYTES = 10_000_000;

export type Server = { dir: string; log_file: string; binaries: Binaries; identity: Identity };
export type Running = Ends & { pid: number; port: number };
type Ends = {
  /** Settles when the process itself has ended. */
  exited: Promise<void>;
  hasExited(): boolean;
  /** Settles when all its children have ended too, so that nothing writes to its directory. */
  gone: Promise<void>;
};
type Wish = { port: number | undefined; settings: Readonly<Record<string, string>> };

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '250',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  wal_compression: 'on',
  random_page_cost: '1.1',
  // Until statistics exist, the planner treats the first thousand rows of a new table as none.
  autovacuum_naptime: '15s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%a ',
  log_checkpoints: 'off',
  // Statements and error details contain personal data; the application reports its own errors.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** Starts the server and returns once it accepts connections. Throws `embedded_postgres_failed` (503). */
export async function startServer(server: Server, wish: Wish): Promise<Running> {
  await rotateLog(server.log_file);
  for (let tries = 1; ; tries += 1) {
    const log_start = await sizeOf(server.log_file);
    const running = await spawnServer(server, wish.port ?? (await freePort()), wish.settings);
    if (await isReady(server, running)) return running;
    await stopServer(running);
    const log = (await readFile(server.log_file)).subarray(log_start).toString();
    if (!isPassing(log) || tries === START_TRIES)
      throw await failedStart(server, 'PostgreSQL did not start.');
    await sleep(200 * tries);
  }
}

/** A free port can be taken before the server binds it, and orphans of a killed server need a moment to end. */
function isPassing(log: string): boolean {
  return log.includes('could not bind IPv4 address') || log.includes('pre-existing shared memory block');
}

async function spawnServer(server: Server, port: number, wished: Wish['settings']): Promise<Running> {
  const settings = Object.entries({ ...SETTINGS, ...wished, port: String(port) });
  const args = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { child, ...ends } = await spawnAs(server, server.binaries.postgres, ['-D', server.dir, ...args]);
  return { pid: child.pid ?? 0, port, ...ends };
}

/** Runs one of PostgreSQL's programs as the server's user, with its output in the log. Returns its exit code. */
export async function runToEnd(
  server: Server,
  program: string,
  args: readonly string[],
): Promise<number | null> {
  const { child, gone } = await spawnAs(server, program, args);
  await gone;
  return child.exitCode;
}

/**
 * In its own process group: Ctrl-C in a terminal reaches only us, and the server stops after our work. If we are killed, a
 * guard stops it.
 *
 * All its processes inherit a fourth stream, to which nothing is ever written: it ends with the last of them, and so does
 * `close`.
 */
async function spawnAs(
  server: Server,
  program: string,
  args: readonly string[],
): Promise<Ends & { child: ChildProcess }> {
  const { file, args: wrapped } = server.identity.command(program, args);
  const log = await open(server.log_file, 'a', 0o600);
  try {
    const options = { ...server.identity.options, cwd: '/', env: CHILD_ENV, detached: true };
    const child = spawn(file, wrapped, { ...options, stdio: ['ignore', log.fd, log.fd, 'pipe'] });
    (child.stdio[3] as Readable | null)?.resume();
    if (child.pid !== undefined) {
      const guard = guardProcess(child.pid);
      child.once('exit', guard.release);
    }
    // Listens from here on: a server with a wrong setting may end before its log is closed.
    const hasExited = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    return { child, hasExited, exited: ended(child, 'exit'), gone: ended(child, 'close') };
  } finally {
    await log.close();
  }
}

function ended(child: ChildProcess, event: 'exit' | 'close'): Promise<void> {
  return new Promise((done) => child.once(event, () => done()).once('error', () => done()));
}

/**
 * Reads a line that never arrives: its input ends when the process at the other end has ended in any way. A process that
 * has ended but was not collected (a zombie) no longer runs.
 */
const GUARD_SCRIPT = `
read -r released && exit
runs() {
  kill -0 "$1" 2>/dev/null || return 1
  read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" || return 0
  [ "$state" != Z ]
}
for step in INT:15 QUIT:5 KILL:5; do
  kill -"\${step%:*}" "$1" 2>/dev/null || exit
  seconds=0
  while [ "$seconds" -lt "\${step#*:}" ]; do
    runs "$1" || exit
    sleep 1
    seconds=$((seconds + 1))
  done
done
`;

/**
 * Ends process `pid` when this process ends without `release`, SIGKILL included: a small separate process waits for the end
 * of a pipe that this one holds. It sends SIGINT (PostgreSQL's fast shutdown), then SIGQUIT, then SIGKILL.
 */
function guardProcess(pid: number): { release(): void } {
  // In its own session: neither Ctrl-C nor a closed terminal reaches it.
  const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'touchline-guard', String(pid)], {
    cwd: '/',
    env: CHILD_ENV,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard, a killed process leaves its server behind, and the next start stops it.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  return { release: () => void guard.stdin.end('released\n') };
}

/** A killed server's file also says ready, so the process id must be ours. */
async function isReady(server: Server, { pid, hasExited }: Running): Promise<boolean> {
  const isUp = async () => {
    const written = await postmaster(server.dir);
    return written.pid === pid && written.is_ready;
  };
  await waitUntil(async () => hasExited() || (await isUp()), START_LIMIT_MS);
  return !hasExited() && (await isUp());
}

/** The postmaster's own file, which pg_ctl reads too: process id, port and state are lines 1, 4 and 8. */
export async function postmaster(dir: string): Promise<{ pid: number; port: number; is_ready: boolean }> {
  const lines = (await readFile(join(dir, PID_FILE), 'utf8').catch(() => '')).split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), is_ready: lines[7]?.trim() === 'ready' };
}

/**
 * Fast shutdown, then immediate, then by force; the last two leave the rest to crash recovery. Returns once all server
 * processes have ended.
 */
export async function stopServer({ pid, hasExited, gone }: Running): Promise<void> {
  await stopProcess(pid, async () => hasExited());
  // After SIGKILL, its children outlive it until their next wait.
  const over = new AbortController();
  await Promise.race([gone, sleep(KILL_LIMIT_MS, undefined, over).catch(() => undefined)]);
  over.abort();
}

/**
 * A killed owner leaves its server running. It is shut down in order, so none of its writes are lost. A killed server
 * leaves its pid file, which blocks the next start while any process has that id: a zombie, as in a container without an
 * init, or another program. The file is removed once no process works in the directory.
 */
export async function clearOrphan({ dir }: Server, log?: (message: string) => void): Promise<void> {
  const pid = await orphanIn(dir);
  if (pid !== null) {
    log?.(
      `PostgreSQL still runs from an earlier start whose process ended without stopping it (process ${pid}): stopping it first.`,
    );
    await stopProcess(pid, async () => !(await isRunning(pid)));
  }
  const inside = () => processesIn(dir);
  if ((await postmaster(dir)).pid === 0 || (await inside()) === null) return;
  if (await waitUntil(async () => (await inside())?.length === 0, KILL_LIMIT_MS))
    await rm(join(dir, PID_FILE), { force: true });
}

/** The process of a server that still runs in this directory; null without one. */
export async function orphanIn(dir: string): Promise<number | null> {
  const { pid } = await postmaster(dir);
  if (!(pid > 0) || !(await isRunning(pid))) return null;
  // Another program may have the id by now: ours names its directory on its command line.
  return (await commandOf(pid))?.includes(dir) ? pid : null;
}

async function stopProcess(pid: number, gone: () => Promise<boolean>): Promise<void> {
  const steps = [
    ['SIGINT', STOP_LIMIT_MS],
    ['SIGQUIT', KILL_LIMIT_MS],
    ['SIGKILL', KILL_LIMIT_MS],
  ] as const;
  for (const [signal, limit_ms] of steps) {
    if (await gone()) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await waitUntil(gone, limit_ms)) return;
  }
}

/** The error of a failed start, with the end of the server's log. */
export async function failedStart(server: Server, what: string): Promise<AppError> {
  const log = await readFile(server.log_file, 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-15).join('\n');
  return new AppError('embedded_postgres_failed', `${what} Its log ends:\n${lines}`, {
    hint: `The whole log is ${server.log_file}.`,
  });
}

async function rotateLog(file: string): Promise<void> {
  if ((await sizeOf(file)) > LOG_LIMIT_BYTES) await rename(file, `${file}.1`);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, fail) => probe.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}
