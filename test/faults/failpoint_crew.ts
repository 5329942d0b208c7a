import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Armed, FailpointWorkerOptions } from './failpoint_main.ts';
import type { FailpointAt } from './failpoint_points.ts';
import { type Sink, type SinkEntry, type SinkPoint, startSink } from './sink.ts';
import { spawnProduct, type WorkerProcess } from './worker_process.ts';

export type CrewOptions = {
  /** The directory of the clock and the armed point. */
  dir: string;
  url: string;
  secret: string;
  processes: number;
  broken_build?: string | undefined;
  /** Default: no notification leaves. */
  sends_notices?: boolean;
};

/** An armed point, and the process that reached it. */
export type Hit = {
  /** False if no process arrived in time. After a kill, the process is gone and its successor is starting. */
  happened(): Promise<boolean>;
  /** Resumes a stopped process, and waits until it has finished its work. */
  recover(): Promise<void>;
};

export type Crew = Awaited<ReturnType<typeof startCrew>>;

const HIT_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 5;
/** The server ends a transaction that is idle this long, which frees its locks for the others. */
const IDLE_IN_TRANSACTION_MS = 300;

type Member = { process: WorkerProcess; is_ready: boolean };
type Waiting = {
  at: FailpointAt;
  signal: Armed['signal'];
  resolve: (slot: number) => void;
  released: Promise<void>;
};

/** Workers with a mail server, each on a separate port, one of which can be made to die or stop at a point. */
export async function startCrew(options: CrewOptions) {
  const { dir, processes } = options;
  const file = (name: string) => join(dir, name);
  let waiting: Waiting | null = null;
  const reach = (slot: number) => {
    waiting?.resolve(slot);
    waiting = null;
  };
  const hold = (slot: number, point: SinkPoint, _entry: SinkEntry): Promise<void> | undefined => {
    if (waiting === null || !('sink' in waiting.at) || waiting.at.sink !== point) return undefined;
    const { released, signal } = waiting;
    if (signal === 'SIGKILL') void members[slot]!.process.kill();
    else members[slot]!.process.stall();
    reach(slot);
    return released;
  };
  const sink: Sink = await startSink({ slots: processes, hold });
  const all: WorkerProcess[] = [];
  const spawnInto = (slot: number): Member => {
    const worker_options: FailpointWorkerOptions = {
      database_url: options.url,
      smtp_url: `smtp://127.0.0.1:${sink.ports[slot]}`,
      secret: options.secret,
      idle_in_transaction_ms: IDLE_IN_TRANSACTION_MS,
      clock_file: file('clock'),
      armed_file: file('armed'),
      idle_file: file(`idle_${slot}`),
      sends_notices: options.sends_notices ?? false,
    };
    const process = spawnProduct('failpoint_main.ts', worker_options, {
      broken_build: options.broken_build,
      cache_dir: file('cache'),
      onLine: (line) => {
        if (line === 'hit') reach(slot);
      },
    });
    const member = { process, is_ready: false };
    void process.ready.then(
      () => {
        member.is_ready = true;
      },
      () => undefined,
    );
    all.push(process);
    return member;
  };
  const members = Array.from({ length: processes }, (_, slot) => spawnInto(slot));
  await members[0]!.process.ready;

  /** Waits until this process has begun a new round, unless it has not started yet. */
  const idle = async (slot: number) => {
    const { process, is_ready } = members[slot]!;
    if (!is_ready) return;
    await writeFile(file(`idle_${slot}`), '');
    while (existsSync(file(`idle_${slot}`)) && process.isRunning()) {
      // Repeats: a process that announces its stop may stop only after it was resumed.
      process.resume();
      await sleep(LOOK_EVERY_MS);
    }
  };
  const arm = async (at: FailpointAt, signal: Armed['signal']): Promise<Hit> => {
    const { promise: reached, resolve } = Promise.withResolvers<number>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    waiting = { at, signal, resolve, released };
    if ('database' in at) await writeArmed(file('armed'), { point: at.database, signal });
    let slot: number | null = null;
    return {
      async happened() {
        slot = await Promise.race([reached, sleep(HIT_WITHIN_MS, null, { ref: false })]);
        if (slot === null) {
          waiting = null;
          await rm(file('armed'), { force: true });
          return false;
        }
        if (signal === 'SIGKILL') {
          await members[slot]!.process.exited;
          members[slot] = spawnInto(slot);
          release();
        }
        return true;
      },
      async recover() {
        if (slot === null || signal === 'SIGKILL') return;
        release();
        await idle(slot);
      },
    };
  };
  return {
    journal: sink.journal,
    arm,
    /** Waits until every process has finished its work. */
    idle: async () => {
      for (const slot of members.keys()) await idle(slot);
    },
    /** All processes finish and exit. */
    stop: () => Promise.all(members.map(({ process }) => process.stop())),
    async killAll() {
      await Promise.all(all.map((process) => process.kill()));
      await sink.close();
    },
    /** Errors that the processes logged. */
    errors: () => all.map((process) => process.errors()).join(''),
  };
}

/** Written atomically: a process may read it at any moment. */
async function writeArmed(file: string, armed: Armed): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(armed));
  await rename(`${file}.new`, file);
}
