import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;

export type Product = { url: string; sign_in_link: string; stop(): Promise<void> };

/** Builds the web pages from their source, as they are delivered: into a directory of one's own, or where they belong. */
export async function buildWeb(web_dir = join(ROOT, 'web/dist')): Promise<void> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--logLevel', 'error', '--outDir', web_dir, '--emptyOutDir'],
    {
      cwd: join(ROOT, 'web'),
    },
  );
}

/** Starts the product as a newcomer would, on a free port and with data of its own; `env` beside what that takes. */
export async function startProduct(env: Record<string, string> = {}): Promise<Product> {
  const data_dir = await mkdtemp(join(tmpdir(), 'touchline-e2e-'));
  const child = spawn(process.execPath, [join(ROOT, 'bin/touchline.mjs'), 'up'], {
    env: { PATH: process.env.PATH, HOME: data_dir, PORT: '0', TOUCHLINE_DATA_DIR: data_dir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(data_dir, { recursive: true, force: true });
  };
  try {
    const sign_in_link = await printedLink(child);
    return { url: new URL(sign_in_link).origin, sign_in_link, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the link in what the product prints. Rejects with all of that when it ends or takes too long. */
function printedLink(child: ReturnType<typeof spawn>): Promise<string> {
  let printed = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}; it printed:\n${printed}`));
    const timer = setTimeout(() => fail(`no sign-in link within ${START_MS} ms`), START_MS);
    const onText = (chunk: Buffer) => {
      printed += chunk.toString();
      const link = /http:\S+\/sign-in#\S+/.exec(printed)?.[0];
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
