import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { startTemporary } from './embedded_temporary.ts';
import { isRunning, waitUntil } from './processes.ts';

test('a temporary database leaves nothing behind, not even the files of a killed owner', async () => {
  const script = `
    import { startTemporary } from ${JSON.stringify(new URL('./embedded_temporary.ts', import.meta.url).href)};
    import pg from 'pg';
    const { admin_url } = await startTemporary();
    const client = new pg.Client({ connectionString: admin_url });
    await client.connect();
    const { rows } = await client.query("select split_part(pg_read_file('postmaster.pid'), E'\\\\n', 1) as pid");
    process.stdout.write(rows[0].pid);
  `;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: new URL('../..', import.meta.url).pathname,
  });
  owner.stderr.pipe(process.stderr);
  const server_pid = Number(await new Promise((done) => owner.stdout.once('data', done)));
  const ended = new Promise((done) => owner.once('exit', done));
  owner.kill('SIGKILL');
  await ended;
  const left = (names: string[]) =>
    names.filter((name) => name.startsWith(`touchline-temporary-${owner.pid}-`));
  expect(left(await readdir(tmpdir()))).toHaveLength(1);
  expect(await waitUntil(async () => !(await isRunning(server_pid)), 10_000), 'its guard ends it').toBe(true);

  const server = await startTemporary();
  expect(left(await readdir(tmpdir()))).toEqual([]);
  await server.stop();
  const own = (await readdir(tmpdir())).filter((name) =>
    name.startsWith(`touchline-temporary-${process.pid}-`),
  );
  expect(own).toEqual([]);
});
