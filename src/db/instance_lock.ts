import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { isRunning, startOf, waitUntil } from './processes.ts';

/** Held by the one process that owns a data directory. */
export type InstanceLock = {
  /** Publishes where the owner can be reached; a second starter is told so. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
};

type Claim = { pid: number; started: string | null; held: boolean; address: string | null };

/** How long a starter waits for another one that came at the same moment to give way or to win. */
const TIE_LIMIT_MS = 5_000;

/** Locks that this process holds or asks for. */
const claimedHere = new Map<string, Claim>();

/**
 * Takes the lock `file`, or throws `already_running` (503) with the pid and the address of the owner. What a
 * process left behind that is gone (killed, or its id reused after a restart) does not count.
 *
 * Each process writes a claim of its own, `<file>.<pid>`, and then looks for others: of two, whoever looks
 * later sees the other, so never do both pass. One shared file could not do this: between judging it stale
 * and removing it, somebody else may have taken it.
 */
export async function takeInstanceLock(file: string): Promise<InstanceLock> {
  const here = claimedHere.get(file);
  if (here !== undefined) throw alreadyRunning(here);
  const claim: Claim = { pid: process.pid, started: null, held: false, address: null };
  claimedHere.set(file, claim);
  try {
    claim.started = await startOf(process.pid);
    await publish(file, claim);
    await refuseIfOthers(file);
    claim.held = true;
    await publish(file, claim);
  } catch (error) {
    await withdraw(file);
    throw error;
  }
  return {
    async announce(address) {
      claim.address = address;
      await publish(file, claim);
    },
    release: () => withdraw(file),
  };
}

/** Of those that ask at the same moment the lowest process id goes first; a holder goes before all. */
async function refuseIfOthers(file: string): Promise<void> {
  let winner: Claim | undefined;
  const settled = async () => {
    const others = await livingOthers(file);
    winner = others.find((other) => other.held || other.pid < process.pid);
    return winner !== undefined || others.length === 0;
  };
  if (await waitUntil(settled, TIE_LIMIT_MS)) {
    if (winner !== undefined) throw alreadyRunning(winner);
    return;
  }
  throw new AppError('already_running', `Another start on ${dirname(file)} does not get on.`, {
    status: 503,
  });
}

async function livingOthers(file: string): Promise<Claim[]> {
  const pattern = new RegExp(`^${RegExp.escape(basename(file))}\\.(\\d+)$`);
  const living: Claim[] = [];
  for (const name of await readdir(dirname(file))) {
    const pid = Number(pattern.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid) continue;
    const path = join(dirname(file), name);
    const claim = await readClaim(path, pid);
    if (claim !== undefined && (await isLiving(claim))) living.push(claim);
    // Only the process that wrote it could still want it, and that one is gone.
    else await rm(path, { force: true });
  }
  return living;
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
    return { pid, started: null, held: true, address: null };
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
    {
      status: 503,
      hint: 'Stop that process, or set TOUCHLINE_DATA_DIR to another directory.',
      extra: { pid, address },
    },
  );
}
