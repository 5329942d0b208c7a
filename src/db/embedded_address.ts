import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from './processes.ts';
import { APP_ROLE } from './roles.ts';

export type EmbeddedAddress = {
  /** Database `touchline` as its owner `touchline`, which is no superuser. */
  url: string;
  /** The same database as `touchline_app`, which owns nothing. */
  app_url: string;
};

/** The address of the embedded server, for a reader of the data directory. */
export function embeddedAddress(password: string, port: number): EmbeddedAddress {
  const address = `127.0.0.1:${port}/touchline`;
  return {
    url: `postgresql://touchline:${password}@${address}`,
    app_url: `postgresql://${APP_ROLE}:${appPassword(password)}@${address}`,
  };
}

/** The application role's password: derived from the cluster's, without revealing it. */
export function appPassword(password: string): string {
  return createHash('sha256').update(`${APP_ROLE} ${password}`).digest('base64url');
}

/** The server that runs on this data directory now, whichever process started it; null if none runs or it is not ours. */
export async function runningEmbedded(data_dir: string): Promise<EmbeddedAddress | null> {
  const read = (...path: string[]) => readFile(join(data_dir, ...path), 'utf8').catch(() => '');
  // The postmaster's own file: its process id, and its port on the fourth line.
  const lines = (await read('postgres', 'postmaster.pid')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  const password = (await read('postgres.password')).trim();
  if (!(pid > 0) || !(port > 0) || password === '' || !(await isRunning(pid))) return null;
  return embeddedAddress(password, port);
}
