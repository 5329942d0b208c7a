import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';

/**
 * The key for tokens and Message-IDs. Embedded mode makes it once and keeps it beside the data, readable by its owner only;
 * with another database it must be given, the same for every process.
 */
export async function readSecret(config: Config): Promise<string> {
  if (config.secret !== null) return config.secret;
  if (config.database_url !== null) {
    throw new AppError('secret_missing', 'TOUCHLINE_SECRET is required with DATABASE_URL.', {
      hint: 'Set it to a long random text, the same for every process. To create one: openssl rand -hex 32',
    });
  }
  return keptSecret(join(config.data_dir, 'secret'), 32);
}

/** A random text made on the first call and read on every later one. */
export async function keptSecret(file: string, bytes: number, prefix = ''): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null && kept.trim() !== '') return kept.trim();
  const secret = prefix + randomBytes(bytes).toString('base64url');
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
