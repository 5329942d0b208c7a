import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { startEmbedded } from './embedded.ts';

/** As on a machine with a busy disk: the server ends before its log is closed. */
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const open: typeof fs.open = async (...args) => {
    const file = await fs.open(...args);
    const close = file.close.bind(file);
    file.close = async () => {
      await sleep(300);
      await close();
    };
    return file;
  };
  return { ...fs, open };
});

test('the start reports at once a server that exits at once', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'embedded-exit-'));
  await chmod(parent, 0o755);
  const started = startEmbedded({ data_dir: join(parent, 'data'), settings: { no_such_setting: 'on' } });
  await expect(started).rejects.toMatchObject({ code: 'embedded_postgres_failed' });
  await rm(parent, { recursive: true });
});
