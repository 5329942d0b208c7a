import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'bin/touchline.mjs');
/** Many processes start at once, beside other tests. */
const PRINT_MS = 120_000;

export type Started = {
  child: ChildProcess;
  /** All output so far, on both streams. */
  printed(): string;
  exited: Promise<number | null>;
  /** Waits until the output matches. Returns the first group, or the whole match. */
  until(pattern: RegExp): Promise<string>;
  /** Stops the process and waits for its end. Returns its exit code. */
  stop(): Promise<number | null>;
};

/** Starts the product as a process whose environment contains only `env`. */
export function touchline(args: readonly string[], env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return started(child, `touchline ${args.join(' ')}`, () => child.kill('SIGTERM'));
}

/** The owner of the processes, if it is another user. */
export type User = { uid?: number; gid?: number };

/**
 * Runs shell lines in the project root. They form a process group, so background processes that they start are stopped with
 * them.
 */
export function shell(script: string, env: Readonly<Record<string, string>>, user: User = {}): Started {
  const child = spawn('sh', ['-ec', script], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...user,
  });
  return started(child, script, () => {
    try {
      process.kill(-child.pid!, 'SIGTERM');
    } catch {
      // All of them have ended.
    }
  });
}

function started(child: ChildProcess, name: string, terminate: () => void): Started {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => output.push(String(chunk)));
  const printed = () => output.join('');
  // Not `exit`: the last output may arrive after that.
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    printed,
    exited,
    until: (pattern) => untilPrinted({ child, printed, pattern, name }),
    stop: async () => {
      terminate();
      return exited;
    },
  };
}

type Waiting = { child: ChildProcess; printed: () => string; pattern: RegExp; name: string };

function untilPrinted({ child, printed, pattern, name }: Waiting): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = pattern.exec(printed());
      if (match !== null) settle(() => resolve(match[1] ?? match[0]));
    };
    const fail = (why: string) => settle(() => reject(new Error(`${name} ${why}. Output:\n${printed()}`)));
    const onClose = (code: number | null) => {
      look();
      fail(`ended with ${code}`);
    };
    const timer = setTimeout(() => fail(`did not print ${pattern}`), PRINT_MS);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      child.off('close', onClose);
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', look);
      act();
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', look);
    child.on('close', onClose);
    look();
    if (child.exitCode !== null) onClose(child.exitCode);
  });
}
