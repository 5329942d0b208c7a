import { execFile } from 'node:child_process';
import { lstat, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';

const run = promisify(execFile);

/** The children get no environment of ours: it holds secrets, and PG* variables would change the server. */
export const CHILD_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * Who the server runs as. PostgreSQL refuses to be root, so for root it is another user of the system, or
 * a user namespace, in which the process believes to be somebody else but still owns root's files.
 */
export type Identity = {
  kind: 'self' | 'user' | 'namespace';
  /** Owner for the files of the cluster; undefined = whoever we are. */
  owner: { uid: number; gid: number } | undefined;
  /** Wraps a command line so that it runs as this identity. */
  command(program: string, args: readonly string[]): { file: string; args: string[] };
  /** Options for `spawn`. */
  options: { uid?: number; gid?: number };
};

type Place = { data_dir: string; cluster_dir: string; postgres: string };

/**
 * Chooses the identity that can run `postgres` and reach `data_dir`. An existing cluster keeps its owner.
 * Throws `embedded_postgres_needs_access` (503) when nobody can.
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
    kind: 'self',
    owner: undefined,
    options: {},
    command: (file, args) => ({ file, args: [...args] }),
  };
}

function systemUser(uid: number, gid: number): Identity {
  return { ...self(), kind: 'user', owner: { uid, gid }, options: { uid, gid } };
}

/** The system's user `postgres`, made when there is none. It owns nothing but the files of the cluster. */
async function postgresUser(): Promise<Identity | undefined> {
  const found = await passwdEntry((entry) => entry.name === 'postgres');
  if (found !== undefined) return systemUser(found.uid, found.gid);
  const args = ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres'];
  await run('useradd', args, { env: CHILD_ENV }).catch(() => undefined);
  const made = await passwdEntry((entry) => entry.name === 'postgres');
  return made && systemUser(made.uid, made.gid);
}

/**
 * In the namespace root is mapped to an ordinary user, so the server starts, while to the kernel it stays
 * the owner of root's files. This reaches a checkout in /root, which user `postgres` cannot enter.
 */
async function namespace(): Promise<Identity | undefined> {
  // initdb looks its user up by id, so the id must be one that the system can name.
  const named = await passwdEntry((entry) => entry.uid !== 0);
  if (process.platform !== 'linux' || named === undefined) return undefined;
  const wrap = ['--user', `--map-user=${named.uid}`, `--map-group=${named.gid}`, '--'];
  return {
    kind: 'namespace',
    owner: { uid: 0, gid: 0 },
    options: {},
    command: (program, args) => ({ file: 'unshare', args: [...wrap, program, ...args] }),
  };
}

/** Tries it instead of reading mode bits: ACLs, mounts and missing kernel features answer as well. */
async function canReach(identity: Identity, { postgres, data_dir }: Place): Promise<boolean> {
  const script = '"$1" --version && cd -P "$2"';
  const { file, args } = identity.command('/bin/sh', ['-c', script, 'sh', postgres, data_dir]);
  return run(file, args, { ...identity.options, env: CHILD_ENV }).then(
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
