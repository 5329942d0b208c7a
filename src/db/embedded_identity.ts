import { type ExecFileOptions, execFile } from 'node:child_process';
import { lstat, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';

const run = promisify(execFile);

/** Child processes get none of our environment: it contains secrets, and PG* variables would change the server. */
export const CHILD_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * The user that runs the server. PostgreSQL refuses to run as root, so root uses another system user, or a user namespace
 * in which the process has another identity but still owns root's files.
 */
export type Identity = {
  /** Owner of the cluster's files; undefined = the current user. */
  owner: { uid: number; gid: number } | undefined;
  /** Wraps a command line so that it runs as this identity. */
  command(program: string, args: readonly string[]): { file: string; args: string[] };
  /** Options for `spawn`. */
  options: { uid?: number; gid?: number };
};

type Place = { data_dir: string; cluster_dir: string; postgres: string };

/**
 * Chooses an identity that can run `postgres` and reach `data_dir`. An existing cluster keeps its owner. Throws
 * `embedded_postgres_needs_access` (503) if none can.
 */
export async function chooseIdentity(place: Place): Promise<Identity> {
  if (process.getuid?.() !== 0) return self();
  for (const candidate of await rootCandidates(place.cluster_dir)) {
    const identity = await candidate();
    if (identity !== undefined && (await canReach(identity, place))) return identity;
  }
  throw new AppError(
    'embedded_postgres_needs_access',
    `PostgreSQL does not run as root, and no other user can reach ${place.data_dir} and ${place.postgres}.`,
    {
      hint:
        'Start Touchline as an ordinary user, or set TOUCHLINE_DATA_DIR to a directory (and install into one) ' +
        'that user "postgres" may enter, or set DATABASE_URL to an existing PostgreSQL.',
    },
  );
}

async function rootCandidates(cluster_dir: string): Promise<(() => Promise<Identity | undefined>)[]> {
  const owner = await lstat(cluster_dir).catch(() => undefined);
  if (owner?.uid === 0) return [namespace];
  if (owner !== undefined) return [async () => systemUser(owner.uid, owner.gid)];
  return [postgresUser, namespace];
}

function self(): Identity {
  return {
    owner: undefined,
    options: {},
    command: (file, args) => ({ file, args: [...args] }),
  };
}

function systemUser(uid: number, gid: number): Identity {
  return { ...self(), owner: { uid, gid }, options: { uid, gid } };
}

/** The system's user `postgres`, created if missing. It owns only the cluster's files. */
async function postgresUser(): Promise<Identity | undefined> {
  const found = await passwdEntry((entry) => entry.name === 'postgres');
  if (found !== undefined) return systemUser(found.uid, found.gid);
  const args = ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres'];
  await succeeds('useradd', args, { env: CHILD_ENV });
  const made = await passwdEntry((entry) => entry.name === 'postgres');
  return made && systemUser(made.uid, made.gid);
}

/**
 * In the namespace, root maps to an ordinary user, so the server starts, while the kernel still treats it as the owner of
 * root's files. This reaches a checkout in /root, which user `postgres` cannot enter.
 */
async function namespace(): Promise<Identity | undefined> {
  // initdb looks up its user by id, so the system must know that id.
  const named = await passwdEntry((entry) => entry.uid !== 0);
  if (process.platform !== 'linux' || named === undefined) return undefined;
  const wrap = ['--user', `--map-user=${named.uid}`, `--map-group=${named.gid}`, '--'];
  return {
    owner: { uid: 0, gid: 0 },
    options: {},
    command: (program, args) => ({ file: 'unshare', args: [...wrap, program, ...args] }),
  };
}

/** Tries access instead of reading mode bits, because ACLs, mounts, and missing kernel features also decide. */
async function canReach(identity: Identity, { postgres, data_dir }: Place): Promise<boolean> {
  const script = '"$1" --version && cd -P "$2"';
  const { file, args } = identity.command('/bin/sh', ['-c', script, 'sh', postgres, data_dir]);
  return succeeds(file, args, { ...identity.options, env: CHILD_ENV });
}

/** Whether a program ends with code 0. */
export function succeeds(file: string, args: readonly string[], options: ExecFileOptions): Promise<boolean> {
  return run(file, args, options).then(
    () => true,
    () => false,
  );
}

type PasswdEntry = { name: string; uid: number; gid: number };

async function passwdEntry(match: (entry: PasswdEntry) => boolean): Promise<PasswdEntry | undefined> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .find(match);
}
