import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeInstanceLock } from './instance_lock.ts';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lock-'));
  file = join(dir, 'touchline.lock');
});
afterEach(() => rm(dir, { recursive: true }));

/** An idle process to be named in a lock. */
function idleProcess() {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 60_000)'], { stdio: 'ignore' });
  const ended = new Promise((done) => child.once('exit', done));
  return { pid: child.pid as number, kill: () => child.kill('SIGKILL') && ended };
}

test('a second process learns which process holds the lock and where', async () => {
  const lock = await takeInstanceLock(file);
  await lock.announce('http://127.0.0.1:7300');
  await expect(takeInstanceLock(file)).rejects.toMatchObject({
    code: 'already_running',
    status: 503,
    message: expect.stringContaining(`process ${process.pid}; it answers at http://127.0.0.1:7300`),
    extra: { pid: process.pid, address: 'http://127.0.0.1:7300' },
  });
  await lock.release();
  await (await takeInstanceLock(file)).release();
  expect(await readdir(dir)).toEqual([]);
});

async function leaveClaim(pid: number, text?: string): Promise<void> {
  const claim = { pid, started: null, held: true, address: 'http://other' };
  await writeFile(`${file}.${pid}`, text ?? JSON.stringify(claim));
}

test('the lock of another running process holds until that process is killed', async () => {
  const other = idleProcess();
  await leaveClaim(other.pid);
  await expect(takeInstanceLock(file)).rejects.toMatchObject({
    extra: { pid: other.pid, address: 'http://other' },
  });
  expect(await readdir(dir)).toEqual([`touchline.lock.${other.pid}`]);
  await other.kill();
  const lock = await takeInstanceLock(file);
  expect(await readdir(dir)).toEqual([`touchline.lock.${process.pid}`]);
  await lock.release();
});

test('a damaged claim holds for as long as its process runs', async () => {
  const other = idleProcess();
  await leaveClaim(other.pid, '{"pid":');
  await expect(takeInstanceLock(file)).rejects.toMatchObject({ extra: { pid: other.pid } });
  await other.kill();
  await (await takeInstanceLock(file)).release();
});

test('a process that only reuses the id does not hold the lock', async () => {
  await leaveClaim(process.pid);
  await (await takeInstanceLock(file)).release();
  if (process.platform === 'linux') {
    await leaveClaim(1, JSON.stringify({ pid: 1, started: 'another boot/1', held: true, address: null }));
    await (await takeInstanceLock(file)).release();
  }
  expect(await readdir(dir)).toEqual([]);
});

test('of many processes that find a stale lock at once, one gets it', async () => {
  await leaveClaim(2 ** 22 + 1);
  const script = `
    import { takeInstanceLock } from ${JSON.stringify(new URL('./instance_lock.ts', import.meta.url).href)};
    const answer = await takeInstanceLock(${JSON.stringify(file)}).then(() => 'won', (error) => error.code);
    process.stdout.write(answer);
    process.stdin.resume().once('end', () => process.exit());
  `;
  const starters = Array.from({ length: 5 }, () => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script]);
    child.stderr.pipe(process.stderr);
    const answer = new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))));
    return { answer, end: () => child.stdin.end() };
  });
  const answers = await Promise.all(starters.map(({ answer }) => answer));
  for (const { end } of starters) end();
  expect(answers.toSorted()).toEqual([...Array(4).fill('already_running'), 'won']);
});
