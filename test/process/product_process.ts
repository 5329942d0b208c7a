import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/* `touchline` as a person starts it: real processes only. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'bin/touchline.mjs');

/** As in the README: npm, its shell, and then the product. */
const NPX = ['npx', '--no-install', 'touchline'] as const;

/** The line that the product prints once it accepts requests. */
export const URL_LINE = /running at (http:\S+)/;

/** An older Node from which the launcher starts the bundled one: the current one with its version overwritten. */
const OLD_NODE = [
  '--import',
  `data:text/javascript,${encodeURIComponent("Object.defineProperty(process.versions,'node',{value:'20.9.0'})")}`,
];

export type Started = {
  child: ChildProcess;
  printed: () => string;
  /** Exit code; null when a signal ended it. */
  exited: Promise<number | null>;
};

/** Starts commands on one data directory, on a free port. */
export function productProcesses(data_dir: string, env: Record<string, string>) {
  const running = new Set<ChildProcess>();
  const touchline = (
    args: readonly string[],
    own: Record<string, string> = {},
    { old_node = false, by_npx = false } = {},
  ): Started => {
    const itself = [process.execPath, ...(old_node ? OLD_NODE : []), MAIN] as const;
    const [program, ...before] = by_npx ? NPX : itself;
    const child = spawn(program, [...before, ...args], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: data_dir,
        PORT: '0',
        TOUCHLINE_DATA_DIR: data_dir,
        ...env,
        ...own,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    }
    const exited = once(child, 'exit').then(([code]) => {
      running.delete(child);
      return code as number | null;
    });
    return { child, printed: () => text, exited };
  };
  const stopAll = async () => {
    for (const child of running) child.kill('SIGTERM');
    await Promise.all([...running].map((child) => once(child, 'exit')));
  };
  return { touchline, stopAll };
}

/** The first group of the pattern, or the whole match. Rejects if the process ends first. */
export async function untilPrinted({ printed, exited }: Started, pattern: RegExp): Promise<string> {
  const ended = exited.then((code) => {
    throw new Error(`ended with ${code}; it printed:\n${printed()}`);
  });
  for (;;) {
    const match = pattern.exec(printed());
    if (match !== null) {
      ended.catch(() => {});
      return match[1] ?? match[0];
    }
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
}

/** The processes of a running `touchline up`. */
export type Pids = { server: number; guard: number; postmaster: number; backends: number[] };

/** The process whose claim is in the directory, and its children. */
export async function pidsOf(data_dir: string): Promise<Pids> {
  const claims = (await readdir(data_dir)).flatMap(
    (name) => /^touchline\.lock\.(\d+)$/.exec(name)?.[1] ?? [],
  );
  const server = Number(claims[0]);
  const pid_file = await readFile(join(data_dir, 'postgres', 'postmaster.pid'), 'utf8');
  const postmaster = Number(pid_file.split('\n')[0]);
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  const processes = stdout.split('\n').flatMap((line) => {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
  });
  const guard = processes.find(
    ({ parent, args }) => parent === server && args.includes(`touchline-guard ${postmaster}`),
  );
  const backends = processes.filter(({ parent }) => parent === postmaster).map(({ pid }) => pid);
  return { server, guard: guard?.pid ?? 0, postmaster, backends };
}
