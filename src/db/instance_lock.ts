import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { isRunning, startOf, waitUntil } from './processes.ts';

/** Held by the one process that owns a data directory. */
export type InstanceLock = {
  /** Publishes where the owner can be reached; a second starter is told so. */
  announce(address: string): Promise<void>;
  /** Publishes that the owner is stopping: a second starter waits for it instead of giving up. */
  announceStop(): Promise<void>;
  /** The process that had it before and ended without giving it back; null when the last one did. */
  left_by: number | null;
  release(): Promise<void>;
};

type Claim = {
  pid: number;
  started: string | null;
  held: boolean;
  address: string | null;
  is_stopping: boolean;
};

/** How long a starter waits for another one that came at the same moment to give way or to win. */
const TIE_LIMIT_MS = 5_000;
/** Longer than an orderly stop takes with a message under way; a starter can be stopped meanwhile. */
const STOPPING_LIMIT_MS = 60_000;

/** Locks that this process holds or asks for. */
const claimedHere = new Map<string, Claim>();

/**
 * Takes the lock `file`, or throws `already_running` (503) with the pid and the address of the owner. What a
 * process left behind that is gone (killed, or its id reused after a restart) does not count. An owner that is stopping is
 * waited for, and `log` says so.
 *
 * Each process writes a claim of its own, `<file>.<pid>`, and then looks for others: of two, whoever looks
 * later sees the other, so never do both pass. One shared file could not do this: between judging it stale
 * and removing it, somebody else may have taken it.
 */
export async function takeInstanceLock(file: string, log?: (message: string) => void): Promise<InstanceLock> {
  const here = claimedHere.get(file);
  if (here !== undefined) throw alreadyRunning(here);
  const claim: Claim = { pid: process.pid, started: null, held: false, address: null, is_stopping: false };
  claimedHere.set(file, claim);
  try {
    claim.started = await startOf(process.pid);
    const left_by = await awaitStopping(file, log);
    await publish(file, claim);
    await refuseIfOthers(file);
    claim.held = true;
    await publish(file, claim);
    return {
      async announce(address) {
        claim.address = address;
        await publish(file, claim);
      },
      async announceStop() {
        claim.is_stopping = true;
        await publish(file, claim);
      },
      left_by,
      release: () => withdraw(file),
    };
  } catch (error) {
    await withdraw(file);
    throw error;
  }
}

/**
 * Before this process makes a claim of its own, so that two that start now do not wait for each other. Returns the process
 * that ended without giving the lock back.
 */
async function awaitStopping(
  file: string,
  log: ((message: string) => void) | undefined,
): Promise<number | null> {
  let left_by: number | null = null;
  let is_said = false;
  await waitUntil(async () => {
    const round = await lookRound(file);
    left_by ??= round.left_by;
    const owner = round.living.find(({ is_stopping }) => is_stopping);
    if (owner === undefined) return true;
    if (!is_said) log?.(`Waiting for process ${owner.pid} to stop on this data directory ...`);
    is_said = true;
    return false;
  }, STOPPING_LIMIT_MS);
  return left_by;
}

/** Of those that ask at the same moment the lowest process id goes first; a holder goes before all. */
async function refuseIfOthers(file: string): Promise<void> {
  let winner: Claim | undefined;
  const settled = async () => {
    const others = (await lookRound(file)).living;
    winner = others.find((other) => other.held || other.pid < process.pid);
    return winner !== undefined || others.length === 0;
  };
  if (await waitUntil(settled, TIE_LIMIT_MS)) {
    if (winner !== undefined) throw alreadyRunning(winner);
    return;
  }
  throw new AppError('already_running', `Another start on ${dirname(file)} does not get on.`);
}

/** The claims of other living processes; those of dead ones are cleared away, and the last holder among them is named. */
async function lookRound(file: string): Promise<{ living: Claim[]; left_by: number | null }> {
  const pattern = new RegExp(`^${RegExp.escape(basename(file))}\\.(\\d+)$`);
  const living: Claim[] = [];
  let left_by: number | null = null;
  for (const name of await readdir(dirname(file))) {
    const pid = Number(pattern.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid) continue;
    const path = join(dirname(file), name);
    const claim = await readClaim(path, pid);
    if (claim !== undefined && (await isLiving(claim))) living.push(claim);
    else {
      if (claim?.held) left_by = pid;
      // Only the process that wrote it could still want it, and that one is gone.
      await rm(path, { force: true });
    }
  }
  return { living, left_by };
}

async function isLiving({ pid, started }: Claim): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  return started === null || started === (await startOf(pid));
}

/** A claim that cannot be read, as after a power cut, counts for as long as its process lives. */
async function readClaim(path: string, pid: number): Promise<Claim | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return { ...(JSON.parse(text) as Claim), pid };
  } catch {
    return { pid, started: null, held: true, address: null, is_stopping: false };
  }
}

/** Written beside and renamed, so that nobody ever reads half a claim. */
async function publish(file: string, claim: Claim): Promise<void> {
  const own = `${file}.${process.pid}`;
  await writeFile(`${own}.new`, JSON.stringify(claim), { mode: 0o600 });
  await rename(`${own}.new`, own);
}

async function withdraw(file: string): Promise<void> {
  claimedHere.delete(file);
  await rm(`${file}.${process.pid}`, { force: true });
}

function alreadyRunning({ pid, address }: Claim): AppError {
  const where = address === null ? 'it is still starting' : `it answers at ${address}`;
  return new AppError(
    'already_running',
    `Touchline is already running on this data directory (process ${pid}; ${where}).`,
    { hint: 'Stop that process, or set TOUCHLINE_DATA_DIR to another directory.', extra: { pid, address } },
  );
}
