import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;

export type Product = {
  url: string;
  sign_in_link: string;
  /** All output so far. */
  printed(): string;
  stop(): Promise<void>;
};

/** Directory of the built web app, rebuilt if a source is newer. */
export async function buildWeb(): Promise<string> {
  const dist = join(ROOT, 'web/dist');
  const built_ms = await modifiedMs(join(dist, 'index.html'));
  const sources = await readdir(join(ROOT, 'web'), { recursive: true });
  const changed_ms = await Promise.all(
    sources
      .filter((path) => /^(src|public|index\.html|package\.json|vite\.config\.ts)/.test(path))
      .map((path) => modifiedMs(join(ROOT, 'web', path))),
  );
  if (Math.max(...changed_ms) < built_ms) return dist;
  // Test files that start together may both build, and neither may see a half-built directory.
  const own = `${dist}.${process.pid}`;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--logLevel', 'error', '--outDir', own, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, args, { cwd: join(ROOT, 'web') });
  await rename(dist, `${own}.old`).catch(() => {});
  await rename(own, dist).catch(() => {});
  await Promise.all([own, `${own}.old`].map((dir) => rm(dir, { recursive: true, force: true })));
  return dist;
}

async function modifiedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Starts the product like a new user, on a free port and with its own data. `env` adds to the environment. */
export async function startProduct(env: Record<string, string> = {}): Promise<Product> {
  const data_dir = await mkdtemp(join(tmpdir(), 'touchline-e2e-'));
  const child = spawn(process.execPath, [join(ROOT, 'bin/touchline.mjs'), 'up'], {
    env: { PATH: process.env.PATH, HOME: data_dir, PORT: '0', TOUCHLINE_DATA_DIR: data_dir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
  const printed = () => output.join('');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(data_dir, { recursive: true, force: true });
  };
  try {
    const sign_in_link = await printedLink(child, printed);
    return { url: new URL(sign_in_link).origin, sign_in_link, printed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the printed sign-in link. Rejects with the output if the process ends or takes too long. */
function printedLink(child: ReturnType<typeof spawn>, printed: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}. Output:\n${printed()}`));
    const timer = setTimeout(() => fail(`no sign-in link within ${START_MS} ms`), START_MS);
    const onText = () => {
      const link = /http:\S+\/sign-in#\S+/.exec(printed())?.[0];
      if (link === undefined) return;
      clearTimeout(timer);
      resolve(link);
    };
    child.stdout?.on('data', onText);
    child.stderr?.on('data', onText);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`the product ended with ${code}`);
    });
  });
}
