import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Only for this machine, and only while the benchmark runs. */
const SECRET = 'benchmark'.repeat(4);

/** The product's own `serve` in a separate process, as in production. */
export type Server = { url: string; stop(): Promise<void> };

/** Starts it on a free port, with `key` as its admin's key. Throws if it exits before it listens. */
export async function startServer(database_url: string, key: string): Promise<Server> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      NODE_ENV: 'production',
      DATABASE_URL: database_url,
      HOST: '127.0.0.1',
      PORT: '0',
      TOUCHLINE_ADMIN_KEY: key,
      TOUCHLINE_SECRET: SECRET,
      TOUCHLINE_LOG_LEVEL: 'warn',
    },
    // Its errors go to our stderr.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const takeAlong = () => void child.kill();
  process.once('exit', takeAlong);
  child.once('exit', () => void process.removeListener('exit', takeAlong));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const match = /serves at (http:\S+)\. /.exec(said);
        if (match !== null) resolve(match[1]!);
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`serve exited with code ${code}: ${said}`)));
    });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
