import { Readable, Writable } from 'node:stream';
import { type Config, readConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { type Builtin, runCli } from '../../src/surfaces/cli.ts';
import { REGISTRY } from './ball_operations.ts';

/** The arguments of each call of the built-in command `up` in these tests. */
export const ran: unknown[] = [];
export const builtin: Record<string, Builtin> = {
  up: {
    summary: 'Starts everything.',
    options: { speed: 'seconds a second' },
    run: async (options) => {
      ran.push(options);
      return 0;
    },
  },
  doctor: { summary: 'Looks.', options: {}, flags: { json: 'as JSON' }, run: keeping },
  finish: {
    summary: 'Runs to a line.',
    options: {},
    argument: { name: 'line', choices: ['first', 'last'] },
    run: keeping,
  },
  serve: {
    summary: 'Serves.',
    options: {},
    run: async () => {
      throw new AppError('port_taken', 'The port is taken.', { status: 503, hint: 'Set PORT.' });
    },
  },
};

async function keeping(options: unknown): Promise<number> {
  ran.push(options);
  return 0;
}

type Settings = { config?: Partial<Config>; stdin?: string; is_tty?: boolean; columns?: number };

/** Returns a function that runs one command line in this environment and captures its output. */
export function terminal(environment: Partial<Config>, registry: readonly Operation[] = REGISTRY) {
  return async (line: string | string[], settings: Settings = {}) => {
    const { config, stdin = '', is_tty = false, columns = 0 } = settings;
    const [out, err] = [sink(), sink()];
    const words = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
    const input = Readable.from([Buffer.from(stdin)]);
    const code = await runCli(words, {
      registry,
      builtin,
      readConfig: () => ({ ...readConfig({}), ...environment, ...config }),
      io: { stdout: out.stream, stderr: err.stream, stdin: input, is_tty, columns },
    });
    return { code, out: out.text(), err: err.text() };
  };
}

export function sink() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
