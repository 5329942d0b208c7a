import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { isRunning, startOf, waitUntil } from './processes.ts';

/** Held by the one process that owns a data directory. */
export type InstanceLock = {
  /** Publishes the owner's address; a second starter reports it. */
  announce(address: string): Promise<void>;
  /** Publishes that the owner is stopping: a second starter waits instead of giving up. */
  announceStop(): Promise<void>;
  /** The previous holder, if it ended without releasing the lock; otherwise null. */
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

/** How long a starter waits for a simultaneous one to yield or to win. */
const TIE_LIMIT_MS = 5_000;
/** Longer than an orderly stop with a message in progress; a waiting starter can be stopped. */
const STOPPING_LIMIT_MS = 60_000;

/** Locks that this process holds or requests. */
const claimedHere = new Map<string, Claim>();

/**
 * Takes the lock `file`, or throws `already_running` (503) with the owner's pid and address. Files left by ended processes
 * (killed, or their id reused after a restart) do not count. Waits for an owner that is stopping, and `log` says so.
 *
 * Each process writes its own claim, `<file>.<pid>`, and then looks for others: of two, the later look sees the other
 * claim, so never do both pass. One shared file could not do this: between judging it stale and removing it, another
 * process may take it.
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
    const amend = (change: Partial<Claim>) => publish(file, Object.assign(claim, change));
    await amend({ held: true });
    return {
      announce: (address) => amend({ address }),
      announceStop: () => amend({ is_stopping: true }),
      left_by,
      release: () => withdraw(file),
    };
  } catch (error) {
    await withdraw(file);
    throw error;
  }
}

/**
 * Before this process makes its own claim, so two simultaneous starters do not wait for each other. Returns the process
 * that ended without releasing the lock.
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

/** Of simultaneous starters, the lowest process id goes first; a holder precedes all. */
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
  throw new AppError('already_running', `Another start on ${dirname(file)} is stuck.`);
}

/** The claims of other living processes. Removes those of dead ones and names the last holder among them. */
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
      // Only its writer could still need it, and that process has ended.
      await rm(path, { force: true });
    }
  }
  return { living, left_by };
}

async function isLiving({ pid, started }: Claim): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  return started === null || started === (await startOf(pid));
}

/** An unreadable claim, as after a power cut, counts for as long as its process lives. */
async function readClaim(path: string, pid: number): Promise<Claim | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return { ...(JSON.parse(text) as Claim), pid };
  } catch {
    return { pid, started: null, held: true, address: null, is_stopping: false };
  }
}

/** Written beside and renamed, so no reader sees an incomplete claim. */
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
