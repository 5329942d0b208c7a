import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Queryable } from '../../src/db/pool.ts';
import { brokenBuild } from './broken_builds.ts';
import type { WorkerOptions } from './worker_main.ts';

export type WorkerProcess = ReturnType<typeof spawnProduct>;

export type SpawnOptions = {
  /** Name of a broken build; default: the unchanged product. */
  broken_build?: string | undefined;
  /** Directory that keeps compiled sources between processes; default: none. */
  cache_dir?: string;
  /** Receives each line the process prints. */
  onLine?: (line: string) => void;
};

/** A worker of the product in a separate process; `ready` once it has begun. */
export function spawnWorker(options: WorkerOptions, spawning: SpawnOptions = {}): WorkerProcess {
  return spawnProduct('worker_main.ts', options, spawning);
}

/** Runs a module of this directory with a JSON argument, as a broken build if one is named. */
export function spawnProduct(
  module: string,
  argument: unknown,
  { broken_build, cache_dir, onLine }: SpawnOptions = {},
) {
  const child = spawn(
    process.execPath,
    ['--import', here('broken_build.ts'), here(module), JSON.stringify(argument)],
    {
      // Nothing is written to it: its closing tells the process that its parent is gone.
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_COMPILE_CACHE: cache_dir ?? '',
        TOUCHLINE_BROKEN_BUILD: broken_build ?? '',
      },
    },
  );
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString('utf8')));
  const ready = firstLine(child, errors, onLine);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
  };
  return {
    child,
    /** Resolves when it has printed `ready`; rejects with its last output if it ends first. */
    ready,
    exited,
    /** Its output on stderr so far. */
    errors: () => errors.join(''),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    /** SIGKILL: no work is finished, nothing is closed. Resolves when the process is gone. */
    kill: async () => {
      signal('SIGKILL');
      await exited;
    },
    /** SIGSTOP: the process stalls with everything it holds. */
    stall: () => signal('SIGSTOP'),
    /** SIGCONT: it continues as if nothing had happened. */
    resume: () => signal('SIGCONT'),
    /** SIGTERM: it finishes its batch and exits. Rejects if it does not exit cleanly. */
    stop: async () => {
      signal('SIGCONT');
      // Before it is ready it ignores the signal.
      await ready;
      signal('SIGTERM');
      await exited;
      if (child.exitCode !== 0)
        throw new Error(`a process exited with ${child.exitCode}: ${errors.join('')}`);
    },
  };
}

function firstLine(
  child: ChildProcess,
  errors: readonly string[],
  onLine?: (line: string) => void,
): Promise<void> {
  const lines = createInterface({ input: child.stdout! });
  const ready = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line === 'ready') resolve();
      else onLine?.(line);
    });
    child.once('error', reject);
    void once(child, 'close').then(
      () => reject(new Error(`a process ended early: ${errors.join('')}`)),
      reject,
    );
  });
  // A caller that kills it before it is ready need not wait for it.
  ready.catch(() => undefined);
  return ready;
}

/**
 * Ends every attempt's lease `lease_ms` of simulated time after it began, by a trigger of the test: the product's own lease
 * is far longer than a test may wait.
 */
export async function shortenLeases(db: Queryable, lease_ms: number): Promise<void> {
  await db.query(`
    CREATE OR REPLACE FUNCTION test_short_lease() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.lease_until := NEW.started_at + ${Math.trunc(lease_ms)} * interval '1 millisecond';
      RETURN NEW;
    END $$;
    CREATE OR REPLACE TRIGGER test_short_lease BEFORE INSERT ON send_attempts
      FOR EACH ROW EXECUTE FUNCTION test_short_lease()`);
}

/** Applies a broken build's database changes. Call it before the build's processes start. */
export async function breakDatabase(db: Queryable, broken_build: string | undefined): Promise<void> {
  if (broken_build === undefined) return;
  for (const statement of brokenBuild(broken_build).sql ?? []) await db.query(statement);
}

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
