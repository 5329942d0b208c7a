import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from './processes.ts';
import { APP_ROLE } from './roles.ts';

export type EmbeddedAddress = {
  /** Database `touchline` as its owner `touchline`, who is no superuser. */
  url: string;
  /** The same database as `touchline_app`, which owns nothing. */
  app_url: string;
};

/** How the embedded server is reached by whoever may read the data directory. */
export function embeddedAddress(password: string, port: number): EmbeddedAddress {
  const address = `127.0.0.1:${port}/touchline`;
  return {
    url: `postgresql://touchline:${password}@${address}`,
    app_url: `postgresql://${APP_ROLE}:${appPassword(password)}@${address}`,
  };
}

/** The application role's own password: it follows from the cluster's, and does not give it away. */
export function appPassword(password: string): string {
  return createHash('sha256').update(`${APP_ROLE} ${password}`).digest('base64url');
}

/** The server that runs on this data directory now, whoever started it; null where none does, or none that is ours to ask. */
export async function runningEmbedded(data_dir: string): Promise<EmbeddedAddress | null> {
  const read = (...path: string[]) => readFile(join(data_dir, ...path), 'utf8').catch(() => '');
  // The postmaster's own file: its process id, and on the fourth line its port.
  const lines = (await read('postgres', 'postmaster.pid')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  const password = (await read('postgres.password')).trim();
  if (!(pid > 0) || !(port > 0) || password === '' || !(await isRunning(pid))) return null;
  return embeddedAddress(password, port);
}
