import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbedded } from './embedded.ts';
import { orphanIn } from './embedded_server.ts';
import { isRunning, waitUntil } from './processes.ts';

/** Nothing here outlives its owner, so the disk need not be synced. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: '128MB',
};

const NAME = /^touchline-temporary-(\d+)-[0-9a-f]+$/;

/** A server for tests, tools, and benchmarks: `stop` deletes it with all its data. Not durable. */
export async function startTemporary(
  settings: Readonly<Record<string, string>> = {},
): Promise<Pick<EmbeddedPostgres, 'url' | 'app_url' | 'admin_url' | 'stop'>> {
  await sweepLeftovers();
  const data_dir = join(tmpdir(), `touchline-temporary-${process.pid}-${randomBytes(4).toString('hex')}`);
  const server = await startEmbedded({ data_dir, settings: { ...SETTINGS, ...settings } });
  return {
    url: server.url,
    app_url: server.app_url,
    admin_url: server.admin_url,
    stop: () => server.stop().finally(() => rm(data_dir, { recursive: true, force: true })),
  };
}

/** A killed owner leaves its server and directory behind; the next start removes them. */
async function sweepLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(NAME.exec(name)?.[1] ?? process.pid);
    if (owner === process.pid || (await isRunning(owner))) continue;
    const dir = join(tmpdir(), name);
    const pid = await orphanIn(join(dir, 'postgres'));
    if (pid !== null) {
      process.kill(pid, 'SIGQUIT');
      await waitUntil(async () => !(await isRunning(pid)), 5_000);
    }
    await rm(dir, { recursive: true, force: true }).catch(() => undefined);
  }
}
